"""CML109."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.jsonata import inside, parse
from constructs_ml.lint.dataflow.texts import Use, texts_of
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_PARTLY = re.compile(r"\{%[^%]*\$[^\W\d]\w*\b.*%\}", re.DOTALL)


@rule(
    "CML109",
    title="A JSONata expression can be parsed",
    reason="Step Functions refuses an expression that it cannot parse; it supports JSONata 2.0.6. A value is an "
    "expression only if it is {% … %} from its first character to its last; one that only begins or ends so is "
    'refused, any other is a literal. Source: "Transforming data with JSONata in Step Functions".',
    bad={
        "QueryLanguage": "JSONata",
        "StartAt": "Name",
        "States": {"Name": {"Type": "Pass", "Output": {"run": "{% $states.input.run & %}"}, "End": True}},
    },
    good={
        "QueryLanguage": "JSONata",
        "StartAt": "Name",
        "States": {"Name": {"Type": "Pass", "Output": {"run": "{% $states.input.run & '' %}"}, "End": True}},
    },
)
def jsonata(machine: Machine) -> Iterator[Violation]:
    """Expressions that cannot be parsed, and values that only partly look like one."""
    for text in texts_of(machine):
        if text.jsonata and text.use is Use.PLAIN and isinstance(text.value, str):
            problem = _problem(text.value)
            if problem:
                yield Violation(text.state.name, text.member, *problem)


def _problem(value: str) -> tuple[str, str] | None:
    if is_jsonata(value):
        fault = parse(inside(value)).fault
        joined = "%}" in inside(value)
        return (f"cannot be parsed: {fault}", "join strings with & in one {% … %}" if joined else "") if fault else None
    plain = value.strip()
    starts, ends = plain.startswith("{%"), plain.endswith("%}")
    if starts and ends:
        return f"is the literal {value!r}: an expression has no spaces around it", f"write {plain}"
    if starts and "%}" not in value:
        return "starts with {% but has no %}", ""
    if ends and "{%" not in value:
        return "ends with %} but has no {%", ""
    # A string that ends so and contains {% may be a template of another language.
    if starts or _PARTLY.search(value):
        return f"is the literal {value!r}: an expression must be the whole value", "write {% 'text' & … %}"
    return None
