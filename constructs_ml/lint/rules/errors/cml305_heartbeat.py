"""CML305."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.values import is_later, is_number
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine

_ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:us-east-1:111122223333:activity:Approve",
    "TimeoutSeconds": 3600,
    "End": True,
}


@rule(
    "CML305",
    title="A heartbeat is shorter than the timeout, and someone can send it",
    reason="HeartbeatSeconds must be smaller than TimeoutSeconds, or the definition is refused. A heartbeat is sent "
    'with a task token, which only activities and integrations with .waitForTaskToken or .sync have. Source: "Task '
    'workflow state" and SendTaskHeartbeat of the Step Functions API.',
    bad={"StartAt": "Approve", "States": {"Approve": {**_ASK, "HeartbeatSeconds": 7200}}},
    good={"StartAt": "Approve", "States": {"Approve": {**_ASK, "HeartbeatSeconds": 600}}},
)
def heartbeat(machine: Machine) -> Iterator[Violation]:
    """Heartbeats that are longer than the timeout, or that nobody can send."""
    for state in machine.states:
        if state.type != "Task":
            continue
        beat, timeout = state.body.get("HeartbeatSeconds"), state.body.get("TimeoutSeconds")
        if is_number(beat) and is_number(timeout) and beat >= timeout > 0:
            problem = f"is {beat}, which is not less than TimeoutSeconds ({timeout})"
            yield Violation(state.name, "HeartbeatSeconds", problem, f"write less than {timeout}")
        for name in ("HeartbeatSeconds", "HeartbeatSecondsPath"):
            if name in state.body and _has_no_token(state):
                problem = "waits for heartbeats, but this task has no token with which to send them"
                yield Violation(state.name, name, problem, _instead(state), Severity.WARNING)


def _instead(state: State) -> str:
    if "TimeoutSeconds" in state.body or "TimeoutSecondsPath" in state.body:
        return "remove it: the timeout applies without it; or wait for the token"
    return "write TimeoutSeconds, or wait for the token"


def _has_no_token(state: State) -> bool:
    """Return whether a task ends when its call returns: an integration that does not wait, or a Lambda function."""
    resource = state.body.get("Resource")
    if not isinstance(resource, str):
        return False
    call = integration_of(state)
    if call:
        return not call.pattern and not is_later(state.resource)
    return not is_later(resource) and resource.startswith("arn:") and ":lambda:" in resource
