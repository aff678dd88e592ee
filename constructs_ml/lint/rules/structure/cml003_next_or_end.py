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
    title="A state has either Next or End",
    reason="A state with neither Next nor End leads nowhere, one with both is ambiguous: Step Functions refuses both. "
    "A Choice has Next in its rules; nothing follows Succeed and Fail. Source: the Amazon States Language, "
    '"Transitions".',
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
    """States with both or neither of Next and End, and states that must not have them."""
    for state, part in state_parts(machine):
        if state.type == "Choice":
            for name in ("Next", "End"):
                if name in state.body:
                    fix = (
                        "write it into its rules and Default"
                        if name == "Next"
                        else "let its rules go to a Succeed state"
                    )
                    yield Violation(state.name, name, "is not a field of a Choice state", fix)
        elif state.type in LAST:
            if "Next" in state.body:
                problem = f"is not a field of a {state.type} state: nothing follows it"
                yield Violation(state.name, "Next", problem, "remove it")
        else:
            yield from _of_step(part)


def _of_step(part: Part) -> Iterator[Violation]:
    onward, last = "Next" in part.body, part.body.get("End", False) is not False
    if onward and last:
        problem = f"is {part.body['Next']!r}, but the state also has End"
        yield Violation(part.owner, "Next", problem, "remove one of them")
    if not onward and not last and not part.meant("Next", "End"):
        yield Violation(part.owner, "", "has neither Next nor End", "name the next state, or write End: true")
