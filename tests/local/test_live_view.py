"""The live view of a run: a tree that events change, rows that fit a screen, and JSON lines for programs."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fake_terminal import FakeTerminal
from local_bench import Workflow, machine, processing, task
from rich.console import Console
from run_process import write_project
from test_run_messages import cached, happened, polling

from constructs_ml import cli
from constructs_ml.interrupts import Interrupted
from constructs_ml.local.runner.event_log import EventLog, JobRecord, LogLine, MetricValue, StateEvent
from constructs_ml.local.runner.json_lines import JsonLines
from constructs_ml.local.runner.progress import Plain
from constructs_ml.local.runner.rows import Row, duration, height_of, rows_of
from constructs_ml.local.runner.tree import Drawing, Tree, for_stream
from constructs_ml.local.runner.view import RunView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local.runner.event_log import Message

ROOT = Path(__file__).parents[2]
ARN = "arn:aws:states:us-east-1:111122223333:execution:Machine:run"
END: dict[str, Any] = {"Type": "Pass", "End": True}


def parallel(*branches: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), "End": True}


def mapped(distributed: bool = False, **states: dict[str, Any]) -> dict[str, Any]:
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}} if distributed else {}
    return {"Type": "Map", "ItemProcessor": {**machine(**states), **config}, "End": True}


def entered(name: str, at: float = 0, *iterations: int) -> StateEvent:
    return StateEvent(name, "entered", time=at, iterations=iterations)


def left(
    name: str, at: float = 0, *iterations: int, status: str = "succeeded", error: str = "", **more: Any
) -> StateEvent:
    return StateEvent(name, status, time=at, error=error, iterations=iterations, **more)


def job(
    state: str, status: str = "InProgress", kind: str = "Training", name: str = "t-1", **response: Any
) -> JobRecord:
    return JobRecord(kind, name, ARN, state, {}, {f"{kind}JobStatus": status, **response})


def seen(definition: dict[str, Any], *messages: Message) -> RunView:
    view = RunView(ARN, definition)
    for message in messages:
        view.take(ARN, message)
    return view


def told(view: RunView, now: float = 10, **options: Any) -> list[str]:
    """The rows as texts, indented by their depth."""

    def texts(rows: list[Row], depth: int) -> Iterator[str]:
        for row in rows:
            seconds = "" if row.seconds is None else f" {row.seconds:g}"
            yield f"{'  ' * depth}{row.name}{seconds}{row.text and ': '}{row.text}"
            yield from texts(row.rows, depth + 1)

    return list(texts(rows_of(view, now, **options), 0))


def iterations(number: int, running: int = 0, failed: int = 0, name: str = "Each") -> list[StateEvent]:
    """The events of a Map: the last iterations run, those before have failed."""
    events = [entered(name), *(entered("Work", at / 1000, at) for at in range(number))]
    for at in range(number - running):
        bad = at >= number - running - failed
        events.append(left("Work", 5, at, status="failed" if bad else "succeeded", error="No" if bad else ""))
    return events


# The model


def test_states_have_their_status_and_time() -> None:
    """One that runs has the time so far, and its job's last line that is not empty."""
    view = seen(
        machine(Prepare=END, Train=END),
        *(entered("Prepare", 1), left("Prepare", 3)),
        *(
            entered("Train", 4),
            job("Train"),
            LogLine("t-1", "Train", "algo-1", "epoch 1"),
            LogLine("t-1", "Train", "algo-1", " "),
        ),
    )
    assert told(view) == ["Prepare 2: succeeded", "Train 6: running", "  epoch 1"]


def test_events_of_other_executions_are_left_out() -> None:
    view = seen(machine(Prepare=END))
    view.take(f"{ARN}2", entered("Prepare"))
    assert told(view) == []


def test_a_retry_counts_the_attempt_and_names_the_error() -> None:
    """Also in the tree of a Parallel, whose branches begin anew; the newest job is shown."""
    definition = machine(Both=parallel(machine(Train=END), machine(Test=END)))
    first: list[Message] = [
        entered("Both"),
        entered("Train"),
        LogLine("t-1", "Train", "algo-1", "old"),
        left("Train", status="failed", error="No"),
    ]
    retried = left("Both", 1, status="retried", error="No")
    view = seen(definition, *first, retried)
    assert told(view) == ["Both 10: running, attempt 2 after No"]
    for event in (entered("Train", 2), LogLine("t-2", "Train", "algo-1", "new")):
        view.take(ARN, event)
    assert told(view) == ["Both 10: running, attempt 2 after No", "  Train 8: running", "    new"]
    view.take(ARN, left("Both", 9, attempt=2))
    assert told(view)[0] == "Both 9: succeeded, attempt 2"


def test_a_catch_ends_a_state_with_its_error() -> None:
    view = seen(
        machine(Train=END, Tell=END),
        entered("Train"),
        left("Train", 2, status="caught", error="No"),
        entered("Tell", 2),
    )
    assert told(view) == ["Train 2: caught: No", "Tell 8: running"]


def test_the_branches_of_a_parallel_are_told_one_after_the_other() -> None:
    """However their states follow each other in time."""
    definition = machine(Both=parallel(machine(A=END, B=END), machine(C=END)))
    view = seen(definition, *(entered(name, 1) for name in ("Both", "C", "A", "B")))
    assert told(view) == ["Both 9: running", "  A 9: running", "  B 9: running", "  C 9: running"]


def test_siblings_that_are_cancelled_are_stopped_and_have_not_failed() -> None:
    definition = machine(Both=parallel(machine(A=END), machine(B=END), machine(C=END)))
    ends = [left("A", 2, status="failed", error="No"), left("B", 3, status="failed", error="CancelledError")]
    view = seen(definition, *map(entered, ("Both", "A", "B", "C")), *ends, left("Both", 4, status="failed", error="No"))
    assert told(view) == ["Both 4: failed: No", "  A 2: failed: No", "  B 3: stopped", "  C 4: stopped"]


def test_a_map_of_200_is_summarized() -> None:
    """By number, with the slowest; failed ones and the slowest that run are listed."""
    view = seen(machine(Each=mapped(Work=END)), *iterations(200, running=12, failed=8))
    assert told(view) == [
        "Each 10: 12 running, 180 done, 8 failed; slowest #188 9.8 s",
        "  #180 Work 4.82: failed: No",
        "  #181 Work 4.819: failed: No",
        "  #188 Work 9.812: running",
    ]


def test_a_map_of_few_shows_the_states_of_each_iteration() -> None:
    definition = machine(Each=mapped(First=END | {"Next": "Work"}, Work=END))
    del definition["States"]["Each"]["ItemProcessor"]["States"]["First"]["End"]
    events = [
        entered("Each"),
        entered("First", 1, 0),
        left("First", 2, 0),
        entered("Work", 2, 0),
        entered("First", 1, 1),
    ]
    assert told(seen(definition, *events)) == [
        "Each 10: 2 running",
        *("  #0 9: running", "    First 1: succeeded", "    Work 8: running"),
        "  #1 First 9: running",
    ]


def test_an_iteration_ends_with_its_last_state() -> None:
    """Not with one before it; nor is it failed by an error that is caught."""
    definition = machine(Each=mapped(First={"Type": "Pass", "Next": "Work"}, Work=END))
    view = seen(definition, entered("Each"), entered("First", 1, 0), left("First", 2, 0, status="caught", error="No"))
    assert told(view)[0] == "Each 10: 1 running"
    view.take(ARN, entered("Work", 3, 0))
    view.take(ARN, left("Work", 4, 0))
    assert told(view)[0] == "Each 10: 1 done"


def test_nested_maps_keep_their_iterations_apart() -> None:
    definition = machine(Outer=mapped(Inner=mapped(Work=END)))
    events = [entered("Outer"), *(entered("Inner", 0, at) for at in (0, 1))]
    events += [entered("Work", at, outer, at) for outer in (0, 1) for at in range(6)]
    events += [left("Work", 8, 0, at) for at in range(6)] + [left("Inner", 8, 0)]
    assert [row for row in told(seen(definition, *events)) if "Work" not in row] == [
        "Outer 10: 1 running, 1 done",
        "  #0 Inner 8: 6 done; slowest #0 8.0 s",
        *("  #1 10: running", "    Inner 10: 6 running; slowest #0 10.0 s"),
    ]


def test_a_distributed_map_is_shown_as_any_other() -> None:
    """An iteration that failed within the tolerance does not stop the others."""
    events = [*iterations(10, running=2, failed=1)]
    assert told(seen(machine(Each=mapped(Work=END, distributed=True)), *events))[0].startswith(
        "Each 10: 2 running, 7 done, 1 failed"
    )


def test_logs_and_metrics_belong_to_their_iteration() -> None:
    line = LogLine("t-2", "Work", "algo-1", "mine", ARN, (1,))
    value = MetricValue("t-2", "Work", "loss", 0.25, ARN, (1,))
    view = seen(
        machine(Each=mapped(Work=END)), entered("Each"), entered("Work", 0, 0), entered("Work", 0, 1), line, value
    )
    assert told(view) == ["Each 10: 2 running", "  #0 Work 10: running", "  #1 Work 10: running, loss=0.25", "    mine"]


def test_metrics_are_the_last_values_also_after_the_end() -> None:
    """Those that the job ends with win; of many, some are shown."""
    final = [{"MetricName": name, "Value": at / 2} for at, name in enumerate(("a", "b", "c", "d", "e"))]
    view = seen(
        machine(Train=END),
        entered("Train"),
        MetricValue("t-1", "Train", "a", 9.0),
        job("Train", "Completed", FinalMetricDataList=final),
    )
    view.take(ARN, left("Train", 5))
    assert told(view) == ["Train 5: succeeded, a=0, b=0.5, c=1, d=1.5, …"]


def test_trials_of_a_tuning_job_are_counted() -> None:
    trials = [
        job("Tune", status, name=f"t-{at}", TuningJobArn="arn") for at, status in enumerate(("Completed", "InProgress"))
    ]
    view = seen(machine(Tune=END), entered("Tune"), job("Tune", kind="HyperParameterTuning", name="tune"), *trials)
    assert told(view) == ["Tune 10: running, 1 of 2 trials done"]


def test_a_cached_job_is_told_as_such_in_each_iteration() -> None:
    """Of two iterations under way at once, the one whose job ran is not taken for cached, nor the other for run."""
    definition = machine(Each=mapped(Train=cached()["States"]["Train"]))
    names = ["Train", "Train: look up"]
    events: list[Message] = [
        entered("Each"),
        *(entered(name, 0, at) for at in (0, 1) for name in names),
        entered("Train: run", 0, 0),
    ]
    ends = [left("Train: run", 3, 0), left("Train", 4, 1), left("Train: record", 5, 0), left("Train", 5, 0)]
    assert told(seen(definition, *events, *ends, left("Each", 6))) == [
        "Each 6: 2 done",
        "  #0 Train 5: succeeded",
        "  #1 Train 4: taken from the cache",
    ]


def test_a_state_that_stands_for_one_call_is_one_row_with_its_jobs_line() -> None:
    """Also while it polls; --verbose shows what it consists of."""
    events = happened(polling())[:9]
    assert told(seen(polling(), *events)) == ["Before 0: succeeded", "Gate 9: running, 1 poll"]
    view = seen(cached(), entered("Train"), entered("Train: run"), LogLine("t-1", "Train: run", "algo-1", "mine"))
    assert told(view) == ["Train 10: running", "  mine"]
    assert told(view, verbose=True) == ["Train 10: running", "  Train: run 10: running"]


def test_what_runs_when_the_run_is_stopped_is_shown_as_stopped() -> None:
    view = seen(machine(Both=parallel(machine(A=END))), entered("Both"), entered("A", 1))
    view.stop(5)
    assert told(view) == ["Both 5: stopped", "  A 4: stopped"]


def test_a_state_that_is_entered_again_begins_anew() -> None:
    view = seen(machine(A=END), entered("A"), left("A", 2, status="caught", error="No"), entered("A", 8))
    assert told(view) == ["A 2: running"]


@pytest.mark.parametrize(("seconds", "text"), [(0, "0.0 s"), (59.94, "59.9 s"), (185, "3m05s"), (3720, "1h02m")])
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


# Rows that fit


def large() -> RunView:
    """Sixty ended states, a Parallel with a Map of 200 in it, and a job."""
    names = [f"State {at}" for at in range(60)]
    states = dict.fromkeys(names, END) | {"Fan": parallel(machine(Each=mapped(Work=END)), machine(Train=END))}
    events = [event for name in names for event in (entered(name), left(name, 1))]
    more: list[Message] = [
        entered("Fan"),
        *iterations(200, running=9),
        entered("Train"),
        LogLine("t-1", "Train", "algo-1", "epoch 1"),
    ]
    return seen(machine(**states), *events, *more)


@pytest.mark.parametrize("height", range(1, 70))
def test_rows_fit_any_height(height: int) -> None:
    """And use it: while something is folded there is no room for more."""
    view = large()
    rows = rows_of(view, 10, height=height)
    assert height_of(rows) <= height
    assert height_of(rows) == min(height, height_of(rows_of(view, 10))) or height < 6


def test_what_has_ended_is_folded_first() -> None:
    assert told(large(), height=8) == [
        *("60 ended", "Fan 10: running"),
        "  Each 10: 9 running, 191 done; slowest #191 9.8 s",
        *(f"    #{at} Work 9.{1000 - at}: running" for at in (191, 192, 193)),
        *("  Train 10: running", "    epoch 1"),
    ]


def test_failures_stay_when_successes_are_folded() -> None:
    names = [f"State {at}" for at in range(9)]
    events = [
        event
        for name in names
        for event in (entered(name), left(name, 1, status="failed" if name[-1] == "3" else "succeeded"))
    ]
    assert told(seen(machine(**dict.fromkeys(names, END)), *events), height=2) == ["8 ended", "State 3 1: failed"]


def test_many_running_states_are_counted_when_they_do_not_fit() -> None:
    names = [f"State {at}" for at in range(50)]
    view = seen(
        machine(All=parallel(*(machine(**{name: END}) for name in names))), entered("All"), *map(entered, names)
    )
    rows = told(view, height=10)
    assert len(rows) == 10
    assert [row for row in rows if "more" in row] == ["  42 more, 42 running"]


# The renderer

SIZES = [(80, 24), (40, 10), (200, 50), (12, 3)]


class Screen(io.StringIO):
    """A stream to a terminal."""

    def __init__(self, terminal: FakeTerminal) -> None:
        super().__init__()
        self.terminal = terminal

    def write(self, text: str) -> int:
        self.terminal.feed(text)
        return len(text)

    def isatty(self) -> bool:
        return True


def on_screen(terminal: FakeTerminal, **options: Any) -> Any:
    """A tree on a terminal whose picture is drawn when the test says so."""
    console = Console(
        file=Screen(terminal), force_terminal=True, width=terminal.width, height=terminal.height, _environ={}
    )
    tree: Any = Tree(console=console, **options)
    tree._live.auto_refresh = False
    return tree


def play(tree: Any, definition: dict[str, Any], *messages: Message) -> None:
    tree.begin(ARN, definition)
    for message in messages:
        tree.message(ARN, message)
        tree._live.refresh()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_tree_is_never_larger_than_the_screen(width: int, height: int) -> None:
    """While it changes with each event, warnings come in between, and at the end the whole tree stays below them."""
    terminal = FakeTerminal(width, height)
    names = [f"State {at}" for at in range(30)]
    events = [event for name in names for event in (entered(name), left(name, 1))]
    with on_screen(terminal) as tree:
        play(tree, machine(**dict.fromkeys(names, END)), *events)
        tree.note("a note")
        play(tree, machine(Each=mapped(Work=END)), *iterations(50, running=20, failed=2))
        assert not terminal.has_cursor
        assert terminal.deepest < height
    assert terminal.has_cursor
    assert terminal.shown.count("  a note") == 1
    assert [line[:6] for line in terminal.shown if "Each" in line] == ["■ Each"]


def test_the_final_tree_is_whole() -> None:
    terminal = FakeTerminal(60, 10)
    names = [f"State {at}" for at in range(30)]
    with on_screen(terminal) as tree:
        play(
            tree,
            machine(**dict.fromkeys(names, END)),
            *(event for name in names for event in (entered(name), left(name, 1))),
        )
        assert sum("✓" in line for line in terminal.shown) < 10
    assert [line.split("  ")[0] for line in terminal.shown] == [f"✓ {name}" for name in names]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError(), Interrupted(signal.SIGTERM)], ids=repr)
def test_the_terminal_is_restored_after_any_error(error: BaseException) -> None:
    """The cursor is visible, what ran is shown as stopped, and later events change nothing."""
    terminal = FakeTerminal()
    tree = on_screen(terminal)
    with contextlib.suppress(type(error)), tree:
        play(tree, machine(A=END), entered("A", time.time()))
        raise error
    tree.message(ARN, left("A", time.time()))
    assert terminal.has_cursor
    assert [re.sub(r" +", " ", line) for line in terminal.shown] == ["■ A 0.0 s stopped"]


def test_events_before_the_execution_is_known_are_kept() -> None:
    terminal = FakeTerminal()
    with on_screen(terminal) as tree:
        tree.message(ARN, entered("A", 0))
        tree.message(ARN, left("A", 1))
        play(tree, machine(A=END))
    assert terminal.shown == ["✓ A    1.0 s  succeeded"]


def test_a_smaller_screen_gets_a_smaller_tree() -> None:
    """Columns and rows are asked for anew with each picture."""
    terminal = FakeTerminal(80, 24)
    tree = on_screen(terminal)
    view = large()
    with tree:
        tree.begin(ARN, machine(A=END))
        tree._view = view
        tree._live.refresh()
        tree._console._width, tree._console._height = 40, 10
        lines = tree._picture().plain.split("\n")
    assert len(lines) == 9
    assert max(map(len, lines)) <= 39


HOSTILE = {
    "ANSI": "\x1b[2J\x1b[31mred\x1b[0m",
    "control characters": "a\rb\x07c\x9b2J\x00",
    "100 kB": "x" * 100_000,
    "right to left": "\u202eevil \u05e2\u05d1\u05e8\u05d9\u05ea",
    "wide": "漢字😀👩‍👩‍👧‍👦" * 50,
    "combining": "e" + "\u0301" * 100_000,
    "lines": "a\nb\u2028c\x0bd",
    "tabs": "a\t" * 100,
    "markup": "[bold red]x[/] :smile: [link=x]",
    "halves": "\udce9\ud800",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(("width", "height"), SIZES[:2])
def test_a_log_line_is_data(text: str, width: int, height: int) -> None:
    """As a log line and as a state's name: one line, cut to the width, and nothing that a terminal obeys."""
    terminal = FakeTerminal(width, height)
    with on_screen(terminal) as tree:
        play(
            tree,
            machine(**{f"A{text[:80]}": END}),
            entered(f"A{text[:80]}"),
            LogLine("t-1", f"A{text[:80]}", "algo-1", text),
        )
        shown = terminal.shown
        assert len(shown) == 2
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e\ud800-\udfff]", "".join(shown))
    assert text != HOSTILE["markup"] or "[bold red]x[/] :smile: [li" in shown[1]


def test_an_output_without_unicode_gets_ascii() -> None:
    view = seen(machine(Both=parallel(machine(A=END), machine(B=END))), *map(entered, ("Both", "A", "B")), left("A"))
    lines = Drawing(rows_of(view, 1), ascii_only=True).text(60, 0).plain.split("\n")
    assert [line[:8].rstrip() for line in lines] == ["- Both", "|- + A", "`- - B"]


@pytest.mark.parametrize(
    "variables", [{"TERM": "dumb"}, {"TERM": "xterm", "CI": "true"}, {}], ids=["dumb", "CI", "none"]
)
def test_a_terminal_that_cannot_be_drawn_on_gets_lines(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert isinstance(for_stream(Screen(FakeTerminal())), Plain)
    assert isinstance(for_stream(io.StringIO()), Plain)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(for_stream(Screen(FakeTerminal())), Tree)


# JSON lines


def written(definition: dict[str, Any], *messages: Message) -> list[dict[str, Any]]:
    stream = io.StringIO()
    lines = JsonLines(stream)
    lines.message(ARN, messages[0])
    lines.begin(ARN, definition)
    for message in messages[1:]:
        lines.message(ARN, message)
    lines.end(0, "the workflow succeeded")
    lines.step("too late")
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_event_is_a_line_with_its_members() -> None:
    definition = machine(Each=mapped(Work=END))
    found = written(
        definition,
        entered("Each", 0),
        entered("Work", 0.5, 3),
        LogLine("t-1", "Work", "algo-1", "hello", ARN, (3,), 0.6),
        MetricValue("t-1", "Work", "loss", float("nan"), ARN, (3,), 0.7),
        JobRecord(
            "Training", "t-1", ARN, "Work", {}, {"TrainingJobStatus": "Failed", "FailureReason": "No"}, iterations=(3,)
        ),
        left("Work", 1, 3, status="failed", error="No", cause="no rows"),
    )
    assert [each["event"] for each in found] == ["execution", "state", "state", "log", "metric", "job", "state", "end"]
    assert found[2] == {
        "time": "1970-01-01T00:00:00.500Z",
        "event": "state",
        "path": ["Each", 3, "Work"],
        "state": "Work",
        "status": "entered",
        "attempt": 1,
        "error": "",
        "cause": "",
        "within": "",
        "polls": 0,
        "cached": False,
    }
    place = {"path": ["Each", 3, "Work"], "state": "Work", "job": "t-1"}
    assert found[3] == {"time": "1970-01-01T00:00:00.600Z", "event": "log", **place, "host": "algo-1", "line": "hello"}
    assert found[4] == {"time": "1970-01-01T00:00:00.700Z", "event": "metric", **place, "name": "loss", "value": "nan"}
    found[5].pop("time")
    assert found[5] == {"event": "job", **place, "kind": "Training", "status": "Failed", "error": "No", "metrics": {}}
    assert (found[6]["error"], found[6]["cause"]) == ("No", "no rows")
    assert found[7] | {"time": ""} == {
        "time": "",
        "event": "end",
        "exit_code": 0,
        "meaning": "the workflow succeeded",
        "error": None,
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_log_line_is_whole_in_json(text: str) -> None:
    """And ASCII, on one line."""
    assert written(machine(A=END), entered("A"), LogLine("t-1", "A", "algo-1", text, ARN))[2]["line"] == text


def test_a_log_of_an_execution_that_the_workflow_starts_names_its_execution() -> None:
    stream = io.StringIO()
    lines = JsonLines(stream)
    lines.begin(ARN, machine(A=END))
    lines.message(f"{ARN}2", entered("Other"))
    lines.message(f"{ARN}2", LogLine("t-1", "Other", "algo-1", "x", f"{ARN}2"))
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(each["event"], each["execution"]) for each in found] == [("execution", ARN), ("log", f"{ARN}2")]
    assert found[1]["path"] == ["Other"]


def test_a_reader_that_is_gone_ends_the_run() -> None:
    """In the thread of the run, not in that of the events."""

    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    lines = JsonLines(Gone())
    with pytest.raises(BrokenPipeError):
        lines.begin(ARN, machine(A=END))
    lines.message(ARN, entered("A"))
    with pytest.raises(BrokenPipeError):
        lines.state(entered("A"))


def test_the_event_log_hands_its_events_on_in_order() -> None:
    """With the iterations that they belong to."""
    heard: list[tuple[str, Message]] = []
    log = EventLog(on_message=lambda execution, message: heard.append((execution, message)))
    common = {"execution": ARN, "state": "Work", "iterations": [3, 0]}
    record = {
        "kind": "Training",
        "name": "t-1",
        "request": {},
        "response": {"TrainingJobStatus": "InProgress"},
        "groups": [],
    }
    log.take({"kind": "state", **common, "status": "entered", "attempt": 1})
    log.take({"kind": "job", "job": {**record, **common}})
    log.take({"kind": "log", **common, "job": "t-1", "host": "algo-1", "line": "x"})
    log.take({"kind": "metric", **common, "job": "t-1", "name": "loss", "value": 1.0})
    assert [type(message) for _, message in heard] == [StateEvent, JobRecord, LogLine, MetricValue]
    assert {(execution, message.iterations) for execution, message in heard} == {(ARN, (3, 0))}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--json", "--list"], "--json cannot be combined with --list"),
        (["--json", "--progress", "lines"], "--json cannot be combined with --progress"),
        (["--json", "--debug", "A"], "--json cannot be combined with --debug"),
        (["--progress", "tree", "--debug", "A"], "--progress tree cannot be combined with --debug"),
        (["--progress", "tree"], "--progress tree needs a terminal"),
        (["--progress", "bar"], "'tree', 'lines'"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", *arguments])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert problem in told.err


def test_an_error_before_the_execution_is_the_last_line_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--json", "--app", str(tmp_path / "nothing")])
    out, err = capsys.readouterr()
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["exit_code"], last["meaning"]) == ("end", 2, "an argument or a file cannot be used")
    assert ended.value.code == 2
    assert last["error"] in err


# Runs

_WORK = """
    import sys, time
    print("begun", *sys.argv[1:], flush=True)
    time.sleep(0.6 if len(sys.argv) < 2 else 60)
"""


def _project(folder: Path, **changes: Any) -> Path:
    """A Map of two jobs inside a Parallel, or one job that takes its time."""
    request = processing("work.py")
    request["AppSpecification"] |= changes
    work = task("Processing", request)
    items = {"Type": "Pass", "Result": [1, 2], "Next": "Fan"}
    fan = parallel(machine(Each=mapped(Work=work)), machine(Beside=END))
    return write_project(
        folder, Workflow({"StartAt": "Items", "States": {"Items": items, "Fan": fan}}), {"code/work.py": _WORK}
    )


_ARGUMENTS = [
    "-m",
    "constructs_ml.cli",
    "run",
    *(part for rule in ("CML003", "CML503", "CML505") for part in ("--ignore", rule)),
]


@pytest.mark.local
def test_json_lines_tell_the_story_of_the_event_log(tmp_path: Path) -> None:
    """Nothing else is written; each job's lines stand between the entry and the end of its state in its iteration."""
    done = subprocess.run(
        [sys.executable, *_ARGUMENTS, "--json"], cwd=_project(tmp_path), capture_output=True, text=True, check=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    states = [(tuple(each["path"]), each["status"]) for each in found if each["event"] == "state"]
    work = [("Fan", "Each", at, "Work") for at in (0, 1)]
    paths = [("Items",), ("Fan",), ("Fan", "Beside"), ("Fan", "Each"), *work]
    assert sorted(states, key=str) == sorted(
        ((path, status) for path in paths for status in ("entered", "succeeded")), key=str
    )
    for path in work:
        own = [each["event"] for each in found if each.get("path") == list(path)]
        assert own[0] == own[-1] == "state"
        assert "log" in own[1:-1]
        assert [each["status"] for each in found if each["event"] == "job" and each["path"] == list(path)][
            -1
        ] == "Completed"
    assert [each["time"] for each in found] == sorted(each["time"] for each in found)
    last = found[-1]
    assert (last["event"], last["status"], last["exit_code"]) == ("end", "SUCCEEDED", 0)
    assert (last["meaning"], last["error"], last["output"]) == ("the workflow succeeded", None, last["output"])


def _at_terminal(
    project: Path,
    *options: str,
    columns: int = 80,
    rows: int = 24,
    on_text: Callable[[int, int, str], None] | None = None,
) -> tuple[int, str]:
    """A run at a terminal of its own: its exit code, and all that it wrote."""
    user, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {
        name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR", "COLUMNS", "LINES"}
    }
    process = subprocess.Popen(
        [sys.executable, *_ARGUMENTS, *options],
        cwd=project,
        env={**environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            if select.select([user], [], [], 0.1)[0]:
                try:
                    shown += os.read(user, 100_000)
                except OSError:  # as Linux says that the other end is closed
                    break
                if on_text:
                    on_text(process.pid, user, shown.decode(errors="replace"))
        return process.wait(10), shown.decode()
    finally:
        process.kill()
        os.close(user)


@pytest.mark.local
def test_a_run_at_a_terminal_leaves_its_tree(tmp_path: Path) -> None:
    """Also when the terminal gets smaller meanwhile; nothing of the pictures before is left."""

    def shrink(_process: int, user: int, shown: str) -> None:
        if "begun" in shown:
            fcntl.ioctl(user, termios.TIOCSWINSZ, struct.pack("HHHH", 7, 50, 0, 0))

    code, shown = _at_terminal(_project(tmp_path), rows=10, columns=60, on_text=shrink)
    terminal = FakeTerminal(60, 10)
    terminal.feed(shown)
    assert code == 0
    assert "begun" in shown
    lines = [re.sub(r" +\d+\.\d s ", " ", re.sub(r" in \d.*", "", line)) for line in terminal.shown]
    at = next(at for at, line in enumerate(lines) if line.startswith("execute "))
    assert [re.sub(" +", " ", line) for line in lines[at + 1 :]] == [
        *("✓ Items succeeded", "✓ Fan succeeded", "├─ ✓ Each 2 done", "│ ├─ ✓ #0 Work succeeded"),
        *("│ └─ ✓ #1 Work succeeded", "└─ ✓ Beside succeeded", "SUCCEEDED"),
    ]
    assert terminal.has_cursor


@pytest.mark.local
def test_a_run_that_is_interrupted_shows_what_was_stopped(tmp_path: Path) -> None:
    """Ctrl-C once is enough: the jobs are stopped, the cursor is back, and the message is the last line."""
    sent: list[int] = []

    def interrupt(process: int, _user: int, shown: str) -> None:
        if "begun" in shown and not sent:
            sent.append(process)
            os.kill(process, signal.SIGINT)

    entry = ["python3", "/opt/ml/processing/input/code/work.py", "long"]
    code, shown = _at_terminal(_project(tmp_path, ContainerEntrypoint=entry), on_text=interrupt)
    terminal = FakeTerminal()
    terminal.feed(shown)
    assert code == 128 + signal.SIGINT
    assert terminal.has_cursor
    assert sum("■" in line and "stopped" in line for line in terminal.shown) == 4
    assert terminal.shown[-1] == "interrupted"


def test_the_picture_in_the_guide_is_the_one_that_is_drawn() -> None:
    """docs/local.md, "Watch a run": the first picture there, 80 columns wide."""
    train = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "End": True}
    fan = parallel(machine(Train=train), machine(Each=mapped(Test=END)))
    events = [entered("Prepare", 0), left("Prepare", 3.5), entered("Compare", 3.5), entered("Train", 3.5)]
    retried = left("Train", 60, status="retried", error="SageMaker.ThrottlingException")
    metric, line = MetricValue("t-1", "Train", "loss", 0.125), LogLine("t-1", "Train", "algo-1", "epoch 7: loss=0.125")
    each_of_them = [StateEvent("Each", "entered", time=3.5)]
    each_of_them += [entered("Test", 4 + at / 10, at) for at in range(200)]
    each_of_them += [left("Test", 90 + at / 10, at) for at in range(186) if at != 17]
    each_of_them.append(left("Test", 60, 17, status="failed", error="States.TaskFailed"))
    view = seen(machine(Prepare=END, Compare=fan), *events, retried, metric, line, *each_of_them)
    drawn = Drawing(rows_of(view, 128.5)).text(79, 0).plain
    text = (ROOT / "docs" / "local.md").read_text().partition("## Watch a run\n")[2].partition("```text\n")[2]
    assert text.partition("```")[0] == "".join(f"{each.rstrip()}\n" for each in drawn.split("\n"))


def test_the_members_of_json_lines_are_those_of_the_guide() -> None:
    """docs/local.md has a row for each event, with its members."""
    guide = (ROOT / "docs" / "local.md").read_text().partition("## Watch a run\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", guide, re.MULTILINE))
    told = {event: set(re.findall(r"`(\w+)`", row)) for event, row in rows.items()}
    record = JobRecord("Training", "t-1", ARN, "A", {}, {"TrainingJobStatus": "Completed"})
    more: list[Message] = [LogLine("t-1", "A", "algo-1", "x", ARN), MetricValue("t-1", "A", "loss", 1.0, ARN), record]
    for each in written(machine(A=END), entered("A"), *more):
        assert set(each) - {"time", "event"} <= told[each["event"]], each
    assert told.keys() == {"step", "note", "finding", "execution", "state", "job", "log", "metric", "end"}
