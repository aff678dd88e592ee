"""Why a job ran: the marker of its run is compared with the one before, and differences are followed to the jobs before it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.markers.marker import Marker, read_marker
from constructs_ml.markers.reasons import reasons, taken

if TYPE_CHECKING:
    from collections.abc import Iterator


class Some:
    """Markers in memory."""

    def __init__(self, *markers: Marker) -> None:
        self._markers = sorted(markers, key=lambda each: -each.created)

    def newest_first(self, job: str) -> Iterator[Marker]:
        return (each for each in self._markers if each.job == job)

    def with_key(self, key: str) -> Marker | None:
        return next((each for each in self._markers if each.key == key), None)


def ran(job: str, execution: str, second: int, key: str = "", **parts: Any) -> Marker:
    """A marker; ``hyperparameters_depth`` is the part hyperparameters.depth."""
    body = {
        "version": 1,
        "job": job,
        "key": (key or f"{job}{second}").encode().hex().ljust(64, "0"),
        "created": 1_790_000_000_000 + second * 1000,
        "execution": execution,
        "executionId": f"arn:{execution}",
        "parts": {name.replace("_", ".", 1): part for name, part in parts.items()},
    }
    return read_marker(json.dumps(body), "marker")


def told(markers: Some, job: str, execution: str | None = None) -> list[str]:
    return [line.strip() for reason in reasons(markers, job, execution) for line in reason.lines()]


def test_the_last_run_is_compared_with_the_one_before() -> None:
    markers = Some(
        ran("Train", "one", 1, hyperparameters_depth="4"),
        ran("Train", "two", 2, hyperparameters_depth="6"),
        ran("Train", "three", 3, hyperparameters_depth="8"),
    )
    assert told(markers, "Train") == [
        "Train ran in three (2026-09-21 14:13:23 UTC)",
        "compared with two (2026-09-21 14:13:22 UTC):",
        "hyperparameter depth 6 -> 8",
    ]


def test_an_execution_is_named_by_its_name_or_arn() -> None:
    markers = Some(
        ran("Train", "one", 1, hyperparameters_depth="4"),
        ran("Train", "two", 2, hyperparameters_depth="6"),
        ran("Train", "three", 3, hyperparameters_depth="8"),
    )
    assert told(markers, "Train", "two")[-1] == "hyperparameter depth 4 -> 6"
    assert told(markers, "Train", "arn:two") == told(markers, "Train", "two")
    assert told(markers, "Train", "none") == []


def test_a_first_run_has_nothing_before_it() -> None:
    assert told(Some(ran("Train", "one", 1)), "Train")[1:] == ["first run: no earlier marker"]


def test_a_run_with_the_same_key_was_wanted_or_needed_anew() -> None:
    """The marker of a redriven execution lies beside the one with the same key."""
    markers = Some(ran("Train", "one", 1, image="a"), ran("Train", "two", 2, image="a"))
    assert told(markers, "Train")[-1].startswith("nothing differs: it was run anew because its marker was expired")


def test_another_key_of_a_job_before_it_is_followed() -> None:
    """To the data that differ in the end."""
    first, second = (
        ran("Prepare", f"e{at}", at, inputs_raw={"digest": str(at), "count": 1, "objects": {"a.csv": f"{at} 1"}})
        for at in (1, 2)
    )
    markers = Some(
        first,
        second,
        ran("Train", "e1", 3, channels_train=f"{first.key}/rows/"),
        ran("Train", "e2", 4, channels_train=f"{second.key}/rows/"),
    )
    assert told(markers, "Train")[2:] == [
        "input train: the job Prepare ran with another key",
        "Prepare ran in e2 (2026-09-21 14:13:22 UTC)",
        "compared with e1 (2026-09-21 14:13:21 UTC):",
        "input raw: 1 of 1 object differs (a.csv)",
    ]


def test_a_circle_of_keys_ends() -> None:
    """Only a forged marker has one."""
    one, other = "11" * 32, "22" * 32
    body = {"version": 1, "created": 1, "execution": "e", "executionId": "e"}
    forged = [
        read_marker(
            json.dumps({**body, "job": "A", "key": key, "parts": {"inputs.x": f"{of}/"}, "execution": key}), "m"
        )
        for key, of in ((one, other), (other, one))
    ]
    now = ran("Train", "two", 2, inputs_x=f"{one}/")
    before = ran("Train", "one", 1, inputs_x=f"{other}/")
    assert len(told(Some(now, before, *forged), "Train")) < 100


def test_each_iteration_of_a_map_is_compared_with_that_of_the_same_item() -> None:
    markers = Some(
        *(ran("Train", "one", at, hyperparameters_item=item, inputs_raw="v1") for at, item in enumerate("abc")),
        *(ran("Train", "two", at + 9, hyperparameters_item=item, inputs_raw="v2") for at, item in enumerate("cab")),
    )
    lines = told(markers, "Train")
    assert [line for line in lines if line.startswith(("input", "hyper"))] == ["input raw v1 -> v2"] * 3


def test_a_result_that_another_job_read_was_taken_from_its_run() -> None:
    """An execution that takes a result writes no marker of it; that of the job after it has its key."""
    prepare = ran("Prepare", "one", 1)
    markers = Some(prepare, ran("Train", "two", 2, channels_train=f"{prepare.key}/rows/"))
    found = taken(markers, "Prepare", "two", ["Train"])
    assert found is not None
    assert next(found.lines()) == "Prepare was taken from the cache: it ran in one (2026-09-21 14:13:21 UTC)"
    assert taken(markers, "Prepare", "one", ["Train"]) is None


def test_the_data_of_a_reason_are_json() -> None:
    markers = Some(ran("Train", "one", 1, image="a"), ran("Train", "two", 2, image="b"))
    (found,) = (reason.data() for reason in reasons(markers, "Train"))
    assert json.loads(json.dumps(found))["differences"] == [{"part": "image", "text": "image a -> b", "because": None}]
    assert found["compared_with"]["execution"] == "arn:one"


def test_times_and_names_of_a_forged_marker_are_shown_as_they_are() -> None:
    body = {
        "version": 1,
        "job": "\x1b[2J",
        "key": "k",
        "created": 1e300,
        "execution": "\n",
        "executionId": "e",
        "parts": {},
    }
    (line, _) = told(Some(read_marker(json.dumps(body), "m")), "\x1b[2J")
    assert line == "\\x1b[2J ran in \\n (at 1e+300 ms)"
