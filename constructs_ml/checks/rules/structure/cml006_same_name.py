"""CML006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.checks.rule import rule
from constructs_ml.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.definition import State


@rule(
    "CML006",
    title="No two states share a name",
    reason="Names of states are unique in the whole definition, those inside Parallel and Map states too: Step Functions "
    'refuses it otherwise (DUPLICATE_STATE_NAME). Source: the Amazon States Language, "States".',
    bad={
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "Train", "States": {"Train": {"Type": "Pass", "End": True}}},
                    {"StartAt": "Train", "States": {"Train": {"Type": "Pass", "End": True}}},
                ],
                "End": True,
            }
        },
    },
    good={
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "TrainTrees", "States": {"TrainTrees": {"Type": "Pass", "End": True}}},
                    {"StartAt": "TrainLinear", "States": {"TrainLinear": {"Type": "Pass", "End": True}}},
                ],
                "End": True,
            }
        },
    },
)
def same_name(machine: Machine) -> Iterator[Violation]:
    """States with the name of another."""
    seen: dict[str, State] = {}
    for state in machine.states:
        other = seen.setdefault(state.name, state)
        if other is not state:
            problem = f"is the name of two states: one {_where(other)}, one {_where(state)}"
            yield Violation(state.name, "", problem, "give one of them another name")


def _where(state: State) -> str:
    parent = state.scope.parent
    return f"in {state.scope.member} of {parent.name}" if parent else "of the definition itself"
