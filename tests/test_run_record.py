"""The record of a run as JSON: what is written is read again, and what is not a record is refused in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.run_records import HOSTILE, failure, many, refused, success

from constructs_ml.errors import UnusableInputError
from constructs_ml.run_record import RunRecord, Visit, read_record


@pytest.mark.parametrize("made", [success(), many(10), refused()], ids=["success", "many", "refused"])
def test_a_record_is_read_as_it_was_written(made: RunRecord) -> None:
    assert read_record(made.dumps(), "record.json") == made


def test_halves_of_characters_and_infinite_numbers_do_not_reach_the_json() -> None:
    """A log may have the one, a metric the other; JSON must have neither."""
    text = failure().dumps()
    assert text.isascii()
    assert "\\ud800" not in text
    assert "red" in read_record(text, "record.json").jobs[1].log.end
    record = RunRecord("FAILED", HOSTILE, seconds=float("nan"))
    assert read_record(record.dumps(), "record.json").seconds == 0.0


def test_members_that_a_record_lacks_keep_their_defaults() -> None:
    text = '{"version": 1, "status": "SUCCEEDED", "name": "Census", "visits": [{"id": 1, "state": "A", "status": "succeeded", "start": 0, "end": 1}]}'
    assert read_record(text, "x") == RunRecord(
        "SUCCEEDED", "Census", visits=[Visit(1, "A", "succeeded", start=0.0, end=1.0)]
    )


def _changed(**members: Any) -> str:
    return json.dumps({**json.loads(success().dumps()), **members})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "r.json is not JSON"),
        ("[]", "r.json is not the record of a run; write one: constructs-ml run --record FILE.json"),
        ('{"StartAt": "A"}', "r.json is not the record of a run"),
        (_changed(version=2), "r.json must have version 1, got 2"),
        (_changed(version=True), "r.json must have version 1, got True"),
        (_changed(visits=[{"state": "A"}]), "r.json: visits[0]: id is missing"),
        (_changed(visits=[3]), "r.json: visits[0] must be an object, got 3"),
        (_changed(seconds="9"), "r.json: seconds must be of type float, got '9'"),
        (_changed(reasons=[1]), "r.json: reasons[0] must be of type str, got 1"),
        (_changed(outputs={"a": 1}), "r.json: outputs.a must be of type str, got 1"),
        (_changed(enforced=1), "r.json: enforced must be of type bool, got 1"),
        (_changed(jobs={}), "r.json: jobs must be of type list, got {}"),
    ],
)
def test_what_is_not_a_record_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnusableInputError) as caught:
        read_record(text, "r.json")
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
