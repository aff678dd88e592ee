"""Calls that fail whatever the input is: those that JSONata refuses are found, and what it takes is not."""

from __future__ import annotations

from typing import Any

import pytest
from jsonata.jsonata import Jsonata

from constructs_ml.lint import check_definition
from constructs_ml.lint.dataflow.jsonata_signatures import SIGNATURES, parameters_of
from constructs_ml.testing import simulate


def definition(expression: str, **fields: Any) -> dict[str, Any]:
    state = {"Type": "Pass", "Output": {"found": f"{{% {expression} %}}"}, "End": True, **fields}
    return {"QueryLanguage": "JSONata", "StartAt": "Look", "States": {"Look": state}}


def told(expression: str, **fields: Any) -> list[str]:
    found = check_definition(definition(expression, **fields))
    return [str(violation) for violation in found if violation.rule == "CML119"]


WRONG = {
    "$length(5)": "calls $length with a number; its signature is $length(string)",
    "$substring()": "calls $substring with nothing; its signature is $substring(string, number[, number])",
    "$substring('a', '1')": "calls $substring with a string, a string",
    "$sum('x')": "calls $sum with a string; its signature is $sum(list of numbers)",
    "$sum([1, $states.input.n, 'x'])": "calls $sum with a list",
    "$join([1, 2], '-')": "its signature is $join(list of strings[, string])",
    "$join([$states.input.a, $states.input.b], 5)": "calls $join with a list, a number",
    "$merge(['a'])": "its signature is $merge(list of objects)",
    "$uppercase('a', 'b')": "calls $uppercase with a string, a string",
    "$uppercase($states.input.a, 1, 2)": "calls $uppercase with a value, a number, a number",
    "$toMillis($millis())": "calls $toMillis with a number",
    "$length('a' & 5 = 'a5')": "calls $length with true or false",
    "$lowercase(null)": "calls $lowercase with null",
    "$round('1.5')": "calls $round with a string",
    "$map([1], 2)": "calls $map with a list, a number; its signature is $map(list, function)",
    "$match('a', 'b')": "its signature is $match(string, pattern[, number])",
    "$split('a,b', ',', '1')": "its signature is $split(string, string or pattern[, number])",
    "$replace('a')": "calls $replace with a string",
    "$length({'a': 1})": "calls $length with an object",
    "5 ~> $length()": "calls $length with a number",
    "5 ~> $length": "calls $length with a number",
    "'a' ~> $substring('b', 'c')": "calls $substring with a string, a string, a string",
    "[1, $length(5)]": "calls $length with a number",
    "'a' & $length(5)": "calls $length with a number",
    "{'a': $length(5)}": "calls $length with a number",
    "$string($length(5))": "calls $length with a number",
    "($x := $length(5); $x)": "calls $length with a number",
}
NOTHING = {
    "$fromMillis($now())": "calls $fromMillis with a string, which yields nothing; its signature is $fromMillis(number[, string[, string]])",
    "$split('a,b', 1)": "calls $split with a string, a number, which yields nothing",
    "$replace('a', 'b')": "calls $replace with a string, a string, which yields nothing",
    "$substring($states.input.n)": "calls $substring with a value, which yields nothing",
    "$length()": "calls $length with nothing, which yields nothing",
    "$string()": "calls $string with nothing, which yields nothing",
}
RIGHT = (
    "$states.input.list.$length()",
    "$states.input.list[$length() = 1]",
    "$states.input.list ~> $map(function($x) {$x.$string()})",
    "$states.input.list{$string(): 1}",
    "$length('5')",
    "$length($states.input.x)",
    "$sum(5)",
    "$sum([1, $states.input.n])",
    "$sum($states.input.n)",
    "$join('a')",
    "$join([])",
    "$join([$states.input.a, 'b'], '-')",
    "$states.input.list.$substring(1)",
    "$substring('abc', 1)",
    "$zip([1], [2], [3], [4])",
    "$map([1], function($x) {$x})",
    "$map([1], $states.input.f)",
    "$map(['a'], $length)",
    "$match('a', /a/)",
    "$split('a,b', ',', 2)",
    "$string(5)",
    "$string({'a': 1}, true)",
    "$number(true)",
    "$length([1][0] & '')",
    "$length(['a'][0])",
    "$exists(null)",
    "$lookup({'a': 1}, 'a')",
    "$error('it is wrong')",
    "$assert(false, 'it is wrong')",
    "$now()",
    "$now('[Y]')",
    "$formatBase(10)",
    "'abc' ~> $substring(1)",
    "$uppercase ~> $lowercase",
    "$states.input.f ~> $length",
    "$substring('abc', ?)",
    "($length := function($x) {$x}; $length(5))",
    "$map([1], function($length) {$length(5)})",
    "$hash('a', 'MD5')",
    "$partition([1, 2], 1)",
    "$range(1, 2, 1)",
    "$random(1)",
    "$length(${Token[X.1]})",
    " & ".join(["'a'"] * 1500),
)


@pytest.mark.parametrize("expression", WRONG)
def test_a_call_that_fails_is_told(expression: str) -> None:
    """And fails, with the error of a wrong argument."""
    [problem] = told(expression)
    execution = simulate(definition(expression), input={"n": 1, "a": "a", "b": "b"})

    assert WRONG[expression] in problem
    assert execution.error == "States.QueryEvaluationError"
    assert "T0410" in (execution.cause or "") or "T0412" in (execution.cause or "")


@pytest.mark.parametrize("expression", NOTHING)
def test_a_call_that_gives_nothing_is_told(expression: str) -> None:
    """What its first argument would be is in sight in a path only."""
    [problem] = told(expression)
    execution = simulate(definition(expression), input={"n": 1})

    assert NOTHING[expression] in problem
    assert "did not return a result" in (execution.cause or "")


@pytest.mark.parametrize("expression", RIGHT)
def test_a_call_that_may_succeed_passes(expression: str) -> None:
    assert told(expression) == []


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.a ? $length(5) : 1",
        "$states.input.a and $length(5) = 1",
        "$states.input.a[$length(5) = 1]",
        "$states.input.a.$length(5)",
        "$map($states.input.a, function($x) {$length(5)})",
    ],
)
def test_one_that_is_not_reached_for_certain_is_a_warning(expression: str) -> None:
    [violation] = [each for each in check_definition(definition(expression)) if each.rule == "CML119"]

    assert violation.severity is not None
    assert violation.severity.value == "warning"


def test_a_variable_may_have_the_name_of_a_function() -> None:
    """It is another thing then."""
    assert told("$length(5)", Assign={"length": 1}) == []


def test_signatures_are_those_of_the_language() -> None:
    """Of all functions, but for AWS's own and those that there are not."""
    Jsonata("1")
    reference = {
        name: function.signature._signature.strip("^$").replace("(f)", "([f])").replace("(f?)", "([f]?)")
        for name, function in Jsonata.static_frame.bindings.items()
        if name not in {"eval", "random"}
    }

    ours = {
        name: "".join(f"({parameter.pattern})" for parameter in parameters_of(signature))
        for name, signature in SIGNATURES.items()
    }
    assert ours == reference
