"""Small expressions of JSONata, by what they give."""

from __future__ import annotations

from typing import Any

import jsonata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.asl.expressions import Path, because, braced, one_of, operand, says

TEXTS = st.text(st.sampled_from("'\"\\a\n") | st.characters(exclude_categories=["Cs"]), max_size=10)


def given_by(expression: str, data: Any) -> Any:
    """What an expression gives of an input."""
    return jsonata.Jsonata(expression).evaluate(None, {"states": {"input": data}})


def test_braces_make_an_expression() -> None:
    """As ASL writes it."""
    assert braced("$x") == "{% $x %}"


def test_an_operand_is_a_text_or_a_value() -> None:
    """A text stands in quotes."""
    assert operand("it's") == '"it\'s"'
    assert operand(Path("$.a")) == "$states.input.a"


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_one_of_some_texts(texts: list[str], value: str) -> None:
    """Whatever characters they have."""
    assert given_by(one_of("$states.input.v", tuple(texts)), {"v": value}) is (value in texts)
    assert given_by(one_of("$states.input.v", tuple(texts)), {"v": texts[-1]}) is True


@pytest.mark.parametrize(
    ("found", "expected"), [({"v": "so far"}, True), ({"v": "so good"}, True), ({"v": "bad"}, False), ({}, False)]
)
def test_what_is_there_says_one_of_some_texts(found: dict[str, str], expected: bool) -> None:
    """What is not there says nothing."""
    assert given_by(says("$states.input.v", "far", "good"), found) is expected


def test_a_reason_is_given_if_there_is_one() -> None:
    """After a colon."""
    assert given_by(f"'no' & {because('$states.input.why')}", {"why": "it broke"}) == "no: it broke"
    assert given_by(f"'no' & {because('$states.input.why')}", {}) == "no"
