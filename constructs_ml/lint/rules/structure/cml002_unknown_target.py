"""CML002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.transitions import is_state, written
from constructs_ml.asl.values import shown
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine


@rule(
    "CML002",
    title="A transition leads to a state of the same scope",
    reason="A state can lead only to states of its own scope: the definition, a branch of a Parallel, the processor of a "
    "Map. Step Functions refuses anything else (MISSING_TRANSITION_TARGET). Source: the Amazon States Language, "
    '"Transitions".',
    bad={
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "Next": "Trian"}, "Train": {"Type": "Pass", "End": True}},
    },
    good={
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "Next": "Train"}, "Train": {"Type": "Pass", "End": True}},
    },
)
def unknown_target(machine: Machine) -> Iterator[Violation]:
    """Transitions to missing states, or to states of another scope."""
    homes: dict[str, State] = {}
    for other in machine.states:
        homes.setdefault(other.name, other)
    for state in machine.states:
        for way in state.transitions:
            if not is_state(way.target, state.scope):
                problem = f"is {shown(way.target)}, "
                if way.target in homes:
                    yield _elsewhere(state, way.member, problem, homes[way.target])
                else:
                    problem += f"which is not a state{did_you_mean(way.target, written(state.scope))}"
                    yield Violation(state.name, way.member, problem)


def _elsewhere(state: State, member: str, problem: str, target: State) -> Violation:
    """Return the violation for a transition out of a Parallel or a Map, or into one."""
    for outer in state.around:
        if target.scope is outer.scope:
            fix = f"{'catch on' if member.startswith('Catch') else 'go there from'} {outer.name}, "
            return Violation(
                state.name,
                member,
                f"{problem}which is outside {outer.name}",
                f"{fix}or add a state next to this one",
            )
    inside = target.scope.parent
    where = f"inside {inside.name}" if inside else "in another scope"
    fix = f"go to {inside.name}, or " if inside and inside.scope is state.scope else ""
    return Violation(state.name, member, f"{problem}which is {where}", f"{fix}add a state next to this one")
