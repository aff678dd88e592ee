"""CML003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.transitions import LAST
from constructs_ml.asl.walk import state_parts
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.asl.walk import Part


@rule(
    "CML003",
    title="A state says what comes after it, once",
    reason="A state that has neither Next nor End leads nowhere, one that has both says two things: Step Functions "
    "refuses both. A Choice has its Next in its rules; nothing comes after Succeed and Fail. Source: the Amazon States "
    'Language, "Transitions".',
    bad={
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "Next": "Train", "End": True}, "Train": {"Type": "Pass", "End": True}},
    },
    good={
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "Next": "Train"}, "Train": {"Type": "Pass", "End": True}},
    },
)
def next_or_end(machine: Machine) -> Iterator[Violation]:
    """States with both or neither of Next and End, and those that may have none."""
    for state, part in state_parts(machine):
        if state.type == "Choice":
            for name in ("Next", "End"):
                if name in state.body:
                    fix = "let its rules and Default say it" if name == "Next" else "let them lead to a Succeed state"
                    yield Violation(state.name, name, "is no field of a Choice state", fix)
        elif state.type in LAST:
            if "Next" in state.body:
                problem = f"is no field of a {state.type} state: nothing comes after it"
                yield Violation(state.name, "Next", problem, "remove it")
        else:
            yield from _of_step(part)


def _of_step(part: Part) -> Iterator[Violation]:
    onward, last = "Next" in part.body, part.body.get("End", False) is not False
    if onward and last:
        problem = f"is {part.body['Next']!r} although the state has End"
        yield Violation(part.owner, "Next", problem, "remove one of them")
    if not onward and not last and not part.meant("Next", "End"):
        yield Violation(
            part.owner, "", "has neither Next nor End", "name the state that comes next, or write End: true"
        )
