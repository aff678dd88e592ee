"""CML010."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.schema import STATES
from constructs_ml.asl.transitions import written
from constructs_ml.asl.values import is_later, shown
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine


@rule(
    "CML010",
    title="Every state has a type",
    reason="Step Functions refuses a state whose Type is missing or none of Task, Pass, Choice, Wait, Parallel, Map, "
    'Succeed and Fail. Source: the Amazon States Language, "States".',
    bad={"StartAt": "CoolDown", "States": {"CoolDown": {"Type": "Wiat", "Seconds": 60, "End": True}}},
    good={"StartAt": "CoolDown", "States": {"CoolDown": {"Type": "Wait", "Seconds": 60, "End": True}}},
)
def type_of_a_state(machine: Machine) -> Iterator[Violation]:
    """States with an unknown or missing type, and values that are not states."""
    for scope in machine.definition.scopes():
        for name, value in written(scope).items():
            if name not in scope.states:
                if not is_later(value):
                    yield Violation(str(name), "", f"must be an object with a Type, got {shown(value)}")
            elif scope.states[name].type not in STATES:
                yield from _of_state(scope.states[name])


def _of_state(state: State) -> Iterator[Violation]:
    kind = state.body.get("Type")
    if is_later(kind):
        return
    if "Type" in state.body:
        meant = did_you_mean(kind, STATES) if isinstance(kind, str) else ""
        problem = f"must be one of {', '.join(STATES)}, got {shown(kind)}{meant}"
        yield Violation(state.name, "Type", problem)
        return
    near = [name for name in state.body if nearest(name, ["Type"])]
    problem = f"is missing{f'; did you misspell it as {near[0]!r}?' if near else ''}"
    yield Violation(state.name, "Type", problem, "" if near else f"write one of {', '.join(STATES)}")
