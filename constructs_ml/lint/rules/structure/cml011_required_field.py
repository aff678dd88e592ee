"""CML011."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.transitions import misspells
from constructs_ml.asl.values import is_later
from constructs_ml.asl.walk import CHOICE_RULE, parts_of
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.definition import Scope
    from constructs_ml.asl.machine import Machine
    from constructs_ml.asl.walk import Part


@rule(
    "CML011",
    title="Required fields are set, and only one of several exclusive fields",
    reason="Step Functions refuses a state without its required fields. Source: the Amazon States Language, and the "
    "pages on state types of the Step Functions developer guide.",
    bad={"StartAt": "CoolDown", "States": {"CoolDown": {"Type": "Wait", "End": True}}},
    good={"StartAt": "CoolDown", "States": {"CoolDown": {"Type": "Wait", "Seconds": 60, "End": True}}},
)
def required_field(machine: Machine) -> Iterator[Violation]:
    """Fields that are missing, empty, or mutually exclusive."""
    if machine.body:
        for scope in machine.definition.scopes():
            yield from _of_scope(scope)
    for part in parts_of(machine):
        # CML009 reports a part in the wrong language.
        if not part.foreign:
            yield from _of_part(part)


def _of_scope(scope: Scope) -> Iterator[Violation]:
    states = scope.body.get("States", {})
    if states == {} and not misspells(scope, "States"):
        member = f"{scope.member}.States".lstrip(".")
        yield Violation(scope.parent.name if scope.parent else "", member, "must contain at least one state")


def _of_part(part: Part) -> Iterator[Violation]:
    for choices in ONE_OF.get(part.what, ()):
        there = [name for name in choices if name in part.body]
        if len(there) > 1:
            yield _both(part, there)
        elif not there and not part.meant(*choices):
            yield _none(part, choices)
        elif there and _is_empty(part.body[there[0]]):
            yield Violation(part.owner, part.path(there[0]), "must not be empty")
    for choices in AT_LEAST_ONE.get(part.what, ()):
        if not any(name in part.body for name in choices) and not part.meant(*choices):
            yield _none(part, choices)
    for choices in AT_MOST_ONE.get(part.what, ()):
        there = [name for name in choices if name in part.body]
        if len(there) > 1:
            yield _both(part, there)
    asked = part.what == CHOICE_RULE and part.language is Language.JSONATA
    if asked and "Condition" not in part.body and not part.meant("Condition"):
        yield Violation(part.owner, part.path("Condition"), "is missing")
    yield from _given_another(part)


def _given_another(part: Part) -> Iterator[Violation]:
    """Yield the violations for fields that another field's value requires."""
    for name, value, needed in GIVEN.get(part.what, ()):
        if part.body.get(name) == value and needed not in part.body and not part.meant(needed):
            problem = f"is missing, but {name} is {value}"
            yield Violation(part.owner, part.path(needed), problem)


def _none(part: Part, choices: tuple[str, ...]) -> Violation:
    names = [name for name in choices if part.fields[name].language in {None, part.language}]
    fix = "" if len(names) == 1 else f"write one of {', '.join(names)}"
    return Violation(part.owner, part.path(names[0]) if len(names) == 1 else part.member, _missing(names), fix)


def _both(part: Part, names: list[str]) -> Violation:
    problem = f"cannot be combined with {' and '.join(names[1:])}"
    return Violation(part.owner, part.path(names[0]), problem, "remove all but one")


def _missing(names: list[str]) -> str:
    return "is missing" if len(names) == 1 else f"has none of {', '.join(names)}"


def _is_empty(value: Any) -> bool:  # noqa: ANN401 - JSON
    return value in ("", [], {}) and not is_later(value)


# The required fields, and the mutually exclusive ones.
#
# Source: the Amazon States Language, and the pages on each state type of the Step Functions developer guide.

Names = tuple[str, ...]


def _each(*names: str) -> tuple[Names, ...]:
    return tuple((name,) for name in names)


def _or_path(*names: str) -> tuple[Names, ...]:
    return tuple((name, f"{name}Path") for name in names)


ONE_OF: Mapping[str, tuple[Names, ...]] = MappingProxyType(
    {
        "a Task state": _each("Resource"),
        "a Choice state": _each("Choices"),
        "a Wait state": (("Seconds", "Timestamp", "SecondsPath", "TimestampPath"),),
        "a Parallel state": _each("Branches"),
        "a Map state": (("ItemProcessor", "Iterator"),),
        "a retrier": _each("ErrorEquals"),
        "a catcher": _each("ErrorEquals", "Next"),
        CHOICE_RULE: _each("Next"),
        "an ItemReader": _each("Resource"),
        "Credentials": (("RoleArn", "RoleArn.$"),),
    }
)
"""For each part, groups of fields of which exactly one must be set."""

AT_MOST_ONE: Mapping[str, tuple[Names, ...]] = MappingProxyType(
    {
        "a Task state": _or_path("TimeoutSeconds", "HeartbeatSeconds"),
        "a Fail state": _or_path("Error", "Cause"),
        "a Map state": (
            *_or_path("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"),
            ("ItemSelector", "Parameters"),
        ),
        "a ReaderConfig": _or_path("MaxItems"),
        "an ItemBatcher": _or_path("MaxItemsPerBatch", "MaxInputBytesPerBatch"),
    }
)
"""For each part, groups of fields of which at most one may be set."""

AT_LEAST_ONE: Mapping[str, tuple[Names, ...]] = MappingProxyType(
    {
        "an ItemBatcher": (
            ("MaxItemsPerBatch", "MaxInputBytesPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"),
        ),
    }
)
"""For each part, groups of fields of which at least one must be set."""

GIVEN: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {
        "a ProcessorConfig": (("Mode", "DISTRIBUTED", "ExecutionType"),),
        "a ReaderConfig": (("CSVHeaderLocation", "GIVEN", "CSVHeaders"),),
    }
)
"""For each part, a field, a value of it, and the field that it then requires."""
