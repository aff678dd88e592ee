"""Facts about states: what they read, and whether it is there; the environments that they read in."""

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
        member: The field that it stands in: ``Choices[0].Variable``.
        text: The path, as it is written.
        root: What it starts in.
        steps: Its steps.
        found: What it leads to.
        needed: Whether the state fails where it leads to nothing.
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
    """A value that a state compares what it reads with.

    Attributes:
        state: The state.
        member: The field that it stands in.
        text: The path that is read, as it is written.
        scalar: What it leads to.
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
    """A function that JSONata does not have.

    Attributes:
        state: The state.
        member: The field that it stands in.
        name: Its name, without the ``$``.
    """

    state: State
    member: str
    name: str


@dataclass(frozen=True, slots=True)
class TypeMismatch:
    """A value of a type that a field of a state cannot use.

    Attributes:
        state: The state.
        member: The field.
        text: The path to the value, as it is written.
        shape: What the value is.
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
        reads: What it reads.
        comparisons: What it compares.
        unknown: The functions that it calls and that there are not.
        tested: The paths of which it sees whether they lead to something.
        no_objects: What it puts a result into that is no object.
        no_items: What it goes through that has no items.
        gives: What its paths, calls and expressions give, of those of which it is certain, by the field that they stand in.
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
        roots: What is at hand, by root. What is not in it cannot be read in that field.
        facts: Collects what is read.
        start: What ``$`` is.
        mapping: Whether names are looked up in each item of a list, as in JSONata.
    """

    roots: Mapping[Root, Shape]
    facts: Facts
    start: Root = Root.INPUT
    mapping: bool = False

    def starting_in(self, root: Root, shape: Shape) -> Environment:
        """The same where ``$`` is something else."""
        return Environment({**self.roots, root: shape}, self.facts, root, self.mapping)

    def seeing(self, root: Root, shape: Shape) -> Environment:
        """The same where something else is at hand too."""
        return Environment({**self.roots, root: shape}, self.facts, self.start, self.mapping)

    def where(self, places: Places) -> Environment:
        """The same where these paths lead to something."""
        roots = dict(self.roots)
        for root, steps in places:
            if root in roots:
                roots[root] = assume_present(roots[root], steps)
        return Environment(roots, self.facts, self.start, self.mapping)

    def test(self, root: Root, steps: Steps) -> Found:
        """What a path leads to, and notes that the state sees whether it leads to anything."""
        root = self.start if root is Root.INPUT else root
        self.facts.tested.add((root, steps))
        return find(self.roots.get(root, ANYTHING), steps, mapping=self.mapping)

    def read(self, root: Root, steps: Steps, member: str, text: str, *, needed: bool) -> Found:
        """What a path leads to, and notes that it is read."""
        root = self.start if root is Root.INPUT else root
        found = find(self.roots.get(root, EMPTY if root is Root.STATES else ANYTHING), steps, mapping=self.mapping)
        self.facts.reads.append(Read(self.facts.state, member, text, root, steps, found, needed))
        return found
