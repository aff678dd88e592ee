"""Facts about states: their reads and comparisons, and the environments in which they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Root, Steps
from constructs_ml.lint.dataflow.change import assume_present
from constructs_ml.lint.dataflow.lookup import Found, find
from constructs_ml.lint.dataflow.shape import ANYTHING, EMPTY, Scalar, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.definition import State


@dataclass(frozen=True, slots=True)
class Read:
    """A path that a state reads.

    Attributes:
        state: The state.
        member: The field that holds it: ``Choices[0].Variable``.
        text: The path as written.
        root: The root that it starts in.
        steps: Its steps.
        found: The result of evaluating it.
        needed: Whether the state fails if it leads to nothing.
    """

    state: State
    member: str
    text: str
    root: Root
    steps: Steps
    found: Found
    needed: bool


Places = frozenset[tuple["Root", "Steps"]]
NOWHERE: Places = frozenset()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of a path with a value.

    Attributes:
        state: The state.
        member: The field that holds it.
        text: The path as written.
        scalar: The shape of its value.
        operator: The operator: ``StringEquals``, ``=``.
        value: The value.
    """

    state: State
    member: str
    text: str
    scalar: Scalar
    operator: str
    value: object


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function that JSONata does not have.

    Attributes:
        state: The state.
        member: The field that holds it.
        name: Its name, without the ``$``.
    """

    state: State
    member: str
    name: str


@dataclass(frozen=True, slots=True)
class TypeMismatch:
    """A value whose type a field cannot use.

    Attributes:
        state: The state.
        member: The field.
        text: The path to the value as written.
        shape: The shape of the value.
    """

    state: State
    member: str
    text: str
    shape: Shape


@dataclass(slots=True)
class Facts:
    """The facts about one state.

    Attributes:
        state: The state.
        reads: The paths that it reads.
        comparisons: Its comparisons.
        unknown: Its calls of functions that do not exist.
        tested: The paths whose presence it tests.
        no_objects: The values other than objects that it writes results into.
        no_items: The values without items that it iterates over.
        gives: The certain results of its paths, calls and expressions, by field.
    """

    state: State
    reads: list[Read] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    unknown: list[Call] = field(default_factory=list)
    tested: set[tuple[Root, Steps]] = field(default_factory=set)
    no_objects: list[TypeMismatch] = field(default_factory=list)
    no_items: list[TypeMismatch] = field(default_factory=list)
    gives: dict[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Environment:
    """The values that paths in a field of a state can start in.

    Attributes:
        roots: The available values, by root. Other roots cannot be read in the field.
        facts: The collector of the state's facts.
        start: The root of ``$``.
        mapping: Whether names map over the items of a list, as in JSONata.
    """

    roots: Mapping[Root, Shape]
    facts: Facts
    start: Root = Root.INPUT
    mapping: bool = False

    def starting_in(self, root: Root, shape: Shape) -> Environment:
        """Return an environment with another value for ``$``."""
        return Environment({**self.roots, root: shape}, self.facts, root, self.mapping)

    def seeing(self, root: Root, shape: Shape) -> Environment:
        """Return an environment with one more value."""
        return Environment({**self.roots, root: shape}, self.facts, self.start, self.mapping)

    def where(self, places: Places) -> Environment:
        """Return an environment in which these paths lead to something."""
        roots = dict(self.roots)
        for root, steps in places:
            if root in roots:
                roots[root] = assume_present(roots[root], steps)
        return Environment(roots, self.facts, self.start, self.mapping)

    def test(self, root: Root, steps: Steps) -> Found:
        """Evaluate a path, and record that the state tests its presence."""
        root = self.start if root is Root.INPUT else root
        self.facts.tested.add((root, steps))
        return find(self.roots.get(root, ANYTHING), steps, mapping=self.mapping)

    def read(self, root: Root, steps: Steps, member: str, text: str, *, needed: bool) -> Found:
        """Evaluate a path, and record that the state reads it."""
        root = self.start if root is Root.INPUT else root
        found = find(self.roots.get(root, EMPTY if root is Root.STATES else ANYTHING), steps, mapping=self.mapping)
        self.facts.reads.append(Read(self.facts.state, member, text, root, steps, found, needed))
        return found
