"""The difference between the keys of two runs, as a line says it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.markers.differences import differences
from constructs_ml.markers.marker import Marker, UnusableMarkerError, read_marker
from constructs_ml.terminal import one_line

A, B = "a" * 64, "b" * 64


def marker(parts: dict[str, Any], **changes: Any) -> Marker:
    """A marker of Train with the given parts of its key."""
    body = {
        "version": 1,
        "job": "Train",
        "key": A,
        "created": 1_790_000_000_000,
        "execution": "one",
        "executionId": "arn:aws:states:us-east-1:111122223333:execution:Machine:one",
        "place": "s3://bucket/stack/cache/Train/",
        "parts": parts,
        "result": {},
    }
    return read_marker(json.dumps({**body, **changes}), "marker")


def listing(objects: dict[str, str] | None, *, count: int | None = None) -> dict[str, Any]:
    """A listing; its objects are left out if there are none given, as of one that is too long."""
    digest = json.dumps(objects) if objects is not None else f"of {count}"
    found = {"digest": digest, "count": len(objects or {}) if count is None else count}
    return found if objects is None else {**found, "objects": objects}


def lines(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [each.text for each in differences(marker(now), marker(before))]


@pytest.mark.parametrize(
    ("before", "now", "line"),
    [
        ({"hyperparameters.max_depth": "6"}, {"hyperparameters.max_depth": "8"}, "hyperparameter max_depth 6 -> 8"),
        ({"environment.STAGE": "dev"}, {"environment.STAGE": "prod"}, "environment STAGE dev -> prod"),
        ({"image": "a:1"}, {"image": "a:2"}, "image a:1 -> a:2"),
        ({"code": f"content:{A}"}, {"code": f"content:{B}"}, "code differs"),
        ({"code": f'"content:{A}"'}, {"code": f'"content:{B}"'}, "code differs"),
        ({"arguments.0": "a"}, {"arguments.0": "b"}, "arguments.0 a -> b"),
        ({}, {"hyperparameters.eta": "0.3"}, "hyperparameter eta added (0.3)"),
        ({"hyperparameters.eta": "0.3"}, {}, "hyperparameter eta removed (0.3)"),
        ({"code": f"content:{A}"}, {}, "code removed"),
        ({"environment.A": ""}, {"environment.A": " x"}, 'environment A "" -> " x"'),
        ({"environment.A": "x" * 200}, {"environment.A": "x" * 201}, "environment A differs"),
        (
            {"channels.train.ChannelName": "train", "channels.train.CompressionType": "None"},
            {"channels.train.ChannelName": "train", "channels.train.CompressionType": "Gzip"},
            "input train CompressionType None -> Gzip",
        ),
        (
            {"channels.a.b.ChannelName": "a.b", "channels.a.b.InputMode": "File"},
            {"channels.a.b.ChannelName": "a.b", "channels.a.b.InputMode": "Pipe"},
            "input a.b InputMode File -> Pipe",
        ),
        ({"inputs.raw": "v1"}, {"inputs.raw": "v2"}, "input raw v1 -> v2"),
        (
            {"inputs.rows": f"{A}/rows/"},
            {"inputs.rows": f"{B}/rows/"},
            "input rows has another key or fingerprint",
        ),
        (
            {"inputs.rows": listing({"a": "1 1"})},
            {"inputs.rows": f"{B}/rows/"},
            "input rows: listed objects -> the output of a cached job",
        ),
        (
            {"inputs.rows": f"{B}/rows/"},
            {"inputs.rows": listing({"a": "1 1"})},
            "input rows: the output of a cached job -> listed objects",
        ),
        ({"inputs.rows": "v1"}, {"inputs.rows": listing({"a": "1 1"})}, "input rows v1 -> 1 object"),
    ],
)
def test_a_part_that_differs_is_a_line(before: dict[str, Any], now: dict[str, Any], line: str) -> None:
    assert lines(before, now) == [line]


TWELVE = {f"part-{number}.csv": f"{number} 10" for number in range(12)}


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (TWELVE, {**TWELVE, "part-3.csv": "x 10"}, "1 of 12 objects differs (part-3.csv)"),
        ({"a": "1 1", "b": "2 1"}, {"a": "3 1", "b": "4 1"}, "2 of 2 objects differ (a, b)"),
        ({"c.csv": "1 1"}, {"a.csv": "2 1", "b.csv": "3 1"}, "2 objects added (a.csv, b.csv), 1 removed (c.csv)"),
        ({"a": "1 1"}, {}, "1 object removed (a)"),
        ({"old": "1 5", "x": "2 1"}, {"new": "1 5", "x": "2 1"}, "1 object renamed (old -> new)"),
        ({"a": "1 1"}, {"b": "1 1", "c": "1 1"}, "1 object added (c), 1 renamed (a -> b)"),
        ({"a": "1 1", "b": "2 2"}, {"a": "3 1", "c": "2 2"}, "1 of 2 objects differs (a), 1 renamed (b -> c)"),
        (
            {},
            {f"{number}": f"{number} 1" for number in range(8)},
            "8 objects added (0, 1, 2, 3, 4, and 3 more)",
        ),
    ],
)
def test_a_listing_says_which_objects_differ(before: dict[str, str], now: dict[str, str], told: str) -> None:
    parts = [{"channels.train": listing(each)} for each in (before, now)]
    assert lines(*parts) == [f"input train: {told}"]


def test_a_listing_without_objects_says_how_many_there_are() -> None:
    """Those of large inputs are not recorded."""
    some, more = ({"inputs.raw": listing(None, count=count)} for count in (4000, 4001))
    assert lines(some, more) == ["input raw: the listing differs (4000 objects -> 4001 objects)"]
    assert lines(some, {"inputs.raw": {"digest": "other"}}) == ["input raw: the listing differs (4000 objects)"]


def test_a_digest_decides_and_not_the_objects() -> None:
    """As it is what the key is made of."""
    now = {"inputs.raw": {"digest": "same", "count": 1, "objects": {"a": "1 1"}}}
    before = {"inputs.raw": {"digest": "same", "count": 1}}
    assert lines(before, now) == []


def test_data_comes_first() -> None:
    before = {"hyperparameters.a": "1", "inputs.raw": "v1", "image": "x"}
    now = {"hyperparameters.a": "2", "inputs.raw": "v2", "image": "y"}
    assert lines(before, now) == ["input raw v1 -> v2", "hyperparameter a 1 -> 2", "image x -> y"]


def test_nothing_of_a_marker_reaches_the_terminal_as_it_is() -> None:
    """Names of objects, parts and values may have escape sequences and line breaks in them."""
    hostile = "\x1b[2J\n\u202e"
    before = {"inputs.raw": listing({"a": "1 1"}), f"environment.{hostile}": "a", "image": "x", hostile: "y"}
    now = {
        "inputs.raw": listing({hostile: "2 1"}),
        f"environment.{hostile}": hostile,
        "image": hostile,
        hostile: "z",
        f"inputs.{hostile}": "v",
    }
    found = lines(before, now)
    assert len(found) == 5
    assert not any(character in line for line in found for character in ("\x1b", "\n", "\u202e"))


@given(
    st.dictionaries(st.text(), st.text() | st.builds(listing, st.dictionaries(st.text(), st.text()))),
    st.dictionaries(st.text(), st.text() | st.builds(listing, st.dictionaries(st.text(), st.text()))),
)
def test_a_line_is_told_for_each_part_that_differs_and_for_no_other(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    found = differences(marker(now), marker(before))
    different = {name for name in {*before, *now} if before.get(name) != now.get(name)}
    assert {each.part for each in found} == different
    assert all(each.text == one_line(each.text) for each in found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{not JSON", "is not JSON"),
        ("[]", "must be an object"),
        ('{"version": 2}', "must have version 1, got 2"),
        ('{"version": true}', "must have version 1, got True"),
        ('"{\\"version\\": 1}"', "must be an object"),
        ('{"version": 1}', "job is missing"),
        (
            '{"version": 1, "job": "a", "key": "b", "execution": "c", "executionId": "d", "created": true, "parts": {}}',
            "created is missing",
        ),
        (
            '{"version": 1, "job": "a", "key": "b", "execution": "c", "executionId": "d", "created": 1, "parts": {"x": 1}}',
            "parts.x must be a text or a listing",
        ),
        (
            '{"version": 1, "job": "a", "key": "b", "execution": "c", "executionId": "d", "created": 1, "parts": {"x": {}}}',
            "parts.x must be a text or a listing",
        ),
    ],
)
def test_a_marker_that_is_none_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(UnusableMarkerError, match="at it") as caught:
        read_marker(text, "at it")
    assert problem in str(caught.value)


def test_objects_that_are_not_texts_are_taken_for_none() -> None:
    """A listing is still compared by its digest."""
    parts = {"inputs.raw": {"digest": "x", "count": True, "objects": {"a": 1}}}
    assert lines({"inputs.raw": {"digest": "y"}}, parts) == ["input raw: the listing differs"]
