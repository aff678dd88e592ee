"""The abstract state: the facts known on entry to a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.lint.dataflow.change import with_member
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    EMPTY,
    NUMBER,
    OPEN,
    STRING,
    Member,
    MissingFrom,
    Object,
    Presence,
    Shape,
    join,
    object_of,
)

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State


@dataclass(frozen=True, slots=True, order=True)
class LastBranch:
    """The last branch on the path to a state.

    Attributes:
        caught: Whether it was a caught error.
        label: Its name in messages: ``Catch[0] of Train``; empty if there was no branch.
    """

    caught: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class AbstractState:
    """The facts known on entry to a state.

    Attributes:
        input: Its input.
        variables: The variables in scope.
        branch: The last branch on the path.
        item: The current item of the innermost Map; None outside of Maps.
    """

    input: Shape
    variables: Shape = EMPTY
    branch: LastBranch = LastBranch()
    item: Shape | None = None

    def joined(self, other: AbstractState) -> AbstractState:
        """Return the join of two abstract states, where two paths meet."""
        # A member that the execution's input may hold is certainly missing only if an error bypassed the state that
        # writes it: in a loop, or where a Choice bypasses it, the workflow may rely on the input.
        lacks = MissingFrom(self.branch.label, other.branch.label, self.branch.caught, other.branch.caught)
        return AbstractState(
            join(self.input, other.input, lacks),
            join(self.variables, other.variables, lacks),
            min(self.branch, other.branch),
            self.item if self.item is None or other.item is None else join(self.item, other.item, lacks),
        )

    def unknown(self) -> AbstractState:
        """Return the same state with nothing known about any value."""
        return AbstractState(ANYTHING, OPEN, self.branch, None if self.item is None else ANYTHING)


# The context object, as far as it is the same for all executions.
#
# Source: the Step Functions developer guide, "Accessing execution data from the Context object".

_UNKNOWN = Presence.UNKNOWN


def context_of(state: State, item: Shape | None) -> Shape:
    """Return the context object as a state sees it.

    Args:
        state: The state.
        item: The item of the enclosing iteration, or of the Map's own ItemSelector; None if there is none.
    """
    context = _WITH_TOKEN if _has_token(state) else _PLAIN
    if item is None:
        return context
    one: dict[str, Shape | Member] = {
        "Index": NUMBER,
        "Key": Member(STRING, _UNKNOWN),
        "Source": Member(STRING, _UNKNOWN),
        "Value": item,
    }
    return with_member(context, "Map", Member(object_of({"Item": object_of(one)})))


def _has_token(state: State) -> bool:
    """Return whether a state may have a task token, also one that waits for a job or has an unknown resource."""
    resource = state.body.get("Resource")
    return state.type == "Task" and (not isinstance(resource, str) or any(mark in resource for mark in _TOKEN_MARKS))


_TOKEN_MARKS = (".waitForTaskToken", ".sync", ":activity:", "${")
_EXECUTION: dict[str, Shape | Member] = {
    "Id": STRING,
    "Input": ANYTHING,
    "Name": STRING,
    "RedriveCount": NUMBER,
    "RedriveTime": Member(STRING, _UNKNOWN),
    "RoleArn": STRING,
    "StartTime": STRING,
}
_MEMBERS: dict[str, Shape] = {
    "Execution": object_of(_EXECUTION),
    "State": object_of({"EnteredTime": STRING, "Name": STRING, "RetryCount": Member(NUMBER, _UNKNOWN)}),
    "StateMachine": object_of({"Id": STRING, "Name": STRING}),
}
_PLAIN = Object({name: Member(shape) for name, shape in _MEMBERS.items()}, depth=2)
_WITH_TOKEN = with_member(_PLAIN, "Task", Member(object_of({"Token": STRING})))
