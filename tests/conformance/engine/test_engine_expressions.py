"""Expressions in JSONata have the values that the reference implementation gives them."""

from __future__ import annotations

import json
import random
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from engine_differences import DEFINITIONS, EXPRESSIONS
from engine_expressions import INPUT, VARIABLES, all_expressions
from engine_inputs import Inputs, drawn_inputs

from constructs_ml.asl.inputs import assigned_in_jsonata, faults_in_jsonata
from constructs_ml.interpreter import environment, interpreter
from constructs_ml.interpreter.clock import Clock

if TYPE_CHECKING:
    from conftest import Engine

_SHIMS = ("$partition(", "$range(", "$hash(", "$random(", "$uuid(", "$parse(")
"""What the reference answers by functions of ours: no oracle's answers."""


def test_expressions_agree(reference: Engine) -> None:
    """Value for value; where there is none, neither has one."""
    environment.load()
    module = interpreter.load(Clock(datetime(2026, 1, 1, tzinfo=timezone.utc)), random.Random(0))  # noqa: S311 - no secret
    explained = {expression for expressions, _ in EXPRESSIONS.values() for expression in expressions}
    compared, differing = 0, {}
    for expression in all_expressions():
        assert not any(shim in expression for shim in _SHIMS) or expression.startswith("$type("), expression
        states = {"input": dict(INPUT), "result": None, "errorOutput": None, "context": {"Execution": {"Id": "arn"}}}
        question = {"expression": expression, "states": states, "variables": dict(VARIABLES)}
        theirs, own = reference.ask(question), _own(module, expression)
        compared += 1
        if not _agree(own, theirs):
            differing[expression] = (own, theirs)
    assert set(differing) == explained, {key: differing.get(key) for key in set(differing) ^ explained}
    assert compared >= 5000
    assert len(EXPRESSIONS) + len(DEFINITIONS) <= 15


def test_checks_of_typed_inputs_agree(reference: Engine) -> None:
    """The faults of drawn inputs, and the values with the defaults filled in; Python finds the same faults."""
    environment.load()
    module = interpreter.load(Clock(datetime(2026, 1, 1, tzinfo=timezone.utc)), random.Random(0))  # noqa: S311 - no secret
    shape = Inputs.shape
    expressions = [faults_in_jsonata(shape), *(text[2:-2].strip() for text in assigned_in_jsonata(shape).values())]
    faulty, refused = 0, set()
    for given in drawn_inputs():
        states = {"input": given, "result": None, "errorOutput": None, "context": {}}
        theirs = [reference.ask({"expression": each, "states": states, "variables": {}}) for each in expressions]
        own = [_value_of(module, each, given) for each in expressions]
        assert all(map(_agree, own, theirs)), (given, own, theirs)
        assert theirs[0]["value"] == "; ".join(shape.faults_of(given))
        faulty += theirs[0]["value"] != ""
        refused |= {fault.split()[0] for fault in shape.faults_of(given)}
    assert 100 <= faulty <= 380
    assert refused >= {field.name for field in shape.fields}


def _value_of(module: Any, expression: str, given: Any) -> dict[str, Any]:
    try:
        return {"value": module._evaluate_jsonata(expression, given, {})}
    except module._ExecutionError as error:
        return {"undefined": True} if "did not return a result" in error.cause else {"error": error.cause}


def _own(module: Any, expression: str) -> dict[str, Any]:
    context = {"Execution": {"Id": "arn"}, "variables": dict(VARIABLES)}
    try:
        return {"value": module._evaluate_jsonata(expression, json.loads(json.dumps(dict(INPUT))), context)}
    except module._ExecutionError as error:
        return {"undefined": True} if "did not return a result" in error.cause else {"error": error.cause}


def _agree(own: dict[str, Any], theirs: dict[str, Any]) -> bool:
    if "value" in own and "value" in theirs:
        return _same(own["value"], theirs["value"])
    return "value" not in own and "value" not in theirs and ("undefined" in own) == ("undefined" in theirs)


def _same(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON; numbers may differ by their last bit."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(_same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if type(left) in {int, float} and type(right) in {int, float}:
        return abs(left - right) <= 1e-15 * max(abs(left), abs(right))
    return type(left) is type(right) and bool(left == right)
