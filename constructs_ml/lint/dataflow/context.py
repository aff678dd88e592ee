"""The context object, as far as it is the same for all executions.

Source: the Step Functions developer guide, "Accessing execution data from the Context object".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.dataflow.change import with_member
from constructs_ml.lint.dataflow.shape import ANYTHING, NUMBER, STRING, Member, Object, Presence, Shape, object_of

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State

_UNSURE = Presence.UNSURE


def context_of(state: State, item: Shape | None) -> Shape:
    """The context object as a state sees it.

    Args:
        state: The state.
        item: The item that an iteration around it, or its own selection of items, is about; None if there is none.
    """
    context = _WITH_TOKEN if _has_token(state) else _PLAIN
    if item is None:
        return context
    one: dict[str, Shape | Member] = {
        "Index": NUMBER,
        "Key": Member(STRING, _UNSURE),
        "Source": Member(STRING, _UNSURE),
        "Value": item,
    }
    return with_member(context, "Map", Member(object_of({"Item": object_of(one)})))


def _has_token(state: State) -> bool:
    """Whether a state has a task token: also one that waits for a job has. An activity may, and what is not known yet."""
    resource = state.body.get("Resource")
    return state.type == "Task" and (not isinstance(resource, str) or any(mark in resource for mark in _TOKEN_MARKS))


_TOKEN_MARKS = (".waitForTaskToken", ".sync", ":activity:", "${")
_EXECUTION: dict[str, Shape | Member] = {
    "Id": STRING,
    "Input": ANYTHING,
    "Name": STRING,
    "RedriveCount": NUMBER,
    "RedriveTime": Member(STRING, _UNSURE),
    "RoleArn": STRING,
    "StartTime": STRING,
}
_MEMBERS: dict[str, Shape] = {
    "Execution": object_of(_EXECUTION),
    "State": object_of({"EnteredTime": STRING, "Name": STRING, "RetryCount": Member(NUMBER, _UNSURE)}),
    "StateMachine": object_of({"Id": STRING, "Name": STRING}),
}
_PLAIN = Object({name: Member(shape) for name, shape in _MEMBERS.items()}, depth=2)
_WITH_TOKEN = with_member(_PLAIN, "Task", Member(object_of({"Token": STRING})))
