"""CML009."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.walk import CHOICE_RULE, parts_of
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.asl.walk import Part

_COUNT = "arn:aws:states:::lambda:invoke"
_IN_JSONATA = {
    "InputPath": "Arguments",
    "ItemsPath": "Items",
    "OutputPath": "Output",
    "Parameters": "Arguments",
    "Result": "Output",
    "ResultPath": "Output",
    "ResultSelector": "Output",
}
_IN_JSONPATH = {
    "Arguments": "Parameters",
    "Items": "ItemsPath",
    "Output": "ResultSelector, ResultPath or OutputPath",
}


@rule(
    "CML009",
    title="A state has only fields of its query language",
    reason="JSONPath and JSONata have their own fields: Step Functions refuses a state that mixes them. Assign exists "
    'in both. Source: "Transforming data with JSONata in Step Functions".',
    bad={
        "QueryLanguage": "JSONata",
        "StartAt": "Count",
        "States": {"Count": {"Type": "Task", "Resource": _COUNT, "Parameters": {"FunctionName": "count"}, "End": True}},
    },
    good={
        "QueryLanguage": "JSONata",
        "StartAt": "Count",
        "States": {"Count": {"Type": "Task", "Resource": _COUNT, "Arguments": {"FunctionName": "count"}, "End": True}},
    },
)
def other_language(machine: Machine) -> Iterator[Violation]:
    """JSONPath fields in a JSONata state, and vice versa; one violation for each part."""
    for part in parts_of(machine):
        foreign = part.foreign
        if foreign and part.language is not None:
            first, *others = foreign
            other = Language.JSONPATH if part.language is Language.JSONATA else Language.JSONATA
            also = f", as {'is' if len(others) == 1 else 'are'} {', '.join(others)}" if others else ""
            problem = f"is a field of {other.value}{also}, but the state uses {part.language.value}"
            yield Violation(part.owner, part.path(first), problem, _fix(part, first, other))


def _fix(part: Part, name: str, other: Language) -> str:
    whole = f"give the state QueryLanguage {other.value}"
    if part.what == CHOICE_RULE:
        instead = {"Condition": "Variable and an operator", "Output": "Assign"}.get(name, "Condition")
    elif other is Language.JSONATA:
        instead = _IN_JSONPATH[name]
    elif part.what == "a Map state" and name == "Parameters":
        instead = "ItemSelector"
    else:
        instead = _IN_JSONATA.get(name, f"{name.removesuffix('Path')} with an expression")
    # A JSONata definition must not have JSONPath states.
    return f"write {instead}" + (f", or {whole}" if other is Language.JSONATA else "")
