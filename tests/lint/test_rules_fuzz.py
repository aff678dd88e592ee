"""No rule raises, whatever a definition or a template is made of."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import Jsonata  # noqa: F401 - its first import raises the recursion limit, which hypothesis minds during a test
from support.each import each
from support.workflows import census_machine

from constructs_ml.lint import Machine, check_definition, check_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = st.sampled_from(
    [
        "",
        "$",
        "$.a",
        "$()",
        "$..a.length()",
        "$$.Execution.Name",
        "States.ArrayGetItem($.a, 1e400)",
        "{% $x %}",
        "{%%}",
        "${Token[A]}",
        "States.ALL",
        "Train",
        "JSONata",
        "Map",
        "True",
    ]
)
NAMES = st.sampled_from(
    [
        "Type",
        "Next",
        "Catch",
        "Retry",
        "ErrorEquals",
        "And",
        "Variable",
        "Branches",
        "ItemProcessor",
        "States",
        "x.$",
        "${N}",
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(max_size=5))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(NAMES, WORDS), inner, max_size=3)),
    max_leaves=6,
)
Place = tuple[str | int, ...]


def _places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place in a value that something can be put at."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*here, key)
        yield from _places(part, (*here, key))


@cache
def _text(jsonata: bool) -> str:
    return json.dumps(census_machine(jsonata=jsonata).body)


@cache
def _all_places(jsonata: bool) -> list[Place]:
    return list(_places(json.loads(_text(jsonata))))


def _has(body: Any, key: str | int) -> bool:
    return (
        key in body if isinstance(body, dict) else isinstance(body, list) and isinstance(key, int) and key < len(body)
    )


def _put(body: Any, place: Place, value: Any) -> None:
    """Puts a value at a place, if that is still there."""
    *way, last = place
    for key in way:
        if not _has(body, key):
            return
        body = body[key]
    if _has(body, last):
        body[last] = value


@pytest.mark.parametrize("jsonata", [False, True])
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_rule_raises_on_malformed_definitions(jsonata: bool, data: st.DataObject) -> None:
    """Anything at up to three places of a right definition makes violations, or nothing."""
    machine = census_machine(jsonata=jsonata)
    body = json.loads(_text(jsonata))
    for place in data.draw(st.lists(st.sampled_from(_all_places(jsonata)), min_size=1, max_size=3)):
        _put(body, place, copy.deepcopy(data.draw(JSON)))
    for found in check_machine(replace(machine, body=body, express=data.draw(st.booleans()))):
        assert found.message


@settings(max_examples=120)
@given(body=st.dictionaries(st.one_of(NAMES, st.sampled_from(["StartAt", "QueryLanguage"])), JSON, max_size=4))
def test_no_rule_raises_on_anything(body: dict[str, Any]) -> None:
    """Neither does an object of any kind that is said to be a definition."""
    for found in check_machine(Machine(body)):
        assert found.message


@pytest.mark.parametrize("jsonata", [False, True])
@pytest.mark.parametrize(
    "word", ["$()", "$..a.length()", "States.ArrayGetItem($.a, 1e400)", "", 1e400, {2: {3: "$.a"}}]
)
def test_no_rule_raises_wherever_something_odd_stands(word: Any, jsonata: bool) -> None:
    """One value is put in the place of each field of a state, and of each of its members, one after the other."""
    body = json.loads(_text(jsonata))
    for place in each(place for place in _all_places(jsonata) if len(place) in {3, 4} and place[0] == "States"):
        broken = copy.deepcopy(body)
        _put(broken, place, word)
        assert isinstance(check_definition(broken), list)


def test_no_rule_raises_on_names_that_are_no_texts() -> None:
    """YAML may have numbers for keys, and a state may lack a name."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, 4: "$.x"}], "Default": "2", 3: "$.x"}
    found = check_definition({"StartAt": "1", "States": {1: choice, 2: {"Type": "Succeed"}, "": {"Type": "Succeed"}}})
    assert {"CML008", "CML011"} <= {one.rule for one in found}
