"""Reader for the paths of JSONata expressions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Root, to_jsonata
from constructs_ml.lint.dataflow.jsonata_functions import GIVES
from constructs_ml.lint.dataflow.lookup import Outcome, find
from constructs_ml.lint.dataflow.reaches import place_of, reach_of
from constructs_ml.lint.dataflow.shape import ANYTHING, Member, Object, Presence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.asl.jsonpath import Steps
    from constructs_ml.lint.dataflow.jsonata import Node, Parsed
    from constructs_ml.lint.dataflow.reaches import Reach
    from constructs_ml.lint.dataflow.reads import Environment
    from constructs_ml.lint.dataflow.shape import Shape


class Want(Enum):
    """The purpose for which an expression is read."""

    NEEDED = "needed"
    """If it yields nothing, the state fails."""
    USED = "used"
    """If it yields nothing, the state continues with another value."""
    TESTED = "tested"
    """It is read to test whether it yields a value."""


@dataclass(frozen=True, slots=True)
class Value:
    """The result of an expression.

    Attributes:
        shape: The shape of the value.
        outcome: Whether there is a value.
        presence: The presence of a value that may be missing.
        lack: The branch on which it is missing, for messages.
    """

    shape: Shape = ANYTHING
    outcome: Outcome = Outcome.UNKNOWN
    presence: Presence = Presence.UNKNOWN
    lack: str = ""

    def as_member(self) -> Member:
        """Return the value as a member of an object."""
        if self.outcome is Outcome.MAYBE:
            return Member(self.shape, self.presence, self.lack)
        return Member(self.shape, Presence.ALWAYS if self.outcome is Outcome.THERE else Presence.UNKNOWN)


UNKNOWN = Value()
NOWHERE = ""
"""The step that stands for nothing: a path without a variable, outside of other paths, starts in it."""


class PathReader:
    """A reader for the paths of an expression.

    Args:
        parsed: The expression.
        environment: The values that its paths can start in.
        member: The field that holds it.
    """

    def __init__(self, parsed: Parsed, environment: Environment, member: str) -> None:
        self._parsed, self._member, self._environment = parsed, member, environment
        self._locals: dict[str, Value] = {}
        self._relative = 0

    def _value(self, node: Node, want: Want) -> Value:
        raise NotImplementedError

    def _all(self, nodes: Iterable[Node | None], *, relative: bool = False) -> None:
        """Record the reads of expressions about which nothing else is known.

        Args:
            nodes: The expressions; None is skipped.
            relative: Whether their names are evaluated on another value than the whole expression.
        """
        self._relative += relative
        for node in nodes:
            if node is not None:
                self._value(node, Want.USED)
        self._relative -= relative

    def _name(self, value: object) -> str:
        """Return the original of a name or a string in the tree."""
        return self._parsed.taken.get(str(value), str(value))

    def _path(self, node: Node, want: Want) -> Value:
        reach = reach_of(node, self._parsed.taken)
        self._all(reach.inner, relative=True)
        start = reach.start
        if start.type == "variable" and start.value in self._locals:
            return self._walked(self._locals[start.value], reach)
        if start.type not in {"variable", "name"}:
            return self._walked(self._value(start, Want.USED), reach)
        place = place_of(reach)
        if place is None:
            self._bare(reach)
            return UNKNOWN
        if self._is_function(start.value):
            return UNKNOWN
        return self._read(*place, reach, want)

    def _is_function(self, name: str) -> bool:
        """Return whether a variable is one of the built-in functions."""
        variables = self._environment.roots.get(Root.VARIABLE)
        return name in GIVES and not (isinstance(variables, Object) and name in variables.members)

    def _walked(self, value: Value, reach: Reach) -> Value:
        """Evaluate the remaining steps of a path on a value."""
        found = find(value.shape, reach.steps, mapping=True)
        if not reach.whole or found.outcome is Outcome.NEVER:
            return UNKNOWN
        if value.outcome is not Outcome.THERE:
            return Value(found.shape)
        return Value(found.shape, found.outcome, found.presence, found.lack)

    def _bare(self, reach: Reach) -> None:
        """Record ``day``, ``$.day`` and ``$$.day``, which have no value to start in.

        Source: the Amazon States Language, "JSONata": expressions must not begin with ``$``, ``$$`` or a name.
        """
        is_states = reach.start.type == "variable" and reach.start.value not in {"", "$"}
        if not self._relative and not is_states:
            begin = self._name(reach.start.value) if reach.start.type == "name" else f"${reach.start.value}"
            rest = to_jsonata(Root.STATES, reach.steps).removeprefix("$states")
            self._environment.read(Root.STATES, (NOWHERE, begin, *reach.steps), self._member, begin + rest, needed=True)

    def _read(self, root: Root, steps: Steps, reach: Reach, want: Want) -> Value:
        text = to_jsonata(root, steps)
        if root not in self._environment.roots and root is not Root.STATES:
            root, steps = Root.STATES, (root.value, *steps)
        if want is Want.TESTED and root is not Root.STATES:
            found = self._environment.test(root, steps)
        else:
            found = self._environment.read(root, steps, self._member, text, needed=want is Want.NEEDED)
        if not reach.whole or found.outcome is Outcome.NEVER:
            return UNKNOWN
        proven = want is Want.NEEDED and found.outcome is Outcome.MAYBE
        return Value(found.shape, Outcome.THERE if proven else found.outcome, found.presence, found.lack)
