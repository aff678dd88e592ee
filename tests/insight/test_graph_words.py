"""Conditions, errors, retries and durations in words."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.asl.schema import OPERATORS
from constructs_ml.insight.graph.words import caught_by, condition_of, duration_of, in_words, retries_of, value_of

RULES = [
    ({"StringEquals": "Completed"}, '$.a is "Completed"'),
    ({"StringEqualsPath": "$.b"}, "$.a is $.b"),
    ({"StringLessThan": "m"}, '$.a comes before "m"'),
    ({"StringLessThanPath": "$.b"}, "$.a comes before $.b"),
    ({"StringGreaterThan": "m"}, '$.a comes after "m"'),
    ({"StringGreaterThanPath": "$.b"}, "$.a comes after $.b"),
    ({"StringLessThanEquals": "m"}, '$.a is or comes before "m"'),
    ({"StringLessThanEqualsPath": "$.b"}, "$.a is or comes before $.b"),
    ({"StringGreaterThanEquals": "m"}, '$.a is or comes after "m"'),
    ({"StringGreaterThanEqualsPath": "$.b"}, "$.a is or comes after $.b"),
    ({"StringMatches": "log-*.txt"}, '$.a matches "log-*.txt"'),
    ({"NumericEquals": 5}, "$.a is 5"),
    ({"NumericEqualsPath": "$.b"}, "$.a is $.b"),
    ({"NumericLessThan": 0.5}, "$.a is less than 0.5"),
    ({"NumericLessThanPath": "$.b"}, "$.a is less than $.b"),
    ({"NumericGreaterThan": 5}, "$.a is more than 5"),
    ({"NumericGreaterThanPath": "$.b"}, "$.a is more than $.b"),
    ({"NumericLessThanEquals": 5}, "$.a is at most 5"),
    ({"NumericLessThanEqualsPath": "$.b"}, "$.a is at most $.b"),
    ({"NumericGreaterThanEquals": 5}, "$.a is at least 5"),
    ({"NumericGreaterThanEqualsPath": "$.b"}, "$.a is at least $.b"),
    ({"BooleanEquals": True}, "$.a is true"),
    ({"BooleanEqualsPath": "$.b"}, "$.a is $.b"),
    ({"TimestampEquals": "2026-01-31T12:00:00Z"}, '$.a is at "2026-01-31T12:00:00Z"'),
    ({"TimestampEqualsPath": "$.b"}, "$.a is at $.b"),
    ({"TimestampLessThan": "2026-01-31T12:00:00Z"}, '$.a is before "2026-01-31T12:00:00Z"'),
    ({"TimestampLessThanPath": "$.b"}, "$.a is before $.b"),
    ({"TimestampGreaterThan": "2026-01-31T12:00:00Z"}, '$.a is after "2026-01-31T12:00:00Z"'),
    ({"TimestampGreaterThanPath": "$.b"}, "$.a is after $.b"),
    ({"TimestampLessThanEquals": "2026-01-31T12:00:00Z"}, '$.a is at or before "2026-01-31T12:00:00Z"'),
    ({"TimestampLessThanEqualsPath": "$.b"}, "$.a is at or before $.b"),
    ({"TimestampGreaterThanEquals": "2026-01-31T12:00:00Z"}, '$.a is at or after "2026-01-31T12:00:00Z"'),
    ({"TimestampGreaterThanEqualsPath": "$.b"}, "$.a is at or after $.b"),
    ({"IsNull": True}, "$.a is null"),
    ({"IsNull": False}, "$.a is not null"),
    ({"IsPresent": True}, "$.a is present"),
    ({"IsPresent": False}, "$.a is missing"),
    ({"IsNumeric": True}, "$.a is a number"),
    ({"IsNumeric": False}, "$.a is not a number"),
    ({"IsString": True}, "$.a is a string"),
    ({"IsBoolean": True}, "$.a is true or false"),
    ({"IsTimestamp": False}, "$.a is not a timestamp"),
]


@pytest.mark.parametrize(
    ("operator", "words"), RULES, ids=lambda value: next(iter(value)) if isinstance(value, dict) else ""
)
def test_an_operator_has_words(operator: dict[str, Any], words: str) -> None:
    assert condition_of({"Variable": "$.a", **operator, "Next": "B"}) == words


def test_every_operator_has_its_words_above() -> None:
    """So that none is shown by its name in the API."""
    assert {name for operator, _ in RULES for name in operator} == set(OPERATORS)


_A, _B = {"Variable": "$.a", "IsPresent": True}, {"Variable": "$.b", "NumericLessThan": 3}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"And": [_A, _B]}, "$.a is present and $.b is less than 3"),
        ({"Or": [_A, _B]}, "$.a is present or $.b is less than 3"),
        ({"And": [_A, {"Or": [_A, _B]}]}, "$.a is present and ($.a is present or $.b is less than 3)"),
        ({"Not": _A}, "$.a is missing"),
        ({"Not": {"Variable": "$.a", "IsPresent": False}}, "$.a is present"),
        ({"Not": _B}, "$.b is not less than 3"),
        ({"Not": {"Variable": "$.a", "StringMatches": "x*"}}, '$.a does not match "x*"'),
        ({"Not": {"Variable": "$.a", "StringLessThan": "x"}}, '$.a does not come before "x"'),
        ({"Not": {"And": [_A, _B]}}, "not ($.a is present and $.b is less than 3)"),
        ({"Not": {"Not": _A}}, "not ($.a is missing)"),
        ({"Variable": "$['Job']['Status']", "StringEquals": "x"}, '$.Job.Status is "x"'),
        ({"Variable": "$.m['test:accuracy']", "NumericGreaterThan": 1}, "$.m['test:accuracy'] is more than 1"),
        # What other tools may write is shown, not refused.
        ({"Variable": "$.a"}, "$.a is compared with nothing"),
        ({"Variable": "$.a", "StringLikes": "x"}, '$.a StringLikes "x"'),
        ({"Not": 3}, "not (3)"),
        ({"Condition": True}, "true"),
    ],
)
def test_rules_are_combined(rule: dict[str, Any], words: str) -> None:
    assert condition_of(rule) == words


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$states.input.Prepare.ProcessingJobStatus = 'Completed'", 'input.Prepare.ProcessingJobStatus is "Completed"'),
        ("$a != 3", "$a is not 3"),
        ("$a <= 0.5 and $b >= 2", "$a is at most 0.5 and $b is at least 2"),
        ("$a in ['x', 'y', 'z']", '$a is "x", "y" or "z"'),
        ("$a in $b", "$a is in $b"),
        ("$exists($states.input.a)", "input.a is present"),
        ("$not($exists($states.input.a))", "input.a is missing"),
        ("$not($a = 1)", "$a is not 1"),
        ("$not($a in [1, 2])", "$a is not in [1, 2]"),
        ("$not($a and $b)", "not ($a and $b)"),
        ("$contains($a, 'x')", '$a contains "x"'),
        ("$count($states.input.parts) > 10", "$count(input.parts) is more than 10"),
        ("$states.context.Execution.Name = 'n'", 'context.Execution.Name is "n"'),
        ("$a = -1", "$a is -1"),
        ("$a = true", "$a is true"),
        # Other forms stay as they are.
        ("$a[0] = 1", "$a[0] = 1"),
        ("$a ~> $f", "$a ~> $f"),
        ("$a = ", "$a ="),
    ],
)
def test_an_expression_has_words(expression: str, words: str) -> None:
    assert in_words(f"{{% {expression} %}}") == words


def test_parentheses_keep_the_meaning() -> None:
    """``and`` inside ``or`` and the other way around can be told from each other."""
    assert in_words("{% ($a = 1 or $b) and $c and $d %}") == "($a is 1 or $b) and $c and $d"
    assert in_words("{% $a = 1 or $b and $c %}") == "$a is 1 or ($b and $c)"


@pytest.mark.parametrize(
    ("retriers", "words"),
    [
        ([{"ErrorEquals": ["SageMaker.AmazonSageMakerException"], "MaxAttempts": 6}], "retries refused calls 6 times"),
        ([{"ErrorEquals": ["States.ALL"]}], "retries any error 3 times"),
        ([{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}], "retries time-outs once"),
        (
            [
                {"ErrorEquals": ["A", "B"], "MaxAttempts": 2},
                {"ErrorEquals": ["C"], "MaxAttempts": 0},
            ],
            "retries A and B twice; never retries C",
        ),
        ([{"ErrorEquals": ["A"], "MaxAttempts": "{% $n %}"}], "retries A $n times"),
        ([{"ErrorEquals": ["A"], "MaxAttempts": 0}], ""),
        (["x"], ""),
        (None, ""),
    ],
)
def test_retries_have_words(retriers: Any, words: str) -> None:
    assert retries_of(retriers) == words


def test_a_catcher_says_its_errors() -> None:
    """As a log shows them; only the wildcard is put into words."""
    assert caught_by({"ErrorEquals": ["States.TaskFailed", "Mine"]}) == "on States.TaskFailed or Mine"
    assert caught_by({"ErrorEquals": ["States.ALL"]}) == "on any error"
    assert caught_by({"ErrorEquals": []}) == "on no error"
    assert caught_by({}) == "on null"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (90, "1 minute 30 seconds"),
        (86_400, "1 day"),
        (0, "0 seconds"),
        (0.5, "0.5 seconds"),
        ("$.x", "$.x seconds"),
        ("{% $w %}", "$w seconds"),
    ],
)
def test_a_duration_has_words(seconds: Any, words: str) -> None:
    assert duration_of(seconds) == words


def test_tokens_are_shown_by_their_resources() -> None:
    """aws-cdk-lib's hash at the end of a logical id says nothing to a reader."""
    assert value_of("s3://${Token[RawData202C7BD0]}/x") == "s3://‹RawData›/x"
    assert value_of("${Token[Job4BF2B255.Arn]}") == "‹Job›"
