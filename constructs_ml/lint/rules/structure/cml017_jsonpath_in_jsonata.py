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
    title="A JSONata definition has no JSONPath states",
    reason="A state of a JSONPath definition may use JSONata, but not the other way round: Step Functions refuses it. "
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
    """JSONPath states in a JSONata definition."""
    if machine.definition.language is Language.JSONATA:
        for state in machine.states:
            if state.body.get("QueryLanguage") == Language.JSONPATH.value:
                problem = "is JSONPath, but the definition uses JSONata"
                fix = "write the state in JSONata, or set QueryLanguage only in the states that use JSONata"
                yield Violation(state.name, "QueryLanguage", problem, fix)
