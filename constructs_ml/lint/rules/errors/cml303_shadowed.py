"""CML303."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import ALL, TASK_FAILED, catchers, retriers
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.error_names import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.handlers import Handler
    from constructs_ml.asl.machine import Machine

_TRAIN = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Train", "End": True}
_FAILED = {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}
_BUSY = {"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 6}


@rule(
    "CML303",
    title="No retrier or catcher follows one that matches all its errors",
    reason="The first entry that matches an error applies, so the later one never does. States.TaskFailed matches "
    'every error except States.Timeout. Source: "Handling errors in Step Functions workflows".',
    bad={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [_FAILED, _BUSY]}}},
    good={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [_BUSY, _FAILED]}}},
)
def shadowed(machine: Machine) -> Iterator[Violation]:
    """Entries whose errors are all matched by earlier ones."""
    for state in machine.states:
        for handlers in (retriers(state), catchers(state)):
            for at, handler in enumerate(handlers):
                earlier = [other for other in handlers[:at] if ALL not in other.errors]
                takers = [_taker(name, earlier) for name in handler.errors]
                if takers and all(takers) and len(takers) == len(handler.body["ErrorEquals"]):
                    names = " and ".join(dict.fromkeys(other.member for other in takers if other))
                    problem = f"never applies: {names} matches all its errors"
                    yield Violation(state.name, handler.member, problem, "move it to the front")


def _taker(name: str, earlier: list[Handler]) -> Handler | None:
    """Return the earlier entry that an error matches.

    Sources disagree on whether States.TaskFailed matches other errors of Step Functions itself.
    """
    for other in earlier:
        if name in other.errors or (TASK_FAILED in other.errors and not name.startswith(RESERVED)):
            return other
    return None
