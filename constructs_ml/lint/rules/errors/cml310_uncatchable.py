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
    title="No Catch names States.Runtime",
    reason="It always fails the execution, whatever Catch names it: missing paths in InputPath, OutputPath or a "
    'Choice have to be prevented. Source: "Handling errors in Step Functions workflows".',
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
                problem = f"names {_RUNTIME}, which cannot be caught: the execution fails"
                fix = "remove it; test paths that may be missing with IsPresent"
                # An entry that still serves for its other errors does no harm.
                severity = Severity.ERROR if set(handler.errors) == {_RUNTIME} else Severity.WARNING
                yield Violation(state.name, handler.path(_RUNTIME), problem, fix, severity)
