"""CML302."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import ALL, catchers, retriers
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_TRAIN = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Train", "End": True}
_ALL = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}
_BUSY = {"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 6}


@rule(
    "CML302",
    title="States.ALL is alone in its entry, which is the last",
    reason="It matches every error, so entries after it never apply: Step Functions refuses a Retry or a Catch in "
    'which it is not the only error of the last entry. Source: the Amazon States Language, "Errors".',
    bad={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [_ALL, _BUSY]}}},
    good={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [_BUSY, _ALL]}}},
)
def all_last(machine: Machine) -> Iterator[Violation]:
    """States.ALL combined with other errors, or before other entries."""
    for state in machine.states:
        for handlers in (retriers(state), catchers(state)):
            for at, handler in enumerate(handlers):
                if ALL not in handler.errors:
                    continue
                if len(handler.body["ErrorEquals"]) > 1:
                    yield Violation(
                        state.name,
                        handler.path(ALL),
                        f"is {ALL}, combined with other errors",
                        "give it an entry of its own",
                    )
                elif at + 1 < len(handlers):
                    rest = len(handlers) - at - 1
                    problem = f"is {ALL}, before {rest} other {'entry' if rest == 1 else 'entries'}"
                    yield Violation(state.name, handler.path(ALL), problem, "move its entry to the end")
