"""CML111."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.values import is_later, shown
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Comparison

_KIND = re.compile(r"String|Numeric|Boolean|Timestamp")
_TYPES = {"String": {"string"}, "Numeric": {"number"}, "Boolean": {"boolean"}, "Timestamp": {"string"}}
_EQUAL = {"StringEquals", "=", "!=", "in"}
_DESCRIBE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:sagemaker:describeProcessingJob",
    "Parameters": {"ProcessingJobName.$": "$.job"},
    "Next": "Ready?",
}
_ENDS: Mapping[str, Mapping[str, str]] = {"Done": {"Type": "Succeed"}, "Failed": {"Type": "Fail", "Error": "Prepare"}}


def _ready(status: str) -> Mapping[str, object]:
    rules = [{"Variable": "$.ProcessingJobStatus", "StringEquals": status, "Next": "Done"}]
    return {"Type": "Choice", "Choices": rules, "Default": "Failed"}


@rule(
    "CML111",
    title="A member is compared with a value that it can have",
    reason="A comparison with a status that SageMaker does not have, or with a value of another type, never holds: "
    "the workflow always takes the other branch. Source: botocore's model of SageMaker.",
    bad={"StartAt": "Describe", "States": {"Describe": _DESCRIBE, "Ready?": _ready("Complete"), **_ENDS}},
    good={"StartAt": "Describe", "States": {"Describe": _DESCRIBE, "Ready?": _ready("Completed"), **_ENDS}},
)
def never_equal(machine: Machine) -> Iterator[Violation]:
    """Comparisons that never hold, or that always hold."""
    seen: set[tuple[object, ...]] = set()
    for found in flow_of(machine).comparisons:
        problem = "" if is_later(found.value) else _problem(found)
        key = (found.state, found.member, found.text, problem)
        if problem and key not in seen:
            seen.add(key)
            yield Violation(found.state.name, found.member, f"compares {found.text} with {problem}")


def _problem(found: Comparison) -> str:
    scalar, value = found.scalar, found.value
    if scalar.type and scalar.type != "null" and scalar.type not in _wanted(found):
        return f"{shown(value)}, but its type is {scalar.type}"
    if not scalar.enum or not isinstance(value, str):
        return ""
    if found.operator in _EQUAL and value not in scalar.enum:
        return f"{value!r}, but its value is one of {', '.join(sorted(scalar.enum))}{did_you_mean(value, scalar.enum)}"
    if found.operator == "StringMatches" and not any(_matches(value, known) for known in scalar.enum):
        return f"{value!r}, but its value is one of {', '.join(sorted(scalar.enum))}"
    return ""


def _wanted(found: Comparison) -> set[str]:
    """Return the types for which a comparison can hold."""
    kind = _KIND.match(found.operator)
    if kind:
        return _TYPES[kind[0]]
    types = {str: "string", bool: "boolean", int: "number", float: "number"}
    return {types.get(type(found.value), found.scalar.type)}


def _matches(pattern: str, value: str) -> bool:
    r"""Return whether a value matches a pattern in which ``*`` is a wildcard and ``\\*`` a literal star."""
    parts = re.split(r"(\\.|\*)", pattern)
    expression = "".join(".*" if part == "*" else re.escape(part.removeprefix("\\")) for part in parts)
    return re.fullmatch(expression, value, re.DOTALL) is not None
