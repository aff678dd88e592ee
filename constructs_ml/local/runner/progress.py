"""Progress of a run: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from constructs_ml.local.runner.report import brief
from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from constructs_ml.local.runner.event_log import LogLine, StateEvent
    from constructs_ml.local.runner.findings import Findings

_MARKS = {"succeeded": "✓", "failed": "✗", "caught": "↪", "retried": "↻", "entered": "…"}
_CACHED = "taken from the cache"
_COLOURS = {"succeeded": "green", "failed": "red", "caught": "yellow", "retried": "yellow"}


class Progress:
    """Receiver of a run's progress, for subclasses to show it. A context manager around the execution itself."""

    def __enter__(self) -> Self:
        """Begin the execution."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End the execution."""

    def step(self, what: str) -> None:
        """Show that a step of the run begins."""

    def state(self, event: StateEvent) -> None:
        """Show that a state was entered or left."""

    def log(self, line: LogLine) -> None:
        """Show a line that a job wrote; called from another thread."""

    def note(self, text: str) -> None:
        """Show that something is simulated, or waits for an approval; called from another thread."""

    def findings(self, findings: Findings) -> None:
        """Show warnings of the checks about the workflow; the run continues."""


class Quiet(Progress):
    """Progress that is not shown."""


class Plain(Progress):
    """Progress as a line for each event.

    Args:
        stream: The stream to write to.
        verbose: True to show the output of jobs, and the inner states of constructs with several states.
    """

    def __init__(self, stream: TextIO | None = None, *, verbose: bool = False) -> None:
        self._stream, self._verbose = stream or sys.stdout, verbose
        self._entered: dict[str, float] = {}
        self._shown: set[tuple[str, str, str]] = set()

    def step(self, what: str) -> None:
        """Show that a step of the run begins."""
        self._say(what)

    def state(self, event: StateEvent) -> None:
        """Show that a state was entered or left."""
        if event.within and (not self._verbose or self._is_repeated(event)):
            return
        if event.status == "entered":
            self._entered[event.state] = event.time
            self._shown = {each for each in self._shown if each[0] != event.state}
            self._say(f"{event.state}: started")
            return
        if event.cached:
            self._say(f"{event.state}: {_CACHED}")
            return
        seconds = event.time - self._entered.get(event.state, event.time)
        why = _why(event)
        error = f" ({event.error}{': ' if why else ''}{why})" if event.error else ""
        self._say(f"{event.state}: {event.status} after {seconds:.1f} s{_polled(event)}{error}")

    def _is_repeated(self, event: StateEvent) -> bool:
        """Return whether an inner state has been shown, as each poll passes the same ones; its errors are always shown."""
        key = (event.within, event.state, event.status)
        repeated = key in self._shown and not event.error
        self._shown.add(key)
        return repeated

    def log(self, line: LogLine) -> None:
        """Show a line that a job wrote."""
        if self._verbose:
            self._say(f"  {line.state} {line.host} | {line.text}")

    def note(self, text: str) -> None:
        """Show that something is simulated, or waits for an approval."""
        self._say(f"  {text}")

    def findings(self, findings: Findings) -> None:
        """Show warnings of the checks."""
        self._say(str(findings))

    def _say(self, text: str) -> None:
        self._stream.write(f"{printable(text)}\n")
        self._stream.flush()


class Live(Progress):
    """A table of states on a terminal, with a spinner for those that run.

    Args:
        verbose: True to show the output of jobs, and the inner states of constructs with several states.
    """

    def __init__(self, *, verbose: bool = False) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive
        from rich.spinner import Spinner

        self._verbose = verbose
        self._console = Console()
        self._rows: dict[str, list[StateEvent]] = {}
        self._spinner = Spinner("dots")
        self._live: Any = RichLive(console=self._console, get_renderable=self._table, refresh_per_second=10)

    def __enter__(self) -> Self:
        """Begin the execution."""
        self._live.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End the execution."""
        self._live.stop()

    def step(self, what: str) -> None:
        """Show that a step of the run begins."""
        self._print(what, style="dim")

    def state(self, event: StateEvent) -> None:
        """Show that a state was entered or left."""
        if event.within and not self._verbose:
            return
        self._rows.setdefault(event.state, []).append(event)
        if why := _why(event):
            self._print(f"  {event.state}: {event.status}: {event.error}: {why}")

    def log(self, line: LogLine) -> None:
        """Show a line that a job wrote."""
        if self._verbose:
            self._print(f"  {line.state} {line.host} | {line.text}", style="dim")

    def note(self, text: str) -> None:
        """Show that something is simulated, or waits for an approval."""
        self._print(f"  {text}")

    def findings(self, findings: Findings) -> None:
        """Show warnings of the checks."""
        self._print(str(findings))

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(printable(text), style=style, highlight=False, markup=False)

    def _table(self) -> Any:  # noqa: ANN401 - rich is an extra
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for state, events in list(self._rows.items()):
            last = events[-1]
            running = last.status in {"entered", "retried"}
            seconds = (time.time() if running else last.time) - events[0].time
            mark = self._spinner if running else Text(_MARKS[last.status], style=_COLOURS[last.status])
            status = "running" if last.status == "entered" else _CACHED if last.cached else last.status
            name, status = printable(state), f"{status}{_polled(last)}"
            table.add_row(mark, Text(name), f"{seconds:.1f} s", Text(status, style=_COLOURS.get(last.status, "")))
        return table


def _why(event: StateEvent) -> str:
    """Return the reason of a first retry or a catch, unless a job gives it: failed jobs are reported at the end."""
    told = event.status == "caught" or (event.status == "retried" and event.attempt == 1)
    return brief(event.cause) if told and not event.cause.lstrip().startswith("{") else ""


def _polled(event: StateEvent) -> str:
    return f", {event.polls} poll{'' if event.polls == 1 else 's'}" if event.polls else ""


def for_stream(stream: TextIO | None = None, *, verbose: bool = False) -> Progress:
    """Return a live view if the stream is a terminal, plain lines otherwise."""
    stream = stream or sys.stdout
    return Live(verbose=verbose) if stream.isatty() else Plain(stream, verbose=verbose)
