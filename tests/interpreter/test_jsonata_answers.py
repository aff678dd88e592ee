"""JSONata in simulated executions and on the laptop: what the reference implementation, version 2.0.6, gives.

The values were written down from it; ``make conformance-engine`` compares thousands of expressions with it.
"""

from __future__ import annotations

import json
import random
import time
from datetime import datetime, timezone
from functools import cache
from typing import Any

import pytest
from jsonata.jexception import JException

from constructs_ml.errors import SimulationError
from constructs_ml.interpreter import environment, interpreter
from constructs_ml.interpreter.clock import Clock
from constructs_ml.interpreter.expressions.evaluate import parse
from constructs_ml.testing import simulate

ROWS = [{"id": 1, "p": 2}, {"id": 2, "p": 2}, {"id": 3, "p": 1.5}, {"id": 4, "p": 2}]
INPUT = {"rows": ROWS, "nulls": [None, 1, None], "nil": None, "list": [3, 1, 2], "object": {"a": {"c": None}}}


@cache
def module() -> Any:
    """MiniStack's interpreter, put right."""
    environment.load()
    return interpreter.load(Clock(datetime(2026, 1, 1, tzinfo=timezone.utc)), random.Random(0))  # noqa: S311 - no secret


def value(expression: str) -> Any:
    """The value of an expression."""
    return module()._evaluate_jsonata(expression, json.loads(json.dumps(INPUT)), {"variables": {"n": None}})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # Numbers.
        ("5.5 % 2", 1.5),
        ("-5.5 % 2", -1.5),
        ("$string(1e20)", "100000000000000000000"),
        ("$string(1e21)", "1e+21"),
        ("$string(1.5e300)", "1.5e+300"),
        ("$string(0.000001)", "0.000001"),
        ("$string(1e-7)", "1e-7"),
        ("$string(5e-324)", "5e-324"),
        ("$string(0.1 + 0.2)", "0.3"),
        ("$string(123456789012345678)", "123456789012346000"),
        ("1e20 & ''", "100000000000000000000"),
        ("$string({'a': 1e-7, 'b': [100, -0.5]})", '{"a":1e-7,"b":[100,-0.5]}'),
        ("$number('0b11')", 3),
        ("$round(2.5)", 2),
        ("$round(4.525, 2)", 4.52),
        ("$round(125, -1)", 120),
        ("$formatNumber(0.5, '0')", "0"),
        ("$formatNumber(1e20, '#,##0')", "100,000,000,000,000,000,000"),
        ("$formatNumber(1e21, '0')", "1e+21"),
        ("$formatNumber(-1.5e21, '0.0')", "-1.5e+21"),
        ("$formatNumber(1e21, '#,##0.00')", "1e,+21.00"),
        ("$formatNumber(1e19, '0%')", "1e+21%"),
        ("$toMillis('0000-01-01')", -62167219200000),
        ("$toMillis('0000-02-30T00:00:00+01:00')", -62162038800000),
        ("$toMillis('9999-12-31T23:59:59-01:00')", 253402304399000),
        ("$toMillis('2000-02-30')", 951868800000),
        ("$formatNumber(34.555, '#0.00;(#0.00)')", "34.56"),
        ("$formatNumber(-34.555, '#0.00;(#0.00)')", "(34.56)"),
        ("$formatNumber(0, '#.#')", ".0"),
        ("$formatNumber(1234567.891, '#,##0.00')", "1,234,567.89"),
        ("$formatNumber(1234.5678, '00.000e0')", "12.346e2"),
        ("$formatNumber(0.14, '01%')", "14%"),
        ("$parseInteger('2026-01-02', '0')", 2026),
        # Times.
        ("$toMillis('2026-01-02')", 1767312000000),
        ("$toMillis('2026-01')", 1767225600000),
        ("$toMillis('2026')", 1767225600000),
        ("$toMillis('2026-02-30')", 1772409600000),
        ("$toMillis('2026-01-02T03:04:05.6789+02:00')", 1767315845678),
        ("$fromMillis(0, '[H01]:[m01]', '+0530')", "05:30"),
        # Order.
        ("$sort($states.input.rows, function($l, $r) { $l.p > $r.p }).id", [3, 1, 2, 4]),
        ("$sort($states.input.rows, function($l, $r) { $l.p < $r.p }).id", [1, 2, 4, 3]),
        ("$sort($states.input.rows, function($l, $r) { $l.p >= $r.p }).id", [3, 4, 2, 1]),
        ("$sort([2, 1], function($l, $r) { 0 })", [2, 1]),
        ("$sort(['b', 'B', '\U0001f600', '\uffff'])", ["B", "b", "\U0001f600", "\uffff"]),
        ("$states.input.rows[-1.5].id", 3),
        # What is the same, and what is there.
        ("$distinct([1, true, 0, false, 1.0, null, null])", [1, True, 0, False, None]),
        ("1 in [true]", False),
        ("[1] in [[1]]", False),
        ("$count(null)", 1),
        ("$reverse(null)", [None]),
        ("$map($states.input.nulls, function($x) { $x })", [None, 1, None]),
        ("$reduce($states.input.nulls, function($a, $b) { $a })", None),
        ("$exists($states.input.nil)", True),
        ("$exists($states.input.none)", False),
        ("$type($n)", "null"),
        ("$states.input.object ~> |$|{'z': null}|", {"a": {"c": None}, "z": None}),
        ("$clone($states.input.nulls)", [None, 1, None]),
        ("true and function() { 1 }", True),
        ("$type(/a/)", "function"),
        # Texts.
        ("$lowercase('STRASSE ß')", "strasse ß"),
        ("$base64encode('ä')", "5A=="),
        ("$base64decode('YQ')", "a"),
        ("$decodeUrl('%c3%a4%2Fb%3f%41')", "ä%2Fb%3fA"),
        ("$decodeUrlComponent('%C3%A4%2Fb')", "ä/b"),
        ("$split('a1b22c', /(\\d)/)", ["a", "b", "", "c"]),
        ("$split('abcb', /b/, 2.5)", ["a", "c", ""]),
        ("$replace('abab', /(a)b/, function($m) { $m.groups[0] })", "aa"),
        ("$replace('abc', 'b', '$0')", "a$0c"),
        ("$replace('abc', /b/, '\\\\d$0')", "a\\dbc"),
        ("$replace('aaa', /a/, 'aa', 2)", "aaaaa"),
        ("$match('ab', /(a)(z)?/).groups", ["a", None]),
        ("$replace('x\\n', /x$/, 'y')", "x\n"),
        ("$replace('2026', /(?<y>\\d+)/, '<$1>')", "<2026>"),
        ("$string(['ä\\n'])", '["ä\\n"]'),
        # AWS's own.
        ("$partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("$range(1, 5.9, 2)", [1, 3, 5]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('a', 'SHA-1')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ("$parse('{\"a\": [null]}')", {"a": [None]}),
    ],
)
def test_an_expression_has_the_value_of_the_reference(expression: str, expected: Any) -> None:
    """With its type: 1 is not true."""
    found = value(expression)
    assert (found, json.dumps(found)) == (expected, json.dumps(expected))


@pytest.mark.parametrize(
    "expression",
    [
        "$sum(null)",
        "$join(null)",
        "$contains(null, 'b')",
        "$sort([true, false])",
        "$sort([[2], [1]])",
        "$number(' 1')",
        "$number('1_0')",
        "$number('.5')",
        "$toMillis('2026-01-02T03:04')",
        "$toMillis('2026-13-02')",
        "$toMillis('2026-01-02', [])",
        "$formatNumber(12, '2026-01-02')",
        "$replace('a', 'a', true)",
        "$replace('a', /b*/, 'x')",
        "$string({}, null)",
        "$eval('1')",
        "1 / 0",
        "5 % 0",
        "[$sum]",
        "$sum",
        "$hash('a', 'SHA-2')",
        "$partition([1], 0)",
        "$parse('{')",
        "$range(1, 2, 0)",
        "$decodeUrl('%')",
        "$decodeUrlComponent('%zz')",
    ],
)
def test_an_expression_fails_where_the_reference_does(expression: str) -> None:
    """Or gives nothing that JSON has."""
    with pytest.raises(module()._ExecutionError) as failed:
        value(expression)
    assert failed.value.error == "States.QueryEvaluationError"


@pytest.mark.parametrize("expression", ["$states.input.a ?? 1", "$states.input.a ?: 1"])
def test_a_definition_with_operators_of_later_versions_is_refused(expression: str) -> None:
    """As CreateStateMachine does."""
    state = {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}
    with pytest.raises(SimulationError, match="INVALID_JSONATA_EXPRESSION"):
        simulate({"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": state}})


def test_an_expression_is_evaluated_once() -> None:
    """Also one that gives null: what it draws is drawn once."""

    def drawn(expression: str) -> Any:
        state = {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}
        return simulate({"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": state}}, seed=7).output

    first, second = drawn("[$random(), $random()]")
    assert first != second
    assert drawn("($x := $random(); [$x = $x ? null : 1, $random()])") == [None, second]


def test_a_null_variable_is_null() -> None:
    """And not undefined, wherever it is."""
    states = {
        "Set": {"Type": "Pass", "Assign": {"n": None, "o": {"k": [None]}}, "Next": "See"},
        "See": {"Type": "Pass", "Output": "{% [$n, $o.k[0], $type($n)] %}", "End": True},
    }
    assert simulate({"QueryLanguage": "JSONata", "StartAt": "Set", "States": states}).output == [None, None, "null"]


def test_the_time_of_an_expression_is_its_own() -> None:
    """On a machine that others use it may take longer; one that does not end is ended."""
    waits = parse("($sleep(); 1)", 50)
    waits.register_lambda("sleep", lambda: time.sleep(0.2))
    assert waits.evaluate(None, {}) == 1
    with pytest.raises(JException, match="timeout after 50 milliseconds"):
        parse("($again := function($n) {$again($n + 1)}; $again(1))", 50).evaluate(None, {})
