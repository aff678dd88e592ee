"""The logs and the data that a record keeps: bounded, with what matters most."""

from __future__ import annotations

from constructs_ml.local.runner.event_log import LogLine, StateEvent
from constructs_ml.local.runner.kept_logs import KeptLogs
from constructs_ml.local.runner.recorded_states import visits_of


def test_of_5_mb_the_beginning_and_the_end_are_kept() -> None:
    """And the number of lines between them."""
    logs = KeptLogs()
    for at in range(100_000):
        logs.add(LogLine("job", "Train", "algo-1", f"line {at:06} {'x' * 40}"))
    kept = logs.of("job", 100_000)
    assert kept.lines == 100_000
    assert kept.start.startswith("line 000000")
    assert kept.end.split("\n")[-1].startswith("line 099999")
    assert kept.left_out == kept.lines - len(kept.start.split("\n")) - len(kept.end.split("\n"))
    assert 90_000 < len(kept.start) + len(kept.end) <= 100_000
    assert logs.size("job") < 600_000


def test_a_short_log_is_kept_whole() -> None:
    logs = KeptLogs()
    for at in range(1000):
        logs.add(LogLine("job", "Train", "algo-1", f"line {at}"))
    kept = logs.of("job", 100_000)
    assert (kept.lines, kept.start, kept.left_out) == (1000, "", 0)
    assert kept.end.split("\n") == [f"line {at}" for at in range(1000)]
    assert logs.of("another", 10).lines == 0


def test_a_line_of_a_megabyte_is_cut_and_instances_are_named() -> None:
    logs = KeptLogs()
    logs.add(LogLine("job", "Train", "algo-1", "y" * 1_000_000))
    logs.add(LogLine("job", "Train", "algo-2", "second"))
    kept = logs.of("job", 100_000)
    assert "(1000000 characters)" in kept.end
    assert len(kept.end) < 11_000
    assert kept.end.endswith("algo-2 | second")


def _passed(count: int, data: str) -> list[StateEvent]:
    events = []
    for at in range(count):
        failed = at == 50
        common = {"visit": at + 1, "outer": 0, "item": at}
        events.append(StateEvent("Score", "entered", time=float(at), data=data, **common))
        status = "failed" if failed else "succeeded"
        events.append(StateEvent("Score", status, time=at + (9.0 if at == 70 else 1.0), data="{}", **common))
    return events


def test_of_many_visits_those_keep_their_data_that_failed_or_took_long() -> None:
    visits = visits_of(_passed(200, "input"), 0.0, 210.0)
    assert len(visits) == 200
    kept = {visit.item for visit in visits if visit.input}
    assert {0, 50, 70} <= kept
    assert len(kept) < 20


def test_much_data_is_cut() -> None:
    """A record has a bounded size, however much the states passed on."""
    visits = visits_of(_passed(20, "x" * 30_000) * 1, 0.0, 30.0)
    states = [
        event
        for at in range(100)
        for event in (
            StateEvent(f"S{at}", "entered", time=0.0, visit=at + 1, data="x" * 30_000),
            StateEvent(f"S{at}", "succeeded", time=1.0, visit=at + 1, data="x" * 30_000),
        )
    ]
    assert sum(len(visit.input) for visit in visits) == 600_000
    assert sum(len(visit.input) + len(visit.output) for visit in visits_of(states, 0.0, 1.0)) < 800_000
