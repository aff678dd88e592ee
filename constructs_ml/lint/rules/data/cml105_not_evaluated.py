"""CML105."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.asl.schema import STATES, Kind
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.functions import FUNCTIONS
from constructs_ml.lint.dataflow.texts import Use, texts_of
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.texts import Text

_TRAIN = "arn:aws:states:::lambda:invoke"
_PATH = re.compile(r"\$\.[^\W\d][\w-]*(\.[^\W\d][\w-]*|\[\d+\]|\[\*\]|\['[^']+'\])*")
_CONTEXT = re.compile(r"\$\$\.(Execution|Map|State|StateMachine|Task)\b[\w.\[\]]*")
_CALL = re.compile(rf"({'|'.join(map(re.escape, FUNCTIONS))})\(.*\)", re.DOTALL)
_QUOTED = re.compile(r'"([^"\\]*)"')
_STATES = re.compile(r"\$states\.(input|result|context|errorOutput)\b[\w.\[\]]*")
_OWN_PATHS = re.compile(
    r"attribute|definition|expression|filter|jsonpath|mapping|path|pattern|pointer|query|rule|schema|selector|template",
    re.IGNORECASE,
)
"""Members with paths that the service itself follows: ``InputFilter`` of a transform job, ``InputPathsMap``."""
_TYPED = {
    name for fields in STATES.values() for name, field in fields.items() if field.kind not in {Kind.ANY, Kind.TEXT}
}
_LOCATIONS = {"LocalPath", "S3OutputPath"}


@rule(
    "CML105",
    title="A value that is read at run time is marked as such",
    reason="Step Functions takes a value literally unless its key ends in .$ (JSONPath) or it is enclosed in {% %} "
    '(JSONata): the service receives the path itself. Source: the Amazon States Language, "Payload Template" and '
    '"Using JSONata".',
    bad={
        "StartAt": "Count",
        "States": {
            "Count": {
                "Type": "Task",
                "Resource": _TRAIN,
                "Parameters": {"FunctionName": "count", "Payload": {"part": "$.part"}},
                "End": True,
            }
        },
    },
    good={
        "StartAt": "Count",
        "States": {
            "Count": {
                "Type": "Task",
                "Resource": _TRAIN,
                "Parameters": {"FunctionName": "count", "Payload": {"part.$": "$.part"}},
                "End": True,
            }
        },
    },
)
def not_evaluated(machine: Machine) -> Iterator[Violation]:
    """Paths, calls and expressions in places where they are literals."""
    for text in texts_of(machine):
        fix = _fix(text) if text.use is Use.PLAIN and isinstance(text.value, str) else ""
        if fix:
            yield Violation(text.state.name, text.member, f"is the literal {text.value!r}, which is not evaluated", fix)


def _is_read(value: str) -> bool:
    """Return whether a string is a JSONPath or a call of an intrinsic function."""
    return any(form.fullmatch(value) for form in (_CONTEXT, _CALL, _PATH))


def _fix(text: Text) -> str:
    value = text.value
    if text.jsonata:
        # CML012 reports the types of other fields.
        is_typed = text.key == "Condition" or text.member in _TYPED
        return f"write {{% {value} %}}" if _STATES.fullmatch(value) and not is_typed else ""
    if is_jsonata(value) and "$" in value:
        return "give the state QueryLanguage JSONata" if _STATES.search(value) else ""
    quoted = _QUOTED.fullmatch(value) if ".HyperParameters." in text.member else None
    if not _is_read(quoted[1] if quoted else value):
        return ""
    place = text.member.partition(".")[2]
    if _PATH.fullmatch(value) and _OWN_PATHS.search(place) and text.key not in _LOCATIONS:
        return ""
    if text.listed:
        return f"write the list as {text.key}.$ with States.Array(…, {value}, …)"
    # Framework images read hyperparameters as JSON.
    return f"write {text.key}.$" + (f" with States.JsonToString({quoted[1]})" if quoted else "")
