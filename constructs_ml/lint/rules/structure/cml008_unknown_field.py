"""CML008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl import schema as fields
from constructs_ml.asl.definition import is_inline, processor_config
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.values import is_open
from constructs_ml.asl.walk import CHOICE_RULE, parts_of
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.asl.walk import Part

_TRAIN = "arn:aws:lambda:us-east-1:111122223333:function:Train"

_DISTRIBUTED = ("ItemReader", "ItemBatcher", "ResultWriter")
_DISTRIBUTE = 'write "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} into its ItemProcessor'


@rule(
    "CML008",
    title="Every field is one of the Amazon States Language",
    reason="Step Functions refuses a field that it does not know in that place, such as a misspelt one or one of "
    "another type of state; an inline Map that reads, batches or writes fails. Source: the Amazon States Language, "
    "and the pages on state types of the Step Functions developer guide.",
    bad={
        "StartAt": "Train",
        "States": {"Train": {"Type": "Task", "Resource": _TRAIN, "TimeoutSecond": 3600, "End": True}},
    },
    good={
        "StartAt": "Train",
        "States": {"Train": {"Type": "Task", "Resource": _TRAIN, "TimeoutSeconds": 3600, "End": True}},
    },
)
def unknown_field(machine: Machine) -> Iterator[Violation]:
    """Fields that a part of the definition must not have."""
    for part in parts_of(machine):
        # An unknown field of a JSONPath Choice rule is probably meant as its operator.
        if part.what == CHOICE_RULE and part.language is not Language.JSONATA:
            continue
        for name in part.unknown:
            # CML003 reports Next and End.
            if not (name in {"Next", "End"} and part.is_state):
                yield Violation(part.owner, part.path(name), *_said(part, name))
    for state in machine.states:
        if is_inline(state) and not is_open(processor_config(state).get("Mode")):
            for name in _DISTRIBUTED:
                if name in state.body:
                    yield Violation(state.name, name, "is not a field of an inline Map", _DISTRIBUTE)


def _said(part: Part, name: str) -> tuple[str, str]:
    problem = f"is not a field of {part.what}"
    by_path = f"{name.removesuffix('.$')}Path"
    if name.endswith(".$") and by_path in part.fields:
        return problem, f"write {by_path}"
    others = [kind for kind, known in fields.STATES.items() if name in known]
    if part.is_state and others:
        verb = "have" if len(others) > 1 else "has"
        return problem, f"only {_listed(others)} {verb} it"
    if name == "QueryLanguage":
        return problem, "write it at the top of the definition, or in each state"
    same = [known for known, field in part.fields.items() if field.language in {None, part.language}]
    return problem + did_you_mean(name, same), ""


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
