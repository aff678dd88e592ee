"""CML310."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import catchers
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_TRAIN = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Train", "End": True}
_FAILED = {"Type": "Fail", "Error": "Train", "Cause": "the model could not be trained"}
_RUNTIME = "States.Runtime"


@rule(
    "CML310",
    title="States.Runtime is not caught",
    reason="It always makes the execution fail, whatever catches it: a path that is not there in InputPath, OutputPath "
    'or a Choice is to be kept from arising. Source: "Handling errors in Step Functions workflows".',
    bad={
        "StartAt": "Train",
        "States": {"Train": {**_TRAIN, "Catch": [{"ErrorEquals": [_RUNTIME], "Next": "Failed"}]}, "Failed": _FAILED},
    },
    good={
        "StartAt": "Train",
        "States": {
            "Train": {**_TRAIN, "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Failed"}]},
            "Failed": _FAILED,
        },
    },
)
def uncatchable(machine: Machine) -> Iterator[Violation]:
    """Catchers of the error that nothing catches."""
    for state in machine.states:
        for handler in catchers(state):
            if _RUNTIME in handler.errors:
                problem = f"catches {_RUNTIME}, which nothing catches: the execution fails"
                fix = "take it out; test with IsPresent what may not be there"
                # An entry that is of use for its other errors does no harm.
                severity = Severity.ERROR if set(handler.errors) == {_RUNTIME} else Severity.WARNING
                yield Violation(state.name, handler.path(_RUNTIME), problem, fix, severity)
