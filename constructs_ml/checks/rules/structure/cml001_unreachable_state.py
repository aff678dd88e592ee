"""CML001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.checks.rule import rule
from constructs_ml.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.definition import Scope
    from constructs_ml.checks.machine import Machine


@rule(
    "CML001",
    title="Every state can be reached",
    reason="A state that nothing leads to never runs: most often a transition goes past it by mistake. "
    "Step Functions refuses such a definition (MISSING_TRANSITION_TARGET).",
    bad={
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "End": True}, "Train": {"Type": "Pass", "End": True}},
    },
    good={
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "Next": "Train"}, "Train": {"Type": "Pass", "End": True}},
    },
)
def unreachable_state(machine: Machine) -> Iterator[Violation]:
    """States that no way from the first leads to."""
    for scope in machine.definition.scopes():
        reached = _reached(scope)
        if reached:
            for name in sorted(scope.states.keys() - reached):
                yield Violation(name, "", "is never reached", "let another state lead to it, or remove it")


def _reached(scope: Scope) -> set[str]:
    reached: set[str] = set()
    ahead = [scope.start]
    while ahead:
        name = ahead.pop()
        if name in scope.states and name not in reached:
            reached.add(name)
            ahead += [way.target for way in scope.states[name].transitions]
    return reached
