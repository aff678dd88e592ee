"""CML107."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import PathError, Root, read_path
from constructs_ml.asl.values import is_later
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.intrinsics import is_call
from constructs_ml.lint.dataflow.texts import Use, texts_of
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.texts import Text

_OF_CALLS = {"ErrorPath", "CausePath"}
"""Fields that may hold a call of an intrinsic function instead of a path."""


@rule(
    "CML107",
    title="A path is well-formed",
    reason="Step Functions refuses a path that it cannot parse, and a ResultPath that does not name a single place in "
    "the state's input. Of the fields that hold a path, only ErrorPath and CausePath of a Fail may hold a call of an "
    'intrinsic function. Source: the Amazon States Language, "Paths" and "Reference Paths"; "Intrinsic functions for '
    'JSONPath states".',
    bad={
        "StartAt": "Pick",
        "States": {"Pick": {"Type": "Pass", "InputPath": "$.parts[0", "End": True}},
    },
    good={
        "StartAt": "Pick",
        "States": {"Pick": {"Type": "Pass", "InputPath": "$.parts[0]", "End": True}},
    },
)
def malformed_path(machine: Machine) -> Iterator[Violation]:
    """Paths that cannot be parsed."""
    for text in texts_of(machine):
        problem = "" if text.jsonata or is_later(text.value) else _problem(text)
        if problem:
            yield Violation(text.state.name, text.member, f"is {text.value}, which {problem}")


def _problem(text: Text) -> str:
    value = text.value
    paths = {Use.FIELD, Use.RESULT_PATH, Use.DYNAMIC}
    if not isinstance(value, str) or text.use not in paths:
        return ""
    if is_call(value):
        only_path = text.use is not Use.DYNAMIC and text.key not in _OF_CALLS
        return "is a function call, but the field only takes a path: call it in a preceding Pass" if only_path else ""
    if text.use is Use.DYNAMIC and not value.startswith("$"):
        return ""
    try:
        path = read_path(value)
    except PathError as error:
        return str(error)
    if text.use is Use.RESULT_PATH and (path.root is not Root.INPUT or not path.definite):
        return "does not name a single place in the state's input: use only names and indices, such as $.Train"
    return ""
