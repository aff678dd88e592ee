"""CML106."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.values import is_later, shown
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.dataflow.functions import FUNCTIONS
from constructs_ml.lint.dataflow.intrinsics import is_call
from constructs_ml.lint.dataflow.texts import Use, texts_of
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.texts import Text

_NAME = re.compile(r"[A-Za-z.]+(?=\()|States\.\w+")


@rule(
    "CML106",
    title="A key that ends in .$ holds a path or a call of an intrinsic function",
    reason="Step Functions refuses any other value of such a key in JSONPath. In the Result of a Pass, and in JSONata, the "
    'key is a literal. Source: the Amazon States Language, "Payload Template".',
    bad={"StartAt": "Name", "States": {"Name": {"Type": "Pass", "Parameters": {"model.$": "churn"}, "End": True}}},
    good={"StartAt": "Name", "States": {"Name": {"Type": "Pass", "Parameters": {"model": "churn"}, "End": True}}},
)
def not_a_path(machine: Machine) -> Iterator[Violation]:
    """Keys that end in ``.$`` with nothing to evaluate, or where nothing is evaluated."""
    for text in texts_of(machine):
        if text.key.endswith(".$") and text.use is not Use.DYNAMIC:
            yield from _misplaced(text)
        elif text.use is Use.DYNAMIC:
            problem = _problem(text)
            if problem:
                yield Violation(text.state.name, text.member, *problem)


def _misplaced(text: Text) -> Iterator[Violation]:
    value = text.value
    meant = isinstance(value, str) and (value.startswith("$") or is_call(value))
    if text.use is not Use.FIXED:
        problem = "is JSONPath, but the state uses JSONata"
        fix = f"write {text.key.removesuffix('.$')} with {{% … %}}"
        yield Violation(text.state.name, text.member, problem, fix, None if meant else Severity.WARNING)
    elif meant:
        # This is legal: a definition may be passed to another workflow.
        problem, fix = "is not evaluated, because a Result is a literal", "write Parameters if it is meant as a path"
        yield Violation(text.state.name, text.member, problem, fix, Severity.WARNING)


def _problem(text: Text) -> tuple[str, str] | None:
    value, key = text.value, text.key.removesuffix(".$")
    if not isinstance(value, str):
        return f"must be a path or a call of an intrinsic function, got {shown(value)}", f"write {key}"
    if value.startswith("$") or is_call(value) or is_later(value):
        return None
    name = _NAME.match(value)
    fix = did_you_mean(name[0], FUNCTIONS).removeprefix("; ") if name else ""
    return f"must be a path or a call of an intrinsic function, got {value!r}", fix or f"write {key}"
