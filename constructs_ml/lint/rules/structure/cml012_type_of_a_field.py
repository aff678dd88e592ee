"""CML012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.value_kinds import fault
from constructs_ml.asl.values import is_open, shown
from constructs_ml.asl.walk import parts_of
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.asl.walk import Part

_TRAIN = "arn:aws:lambda:us-east-1:111122223333:function:Train"
# The types of these lists' items.
_ITEMS = {
    "Branches": dict,
    "CSVHeaders": str,
    "Catch": dict,
    "Choices": dict,
    "ErrorEquals": str,
    "Retry": dict,
}


@rule(
    "CML012",
    title="A field's value has the right type and range",
    reason="Step Functions refuses a value of the wrong type, such as a number in quotes, or one out of its range. "
    "Source: the Amazon States Language, and the pages on state types of the Step Functions developer guide.",
    bad={
        "StartAt": "Train",
        "States": {"Train": {"Type": "Task", "Resource": _TRAIN, "TimeoutSeconds": "3600", "End": True}},
    },
    good={
        "StartAt": "Train",
        "States": {"Train": {"Type": "Task", "Resource": _TRAIN, "TimeoutSeconds": 3600, "End": True}},
    },
)
def type_of_a_field(machine: Machine) -> Iterator[Violation]:
    """Fields of the wrong type, or out of their range."""
    for part in parts_of(machine):
        foreign = part.foreign
        for name, field, value in part.known:
            # Other rules cover a state's type and the operands of Choice rules.
            if name == "Type" or name in foreign or part.is_operand(name):
                continue
            wrong = fault(field, value, part.language)
            if wrong:
                yield Violation(part.owner, part.path(name), *wrong)
            else:
                yield from _items(part, name)


def _items(part: Part, name: str) -> Iterator[Violation]:
    """Yield the violations for list items of the wrong type."""
    wanted = _ITEMS.get(name)
    value = part.body[name]
    for at, item in enumerate(value if wanted and isinstance(value, list) else ()):
        if wanted and not isinstance(item, wanted) and not is_open(item):
            kind = "a string" if wanted is str else "an object"
            yield Violation(part.owner, f"{part.path(name)}[{at}]", f"must be {kind}, got {shown(item)}")
