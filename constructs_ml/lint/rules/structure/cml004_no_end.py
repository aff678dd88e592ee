"""CML004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.transitions import trapped
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine


@rule(
    "CML004",
    title="From every state an end can be reached",
    reason="States that lead only to each other run until the execution has 25,000 events or has timed out, and fail "
    'then; a definition without a terminal state is refused. Source: the Amazon States Language, "Transitions"; '
    "the quotas of Step Functions.",
    bad={
        "StartAt": "Look",
        "States": {
            "Look": {"Type": "Pass", "Next": "CoolDown"},
            "CoolDown": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
        },
    },
    good={
        "StartAt": "Look",
        "States": {
            "Look": {"Type": "Pass", "Result": {"done": True}, "Next": "Done?"},
            "Done?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "Done"}],
                "Default": "CoolDown",
            },
            "CoolDown": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
            "Done": {"Type": "Succeed"},
        },
    },
)
def no_end(machine: Machine) -> Iterator[Violation]:
    """States that lead to no end, a scope at a time."""
    for scope in machine.definition.scopes():
        found = trapped(scope)
        if found:
            *first, last = found
            where = f"{', '.join(first)} and {last} lead only to each other" if first else "it leads only to itself"
            fix = "let one of them have End, or lead to a state that has" if first else "write End, or another Next"
            yield Violation(found[0], "", f"leads to no end: {where}", fix)
