"""Shows a run while it goes: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from constructs_ml.local.feed import LogLine, StateEvent

_MARKS = {"succeeded": "✓", "failed": "✗", "caught": "↪", "retried": "↻", "entered": "…"}
_COLOURS = {"succeeded": "green", "failed": "red", "caught": "yellow", "retried": "yellow"}


class Progress:
    """Told of what happens in a run; subclasses show it. A context manager around the execution itself."""

    def __enter__(self) -> Self:
        """The execution begins."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """The execution is over."""

    def step(self, what: str) -> None:
        """A step of the run begins."""

    def state(self, event: StateEvent) -> None:
        """A state was entered or left."""

    def log(self, line: LogLine) -> None:
        """A job wrote a line; called from another thread."""

    def note(self, text: str) -> None:
        """Something is simulated, or waits for an approval; called from another thread."""


class Quiet(Progress):
    """Shows nothing."""


class Plain(Progress):
    """Writes a line for everything that happens.

    Args:
        stream: Where to.
        verbose: Whether to show what jobs write.
    """

    def __init__(self, stream: TextIO | None = None, *, verbose: bool = False) -> None:
        self._stream, self._verbose = stream or sys.stdout, verbose
        self._entered: dict[str, float] = {}

    def step(self, what: str) -> None:
        """A step of the run begins."""
        self._say(what)

    def state(self, event: StateEvent) -> None:
        """A state was entered or left."""
        if event.status == "entered":
            self._entered[event.state] = event.time
            self._say(f"{event.state}: started")
            return
        seconds = event.time - self._entered.get(event.state, event.time)
        error = f" ({event.error})" if event.error else ""
        self._say(f"{event.state}: {event.status} after {seconds:.1f} s{error}")

    def log(self, line: LogLine) -> None:
        """A job wrote a line."""
        if self._verbose:
            self._say(f"  {line.state} {line.host} | {line.text}")

    def note(self, text: str) -> None:
        """Something is simulated, or waits for an approval."""
        self._say(f"  {text}")

    def _say(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


class Live(Progress):
    """A table of states on a terminal, with a spinner for those that run.

    Args:
        verbose: Whether to show what jobs write.
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
        """The execution begins."""
        self._live.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """The execution is over."""
        self._live.stop()

    def step(self, what: str) -> None:
        """A step of the run begins."""
        self._console.print(what, style="dim", highlight=False)

    def state(self, event: StateEvent) -> None:
        """A state was entered or left."""
        self._rows.setdefault(event.state, []).append(event)

    def log(self, line: LogLine) -> None:
        """A job wrote a line."""
        if self._verbose:
            self._console.print(f"  {line.state} {line.host} | {line.text}", style="dim", highlight=False, markup=False)

    def note(self, text: str) -> None:
        """Something is simulated, or waits for an approval."""
        self._console.print(f"  {text}", highlight=False, markup=False)

    def _table(self) -> Any:  # noqa: ANN401 - rich is an extra
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for state, events in list(self._rows.items()):
            last = events[-1]
            running = last.status in {"entered", "retried"}
            seconds = (time.time() if running else last.time) - events[0].time
            mark = self._spinner if running else Text(_MARKS[last.status], style=_COLOURS[last.status])
            status = "running" if last.status == "entered" else last.status
            table.add_row(mark, Text(state), f"{seconds:.1f} s", Text(status, style=_COLOURS.get(last.status, "")))
        return table


def for_stream(stream: TextIO | None = None, *, verbose: bool = False) -> Progress:
    """A live view if the stream is a terminal, plain lines otherwise."""
    stream = stream or sys.stdout
    return Live(verbose=verbose) if stream.isatty() else Plain(stream, verbose=verbose)
