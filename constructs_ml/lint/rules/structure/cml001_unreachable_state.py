"""CML001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.transitions import is_sound, reached, trapped
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine


@rule(
    "CML001",
    title="Every state can be reached",
    reason="A state that no transition leads to never runs: usually a transition bypasses it by mistake. Step "
    "Functions refuses such a definition (MISSING_TRANSITION_TARGET).",
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
    """States that cannot be reached from the first one."""
    for scope in machine.definition.scopes():
        found = reached(scope)
        # A broken transition, or a loop without an exit, is the reason why others cannot be reached.
        if found and all(is_sound(scope.states[name]) for name in found) and not trapped(scope):
            for name in sorted(scope.states.keys() - found):
                yield Violation(name, "", "is never reached", "add a transition to it, or remove it")
