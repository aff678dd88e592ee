"""CML017."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine


@rule(
    "CML017",
    title="A definition in JSONata has no states in JSONPath",
    reason="A state may say JSONata in a definition in JSONPath, but not the other way round: Step Functions refuses it. "
    'Source: "Transforming data with JSONata in Step Functions".',
    bad={
        "QueryLanguage": "JSONata",
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "QueryLanguage": "JSONPath", "Result": {"part": 1}, "End": True}},
    },
    good={
        "StartAt": "Prepare",
        "States": {"Prepare": {"Type": "Pass", "QueryLanguage": "JSONPath", "Result": {"part": 1}, "End": True}},
    },
)
def jsonpath_in_jsonata(machine: Machine) -> Iterator[Violation]:
    """States in JSONPath in a definition in JSONata."""
    if machine.definition.language is Language.JSONATA:
        for state in machine.states:
            if state.body.get("QueryLanguage") == Language.JSONPATH.value:
                problem = "is JSONPath, but the definition is in JSONata"
                fix = "write the state in JSONata, or leave QueryLanguage to the states that are in JSONata"
                yield Violation(state.name, "QueryLanguage", problem, fix)
