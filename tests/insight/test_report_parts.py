"""Parts of the page about a run: logs, plots, permissions and the timeline."""

from __future__ import annotations

import math

import pytest
from support.run_records import TRACEBACK, job, many, success, visit

from constructs_ml.insight.report.logs import plain, shown_log, traceback_in
from constructs_ml.insight.report.permissions import use_of
from constructs_ml.insight.report.plots import plot_of
from constructs_ml.insight.report.states import owned, shown_states
from constructs_ml.insight.report.timeline import timeline_of
from constructs_ml.insight.report.words import duration
from constructs_ml.run_record import Asked, Log, Role, RunRecord, Series, Statement


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b[1;31merror\x1b[0m", "error"),
        ("10%\r50%\r100%\r", "100%"),
        ("\x1b]0;title\x07text", "text"),
        ("a\x00b\x07c", "a\\x00b\\x07c"),
        ("half \ud800", "half \\ud800"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_a_line_is_plain(line: str, shown: str) -> None:
    assert plain(line) == shown


def test_the_last_traceback_is_found() -> None:
    """Also of one instance among several, whose lines have its name before them; what follows it is not a part."""
    lines = ["Traceback (most recent call last):", "ValueError: first", *TRACEBACK, "ending"]
    assert traceback_in(lines) == "\n".join(TRACEBACK)
    assert traceback_in([f"algo-2 | {line}" for line in TRACEBACK]) == "\n".join(TRACEBACK)
    assert traceback_in(["Traceback", "no"]) == ""


def test_the_end_of_a_log_is_shown_and_the_rest_is_at_hand() -> None:
    shown = shown_log(Log(100, end="\n".join(str(at) for at in range(100))))
    assert shown.last.split("\n") == [str(at) for at in range(60, 100)]
    assert shown.earlier.split("\n") == [str(at) for at in range(60)]
    assert shown.count == 60
    assert shown_log(Log()).last == ""


def test_a_plot_stays_in_its_box() -> None:
    """Whatever its values are; those that are no numbers are left out."""
    for values in ([1.0, 5.0, -3.0], [2.0, 2.0], [1e300, -1e300], [math.nan, 1.0, math.inf, 2.0]):
        plot = plot_of(Series("loss", [float(at) for at in range(len(values))], values))
        assert plot is not None
        places = [tuple(map(float, point.split(","))) for point in plot.points.split()]
        assert all(0 <= x <= 240 and 0 <= y <= 56 for x, y in places), values
    assert plot_of(Series("loss", [], [])) is None
    single = plot_of(Series("loss", [1.0], [0.5]))
    assert single is not None
    assert (single.points, single.last) == ("", "0.5")


def test_permissions_are_compared_with_what_was_asked() -> None:
    """By patterns of actions, whose case does not matter, and of resources; a refusal is not a use."""
    role = Role(
        "R",
        statements=[
            Statement("Allow", ["s3:get*", "s3:PutObject"], ["arn:aws:s3:::a/*"]),
            Statement("Allow", ["s3:PutObject"], ["arn:aws:s3:::b/*"]),
            Statement("Deny", ["s3:*"], ["*"]),
            Statement("Allow", ["iam:PassRole"], ["*"], inverted=True),
        ],
        asked=[
            Asked("s3:GetObject", ["arn:aws:s3:::a/x\ny"]),
            Asked("s3:PutObject", ["arn:aws:s3:::b/x"]),
            Asked("s3:PutObject", ["arn:aws:s3:::a/x"], allowed=False),
        ],
    )
    use = use_of(role)
    assert [(grant.action, grant.resources) for grant in use.used] == [
        ("s3:get*", ("arn:aws:s3:::a/*",)),
        ("s3:PutObject", ("arn:aws:s3:::b/*",)),
    ]
    assert [(grant.action, grant.resources) for grant in use.unused] == [("s3:PutObject", ("arn:aws:s3:::a/*",))]
    assert use.refused == (("s3:PutObject", "arn:aws:s3:::a/x"),)
    assert use.unread == 1


def test_a_job_inside_a_state_that_stands_for_one_call_is_shown_with_it() -> None:
    """As a cached job, whose call is a state inside of it."""
    record = RunRecord(
        "SUCCEEDED",
        "Census",
        visits=[visit(1, "Train", 0, 3), visit(2, "Train: run", 1, 2, outer=1, within="Train")],
        jobs=[job("Train: run", 2, 1, 2, ["trained"])],
    )
    states = shown_states(record, owned(record))
    assert list(states) == ["Train"]
    assert [each.log.last for each in states["Train"].visits[0].jobs] == ["trained"]


def test_bars_stay_in_the_timeline() -> None:
    """Of each visit and job; the axis begins at 0 and ends within it."""
    for record in (success(), many(30)):
        timeline = timeline_of(record, owned(record))
        for row in timeline.rows:
            for bar in row.bars:
                assert 0 <= float(bar.x[:-1]) <= float(bar.x[:-1]) + float(bar.width[:-1]) <= 100.01
        assert timeline.ticks[0].x == "0.00%"
        assert 3 < len(timeline.ticks) <= 9
        assert all(float(tick.x[:-1]) <= 100.01 for tick in timeline.ticks)


def test_a_retry_and_its_job_have_bars_of_their_own() -> None:
    record = success()
    row = timeline_of(record, owned(record)).rows[0]
    assert [(bar.outcome, bar.is_job) for bar in row.bars] == [
        ("retried", False),
        ("succeeded", False),
        ("failed", True),
        ("succeeded", True),
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.004, "< 0.01 s"),
        (0.25, "0.25 s"),
        (12.34, "12.3 s"),
        (185, "3 min 5 s"),
        (7440, "2 h 4 min"),
        (-1, "< 0.01 s"),
    ],
)
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words
