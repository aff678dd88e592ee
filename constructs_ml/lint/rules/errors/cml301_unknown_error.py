"""CML301."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import catchers, retriers
from constructs_ml.asl.values import shown
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.error_names import RESERVED, STATES, is_states_error
from constructs_ml.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_TRAIN = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Train", "End": True}


@rule(
    "CML301",
    title="Errors that begin with States. are errors of Step Functions",
    reason="Names that begin with States. are reserved: one that Step Functions does not know matches no error, so "
    'the retrier or the catcher never applies. Source: the Amazon States Language, "Errors", which forbids states to '
    "report other names with this prefix, and its appendix of predefined error codes.",
    bad={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [{"ErrorEquals": ["States.TaskFail"]}]}}},
    good={"StartAt": "Train", "States": {"Train": {**_TRAIN, "Retry": [{"ErrorEquals": ["States.TaskFailed"]}]}}},
)
def unknown_error(machine: Machine) -> Iterator[Violation]:
    """Names of errors that Step Functions does not have."""
    own = _of_fail_states(machine)
    for state in machine.states:
        for handler in (*retriers(state), *catchers(state)):
            for name in dict.fromkeys(handler.errors):
                if name.lower().startswith(RESERVED.lower()) and not is_states_error(name) and name not in own:
                    yield _unknown(state.name, handler.path(name), name)


def _of_fail_states(machine: Machine) -> set[str]:
    """Return the names that Fail states raise: some ignore the reservation, and are caught all the same."""
    return {str(state.body.get("Error")) for state in machine.states if state.type == "Fail"}


def _unknown(state: str, member: str, name: str) -> Violation:
    """Return the violation for an unknown error, with the most similar known one, compared without the prefix."""
    near = nearest(name[len(RESERVED) :], [known.removeprefix(RESERVED) for known in STATES])
    problem = f"is {shown(name)}, which is not an error of Step Functions"
    if near:
        return Violation(state, member, f"{problem}; did you mean {RESERVED}{near[0]}?")
    return Violation(state, member, problem, "give your own error another prefix")
