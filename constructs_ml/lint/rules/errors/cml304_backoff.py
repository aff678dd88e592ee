"""CML304."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.handlers import retriers
from constructs_ml.asl.schema import Field, Kind
from constructs_ml.asl.value_kinds import fault
from constructs_ml.asl.values import is_number
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine

_TRAIN = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Train", "End": True}
_BUSY = {"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 60}
_LONGEST = 99_999_999
_YEAR = 31_622_400
_FIELDS = {
    "IntervalSeconds": Field(Kind.COUNT, least=1, most=_LONGEST),
    "MaxAttempts": Field(Kind.COUNT, least=0, most=_LONGEST),
    "BackoffRate": Field(Kind.NUMBER, least=1),
    "MaxDelaySeconds": Field(Kind.COUNT, least=1, most=_YEAR),
    "JitterStrategy": Field(Kind.TEXT, values=("FULL", "NONE")),
}


@rule(
    "CML304",
    title="The delays of a Retry are valid, and grow",
    reason="Step Functions refuses values out of range. A MaxDelaySeconds below IntervalSeconds makes every delay "
    'shorter than the intended first one. Source: "Handling errors in Step Functions workflows".',
    bad={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [{**_BUSY, "MaxDelaySeconds": 30}]}}},
    good={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [{**_BUSY, "MaxDelaySeconds": 600}]}}},
)
def backoff(machine: Machine) -> Iterator[Violation]:
    """Numbers of retriers that are out of range, or contradict each other."""
    for state in machine.states:
        for retrier in retriers(state):
            wrong = {name: fault(_FIELDS[name], value, None) for name, value in retrier.body.items() if name in _FIELDS}
            for name, found in wrong.items():
                if found:
                    yield Violation(state.name, f"{retrier.member}.{name}", *found)
            if not wrong.get("MaxDelaySeconds") and not wrong.get("IntervalSeconds"):
                yield from _of_delay(state.name, retrier.member, retrier.body)


def _of_delay(state: str, member: str, body: Mapping[str, Any]) -> Iterator[Violation]:
    interval, longest = body.get("IntervalSeconds", 1), body.get("MaxDelaySeconds")
    if not is_number(interval) or not is_number(longest) or longest > interval:
        return
    path = f"{member}.MaxDelaySeconds"
    if longest < interval:
        fix = f"write more than {interval}, or a shorter IntervalSeconds"
        yield Violation(state, path, f"is {longest}, which is less than IntervalSeconds ({interval})", fix)
    elif body.get("BackoffRate", 2) != 1:
        problem = f"is {longest}, which is not more than IntervalSeconds: the delays do not grow"
        yield Violation(state, path, problem, f"write more than {interval}, or BackoffRate: 1", Severity.WARNING)
