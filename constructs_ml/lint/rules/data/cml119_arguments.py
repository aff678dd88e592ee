"""CML119."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.asl.values import is_later
from constructs_ml.asl.variable_names import assignments
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.dataflow.jsonata import inside, parse
from constructs_ml.lint.dataflow.jsonata_calls import wrong_calls
from constructs_ml.lint.dataflow.texts import Use, texts_of
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


@rule(
    "CML119",
    title="A JSONata function is called with arguments that it accepts",
    reason="A call with too few or too many arguments, or with one of another type, fails with "
    "States.QueryEvaluationError: nothing is converted. Outside of a path, a call without its first argument yields "
    "nothing. A call in a branch, a function or a filter of the expression is a warning. Source: the JSONata "
    'documentation, "Function library".',
    bad={
        "QueryLanguage": "JSONata",
        "StartAt": "Day",
        "States": {"Day": {"Type": "Pass", "Output": {"day": "{% $fromMillis($now()) %}"}, "End": True}},
    },
    good={
        "QueryLanguage": "JSONata",
        "StartAt": "Day",
        "States": {"Day": {"Type": "Pass", "Output": {"day": "{% $fromMillis($millis()) %}"}, "End": True}},
    },
)
def arguments(machine: Machine) -> Iterator[Violation]:
    """Calls that fail for every input."""
    variables = {name for state in machine.states for _, name in assignments(state)}
    for text in texts_of(machine):
        if not (text.jsonata and text.use is Use.PLAIN and is_jsonata(text.value)):
            continue
        expression = inside(text.value)
        tree = parse(expression).tree
        # A value filled in at deployment may be anything, except in a string literal.
        if tree is None or is_later(_QUOTED.sub("", expression)):
            continue
        for call in wrong_calls(tree, variables):
            severity = None if call.certain else Severity.WARNING
            yield Violation(text.state.name, text.member, call.problem, "", severity)
