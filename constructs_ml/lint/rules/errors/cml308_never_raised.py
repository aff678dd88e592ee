"""CML308."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import catchers, retriers
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.error_names import RAISED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine

_TRAIN = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Train", "End": True}
_FAILED = {"Type": "Fail", "Error": "Train", "Cause": "the model could not be trained"}


@rule(
    "CML308",
    title="Errors that are retried or caught can occur in the state",
    reason="Some errors occur only in states of one type: in another state, that name never matches. Source: "
    '"Handling errors in Step Functions workflows".',
    bad={
        "StartAt": "Train",
        "States": {
            "Train": {**_TRAIN, "Catch": [{"ErrorEquals": ["States.BranchFailed"], "Next": "Failed"}]},
            "Failed": _FAILED,
        },
    },
    good={
        "StartAt": "Train",
        "States": {
            "Train": {**_TRAIN, "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Failed"}]},
            "Failed": _FAILED,
        },
    },
)
def never_raised(machine: Machine) -> Iterator[Violation]:
    """Errors that occur only in other types of states."""
    for state in machine.states:
        for handler in (*retriers(state), *catchers(state)):
            never = [
                name for name in dict.fromkeys(handler.errors) if name in RAISED_BY and not _may_raise(state, name)
            ]
            # An entry that still serves for its other errors does no harm.
            severity = Severity.ERROR if len(never) == len(set(handler.errors)) else Severity.WARNING
            for name in never:
                kind = RAISED_BY[name][0]
                problem = f"is {name}, which occurs only in a {kind} state"
                yield Violation(
                    state.name, handler.path(name), problem, "name an error that this state can raise", severity
                )


def _may_raise(state: State, name: str) -> bool:
    """Return whether an error can occur in a state or in one inside it."""
    inside = (inner for scope in state.inner for inner in scope.walk())
    return any(other.type in RAISED_BY[name] for other in (state, *inside))
