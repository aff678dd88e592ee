"""The fields of an execution's input: Step Functions' check in JSONata, Python's and the JSON Schema agree."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_ml.asl.inputs import (
    METADATA,
    InputField,
    InputKind,
    InputShape,
    allowed_values,
    assigned_in_jsonata,
    fault_of,
    faults_in_jsonata,
    input_shape,
)
from constructs_ml.interpreter.expressions.evaluate import parse
from constructs_ml.interpreter.expressions.values import from_json, to_json

if TYPE_CHECKING:
    from constructs_ml.interpreter.expressions.language import Expression

FIELDS = (
    InputField("day", InputKind.TEXT, min_length=2, max_length=10, description="The day to train on"),
    InputField("true", InputKind.TEXT, default='it\'s "so"'),
    InputField("depth", InputKind.WHOLE, default=6, ge=1, le=32),
    InputField("rate", InputKind.NUMBER, default=0.5, gt=0, lt=1),
    InputField("dry", InputKind.FLAG, default=False),
    InputField("size", InputKind.TEXT, default="m", choices=("s", "m", "l")),
    InputField("rows", InputKind.TEXT, is_uri=True),
    InputField(
        "countries", InputKind.LIST, default=[], items=InputField("", InputKind.TEXT, min_length=2), max_length=3
    ),
    InputField("weights", InputKind.OBJECT, default={"a": 1}, items=InputField("", InputKind.NUMBER, ge=0)),
    InputField("codes", InputKind.LIST, default=[1], items=InputField("", InputKind.WHOLE, choices=(1, 2))),
)
GOOD = {"day": "2026-01-01", "rows": "s3://bucket/rows/"}
SHAPE = InputShape("Inputs", FIELDS, "What to train on.")
OPEN = InputShape("Inputs", FIELDS, closed=False)
SCHEMA = SHAPE.json_schema()
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 40)
    | st.sampled_from([0.5, 1.0, 6.5])
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12)
    | st.sampled_from(
        ["s", "m", "xl", "🙂 é", "s3://bucket/rows", "s3://Bad/x", "s3://b/", "http://x", 'a "b"', "it's"]
    )
)
VALUES = SCALARS | st.lists(SCALARS, max_size=4) | st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2)
INPUTS = st.dictionaries(
    st.sampled_from([*(field.name for field in FIELDS), "other", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"]), VALUES
).map(lambda drawn: {**GOOD, **drawn})


@cache
def parsed(expression: str) -> Expression:
    """Parsed once, by what simulations and local runs evaluate expressions with."""
    return parse(expression, 10_000)


def in_jsonata(expression: str, given_input: Any) -> Any:
    return to_json(parsed(expression).evaluate(None, {"states": from_json({"input": given_input})}))


@settings(max_examples=60)
@given(INPUTS | VALUES)
def test_step_functions_and_python_find_the_same_faults(given_input: Any) -> None:
    """In the same words."""
    assert in_jsonata(faults_in_jsonata(SHAPE), given_input) == "; ".join(SHAPE.faults_of(given_input))


@given(INPUTS | VALUES)
def test_the_schema_refuses_what_they_refuse(given_input: Any) -> None:
    """By a validator that is not ours."""
    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid(given_input)
    assert valid is (SHAPE.faults_of(given_input) == [])


def test_the_fields_are_read_from_the_schema() -> None:
    for shape in (SHAPE, OPEN):
        assert input_shape({"Metadata": {METADATA: shape.json_schema()}}) == shape


@pytest.mark.parametrize(
    "metadata", [{}, None, {METADATA: 5}, {METADATA: {"properties": {"day": {"type": "tuple"}}, "required": []}}]
)
def test_metadata_of_others_declares_nothing(metadata: Any) -> None:
    assert input_shape({"Metadata": metadata}) is None


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"day": 5}, "day must be a string of 2 to 10 characters, got 5"),
        ({"depth": 33}, "depth must be an integer from 1 to 32, got 33"),
        ({"depth": 6.5}, "depth must be an integer from 1 to 32, got 6.5"),
        ({"depth": True}, "depth must be an integer from 1 to 32, got true"),
        ({"depth": "6"}, 'depth must be an integer from 1 to 32, got "6"'),
        ({"depth": None}, "depth must be an integer from 1 to 32, got null"),
        ({"rate": 1}, "rate must be a number above 0 and below 1, got 1"),
        ({"dry": "no"}, 'dry must be true or false, got "no"'),
        ({"size": "xl"}, 'size must be one of "s", "m", "l", got "xl"'),
        ({"rows": "rows/"}, 'rows must be an S3 URI such as s3://bucket/prefix/, got "rows/"'),
        (
            {"countries": ["at", "d"]},
            'countries must be a list of strings of at least 2 characters, with at most 3 items, got ["at","d"]',
        ),
        (
            {"countries": "at"},
            'countries must be a list of strings of at least 2 characters, with at most 3 items, got "at"',
        ),
        ({"weights": {"a": -1}}, 'weights must be an object of numbers of at least 0, got {"a":-1}'),
        ({"dept": 6}, "dept is not a field of the input"),
    ],
)
def test_a_fault_names_the_field_the_value_and_what_is_allowed(value: dict[str, Any], fault: str) -> None:
    given_input = {**GOOD, **value}
    assert SHAPE.faults_of(given_input) == [fault]
    assert in_jsonata(faults_in_jsonata(SHAPE), given_input) == fault


def test_all_faults_are_named_at_once() -> None:
    faults = ["day is missing, must be a string of 2 to 10 characters", "size must be one of", "rows is missing"]
    found = SHAPE.faults_of({"size": 1})
    assert [fault for fault, start in zip(found, faults, strict=True) if fault.startswith(start)] == found


def test_a_long_value_is_cut() -> None:
    assert len(fault_of(FIELDS[0], "x" * 1000)) < 200


def test_other_members_may_be_allowed() -> None:
    more = {**GOOD, "other": 1}
    assert OPEN.faults_of(more) == []
    assert in_jsonata(faults_in_jsonata(OPEN), more) == ""
    assert jsonschema.Draft202012Validator(OPEN.json_schema()).is_valid(more)


@settings(max_examples=40)
@given(INPUTS.filter(lambda drawn: SHAPE.faults_of(drawn) == []))
def test_defaults_fill_what_is_not_given(given_input: dict[str, Any]) -> None:
    filled = {name: in_jsonata(value[2:-2], given_input) for name, value in assigned_in_jsonata(SHAPE).items()}
    wanted = {field.name: given_input.get(field.name, field.default) for field in FIELDS}
    assert filled == wanted


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (InputField("n", InputKind.WHOLE, ge=1), "an integer of at least 1"),
        (InputField("n", InputKind.LIST, min_length=2, max_length=2), "a list, with 2 items"),
        (InputField("n", InputKind.TEXT, min_length=1), "a string of at least 1 character"),
        (InputField("n", InputKind.LIST, items=InputField("", InputKind.FLAG)), "a list of booleans"),
        (
            InputField("n", InputKind.LIST, items=InputField("", InputKind.WHOLE, choices=(1, 2)), max_length=4),
            "a list of any of 1, 2, with at most 4 items",
        ),
        (InputField("n", InputKind.OBJECT, items=InputField("", InputKind.TEXT, is_uri=True)), "an object of S3 URIs"),
    ],
)
def test_what_is_allowed_reads_well(field: InputField, words: str) -> None:
    assert allowed_values(field) == words


def test_what_is_known_only_later_is_not_judged() -> None:
    """The names of members are judged even then."""
    later = {"day": "${Token[TOKEN.1]}", "rows": 5, "dya": 1}
    faults = SHAPE.faults_of(later, is_later=lambda value: value == "${Token[TOKEN.1]}")
    assert faults == ["rows must be an S3 URI such as s3://bucket/prefix/, got 5", "dya is not a field of the input"]
