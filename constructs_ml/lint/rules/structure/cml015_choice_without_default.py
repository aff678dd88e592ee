"""CML015."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import catchers
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.structure.coverage import may_match_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine

_ERROR = "States.NoChoiceMatched"
_TRAIN = {"Type": "Pass", "Result": {"auc": 0.95}, "Next": "Good?"}
_GOOD = {"Type": "Choice", "Choices": [{"Variable": "$.auc", "NumericGreaterThan": 0.9, "Next": "Done"}]}
_DONE = {"Type": "Succeed"}


@rule(
    "CML015",
    title="A Choice has a Default, or a rule for every case",
    reason="If no rule matches, the Choice fails with States.NoChoiceMatched, which it cannot catch itself: unless an "
    'enclosing Parallel or Map catches it, the execution fails. Source: the Amazon States Language, "Choice State".',
    bad={"StartAt": "Train", "States": {"Train": _TRAIN, "Good?": _GOOD, "Done": _DONE}},
    good={
        "StartAt": "Train",
        "States": {
            "Train": _TRAIN,
            "Good?": {**_GOOD, "Default": "TooBad"},
            "TooBad": {"Type": "Fail", "Error": "TooBad", "Cause": "the model is too bad"},
            "Done": _DONE,
        },
    },
)
def choice_without_default(machine: Machine) -> Iterator[Violation]:
    """Choices in which no rule may match."""
    for state in machine.states:
        if (
            state.type == "Choice"
            and "Default" not in state.body
            and not _is_caught(state)
            and may_match_nothing(state)
        ):
            problem = f"is missing, and the rules do not cover every case: then the Choice fails with {_ERROR}"
            # Several rules may cover all values that occur.
            severity = Severity.ERROR if len(state.body["Choices"]) == 1 else Severity.WARNING
            yield Violation(state.name, "Default", problem, "add one, such as a Fail state that says why", severity)


def _is_caught(state: State) -> bool:
    """Return whether an enclosing state catches the error that no rule matches."""
    return any(_ERROR in handler.errors for outer in state.around for handler in catchers(outer))
