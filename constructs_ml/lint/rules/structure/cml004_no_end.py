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
    title="Every state can reach an end",
    reason="States that lead only to each other run until the execution reaches 25,000 events or times out, and then "
    'fail; a definition without a terminal state is refused. Source: the Amazon States Language, "Transitions"; the '
    "quotas of Step Functions.",
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
    """States that cannot reach an end, scope by scope."""
    for scope in machine.definition.scopes():
        found = trapped(scope)
        if found:
            *first, last = found
            where = f"{', '.join(first)} and {last} lead only to each other" if first else "it leads only to itself"
            fix = (
                "give one of them End, or a transition to a state that has it"
                if first
                else "write End, or another Next"
            )
            yield Violation(found[0], "", f"leads to no end: {where}", fix)
