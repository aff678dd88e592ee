"""CML006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.documents.json_text import written_twice
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.machine import Machine


@rule(
    "CML006",
    title="No two states share a name",
    reason="State names are unique in the whole definition, including inside Parallel and Map states: otherwise Step "
    "Functions refuses it (DUPLICATE_STATE_NAME). Of two with one name in the same object, most JSON and YAML parsers "
    'see only the last. Source: the Amazon States Language, "States".',
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
    """States with the name of another state."""
    for scope in machine.definition.scopes():
        for name in written_twice(scope.body.get("States")):
            problem = f"is the name of two states, both {_where(scope)}: the second hides the first"
            yield Violation(name, "", problem, "give one of them another name")
    seen: dict[str, State] = {}
    for state in machine.states:
        other = seen.setdefault(state.name, state)
        if other is not state:
            problem = f"is the name of two states: one {_where(other.scope)}, one {_where(state.scope)}"
            yield Violation(state.name, "", problem, "give one of them another name")


def _where(scope: Scope) -> str:
    return f"in {scope.member} of {scope.parent.name}" if scope.parent else "at the top of the definition"
