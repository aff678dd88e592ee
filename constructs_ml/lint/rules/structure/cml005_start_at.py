"""CML005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.transitions import is_state, misspells, written
from constructs_ml.asl.values import shown
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope
    from constructs_ml.asl.machine import Machine


@rule(
    "CML005",
    title="StartAt names the first state",
    reason="Step Functions refuses a definition, a branch or an item processor that does not name its first state. "
    'Source: the Amazon States Language, "Structure of a State Machine".',
    bad={"StartAt": "Prepear", "States": {"Prepare": {"Type": "Pass", "End": True}}},
    good={"StartAt": "Prepare", "States": {"Prepare": {"Type": "Pass", "End": True}}},
)
def start_at(machine: Machine) -> Iterator[Violation]:
    """Scopes without StartAt, or whose StartAt is not one of their states."""
    for scope in machine.definition.scopes():
        owner = scope.parent.name if scope.parent else ""
        member = f"{scope.member}.StartAt".lstrip(".")
        # Other rules report a scope that is misspelt, of another type, or without states.
        if "StartAt" not in scope.body:
            if written(scope) and not misspells(scope, "StartAt"):
                yield Violation(owner, member, "is missing", f"name the first state: {_first(scope)}")
        elif scope.start and written(scope) and not is_state(scope.start, scope):
            problem = f"is {shown(scope.start)}, which is not a state{did_you_mean(scope.start, written(scope))}"
            yield Violation(owner, member, problem)


def _first(scope: Scope) -> str:
    """Return the state to which no transition leads, if there is one; else the first in the definition."""
    targets = {way.target for state in scope.states.values() for way in state.transitions}
    return next((name for name in scope.states if name not in targets), next(iter(written(scope))))
