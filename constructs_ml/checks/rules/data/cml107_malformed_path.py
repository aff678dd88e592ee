"""CML107."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.checks.flow.intrinsics import is_call
from constructs_ml.checks.flow.paths import PathError, Root, read_path
from constructs_ml.checks.flow.texts import Use, texts_of
from constructs_ml.checks.reading.values import is_later
from constructs_ml.checks.rule import rule
from constructs_ml.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.flow.texts import Text
    from constructs_ml.checks.machine import Machine


@rule(
    "CML107",
    title="A path is well formed",
    reason="Step Functions refuses a path that it cannot read, and a ResultPath that does not name one place in the state's "
    'input. Source: the Amazon States Language, "Paths" and "Reference Paths".',
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
    """Paths that cannot be read."""
    for text in texts_of(machine):
        problem = "" if text.jsonata or is_later(text.value) else _problem(text)
        if problem:
            yield Violation(text.state.name, text.member, f"is {text.value}, which {problem}")


def _problem(text: Text) -> str:
    value = text.value
    paths = {Use.FIELD, Use.RESULT_PATH, Use.DYNAMIC}
    if not isinstance(value, str) or text.use not in paths or is_call(value):
        return ""
    if text.use is Use.DYNAMIC and not value.startswith("$"):
        return ""
    try:
        path = read_path(value)
    except PathError as error:
        return str(error)
    if text.use is Use.RESULT_PATH and (path.root is not Root.INPUT or not path.definite):
        return "does not name one place in the state's input: write names and indices only, such as $.Train"
    return ""
