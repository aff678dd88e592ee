"""The live view of a run on a terminal: the tree of its states, drawn anew a few times a second."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TextIO

from constructs_ml.interrupts import deferred
from constructs_ml.local.runner.progress import Plain, Progress, can_draw, why
from constructs_ml.local.runner.rows import duration, rows_of
from constructs_ml.local.runner.view import RunView
from constructs_ml.terminal import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from constructs_ml.local.runner.event_log import LogLine, Message, StateEvent
    from constructs_ml.local.runner.findings import Findings
    from constructs_ml.local.runner.rows import Row

_PER_SECOND = 5
_MARKS = {"succeeded": "✓", "failed": "✗", "caught": "↪", "stopped": "■", "folded": "…", "line": " "}
_ASCII_MARKS = {"succeeded": "+", "failed": "x", "caught": ">", "stopped": "=", "folded": ".", "line": " "}
_COLOURS = {"succeeded": "green", "failed": "red", "caught": "yellow", "stopped": "yellow", "running": "cyan"}
_FRAMES, _ASCII_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "-\\|/"
# The share of the width that names may take, the columns that they always may, and the least width of a row.
_NAMES, _SHORT, _NARROWEST = 0.45, 12, 10
_SECONDS = 7


class Tree(Progress):
    """The states of a run as a tree.

    Args:
        verbose: True to show the output of jobs, and the inner states of constructs with several states.
        console: The rich console to draw on. Default: the standard output.
    """

    def __init__(self, *, verbose: bool = False, console: Any = None) -> None:  # noqa: ANN401 - rich is an extra
        from rich.console import Console
        from rich.live import Live

        self._verbose, self._console = verbose, console or Console()
        self._lock = threading.Lock()
        self._early: list[tuple[str, Message]] = []
        self._view: RunView | None = None
        self._over = False
        self._names = 0
        self._live: Any = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=_PER_SECOND,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        """Begin the execution."""
        self._live.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End the execution: the whole tree stays, and the cursor is visible."""
        with deferred():
            with self._lock:
                self._over = True
                if self._view:
                    self._view.stop(time.time())
            self._live.stop()

    def begin(self, execution: str, definition: Mapping[str, Any]) -> None:
        """Begin to show an execution."""
        with self._lock:
            self._view = RunView(execution, definition)
            for early in self._early:
                self._view.take(*early)
            self._early.clear()

    def message(self, execution: str, message: Message) -> None:
        """Take an event of an execution; called from another thread."""
        with self._lock:
            if self._over:
                return
            if self._view:
                self._view.take(execution, message)
            else:
                self._early.append((execution, message))

    def step(self, what: str) -> None:
        """Show that a step of the run begins."""
        self._print(what, style="dim")

    def state(self, event: StateEvent) -> None:
        """Show the reason of a retry or a catch."""
        if (not event.within or self._verbose) and (reason := why(event)):
            self._print(f"  {event.state}: {event.status}: {event.error}: {reason}")

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
        self._console.print(printable(text), style=style, highlight=False, markup=False, emoji=False)

    def _picture(self) -> Any:  # noqa: ANN401 - rich is an extra
        from rich.text import Text

        with self._lock:
            if self._view is None:
                return Text()
            # The last row of the screen stays free: a full one would scroll.
            height = None if self._over else self._console.size.height - 1
            rows = rows_of(self._view, time.time(), height=height, verbose=self._verbose)
        drawing = Drawing(rows, ascii_only=self._console.options.ascii_only)
        # Columns that have moved to the right stay there, except in the last picture.
        self._names = 0 if self._over else max(self._names, drawing.names)
        return drawing.text(self._console.size.width - 1, time.time(), self._names)


class Drawing:
    """Rows drawn as text.

    Args:
        rows: The rows.
        ascii_only: True for an output that takes no other characters.
    """

    def __init__(self, rows: list[Row], *, ascii_only: bool = False) -> None:
        self._rows = rows
        self._marks, self._frames = (_ASCII_MARKS, _ASCII_FRAMES) if ascii_only else (_MARKS, _FRAMES)
        self._guides = ("|- ", "`- ", "|  ", "   ") if ascii_only else ("├─ ", "└─ ", "│  ", "   ")

    @property
    def names(self) -> int:
        """The columns that the longest name takes, with the lines of the tree before it."""
        heads = (self._head(row, guides, " ") for row, guides in self._walk(self._rows) if row.seconds is not None)
        return max((head.cell_len for head in heads), default=0)

    def text(self, width: int, now: float, names: int = 0) -> Any:  # noqa: ANN401 - rich is an extra
        """Return the rows as lines, each cut to the width.

        Args:
            width: The width in columns.
            now: The current time, which turns the spinner.
            names: The least number of columns for the names.
        """
        from rich.text import Text

        width = max(_NARROWEST, width)
        frame = self._frames[int(now * _PER_SECOND) % len(self._frames)]
        lines = [(row, self._head(row, guides, frame)) for row, guides in self._walk(self._rows)]
        names = min(max(names, self.names), max(int(width * _NAMES), _SHORT))
        drawn = []
        for row, head in lines:
            line = head
            if row.seconds is not None:
                line.truncate(names, overflow="ellipsis", pad=True)
                line.append(f"  {duration(row.seconds):>{_SECONDS}}  ", style="dim")
                line.append(_plain(row.text), style=_COLOURS.get(row.status, ""))
            line.truncate(width, overflow="ellipsis")
            drawn.append(line)
        return Text("\n", no_wrap=True, end="").join(drawn)

    def _head(self, row: Row, guides: str, frame: str) -> Any:  # noqa: ANN401 - rich is an extra
        from rich.text import Text

        head = Text(guides, style="", no_wrap=True)
        style = "dim" if row.status in {"line", "folded"} else ""
        head.append(self._marks.get(row.status, frame), style=_COLOURS.get(row.status, "dim"))
        head.append(f" {_plain(row.name)}", style=style)
        return head

    def _walk(self, rows: list[Row], before: str | None = None) -> Iterator[tuple[Row, str]]:
        """Yield the rows with the lines of the tree before each; the outermost have none."""
        tee, corner, through, nothing = self._guides
        for row in rows:
            is_last = row is rows[-1]
            if before is None:
                yield row, ""
                yield from self._walk(row.rows, "")
            elif row.status == "line":
                yield row, before
            else:
                yield row, f"{before}{corner if is_last else tee}"
                yield from self._walk(row.rows, f"{before}{nothing if is_last else through}")


def _plain(text: str) -> str:
    return one_line(text.strip()).replace("\t", " ")


def for_stream(stream: TextIO | None = None, *, verbose: bool = False) -> Progress:
    """Return a live view if the stream is a terminal that can be drawn on, plain lines otherwise.

    Args:
        stream: The stream to write to. Default: the standard output.
        verbose: True to show the output of jobs, and the inner states of constructs with several states.
    """
    stream = stream or sys.stdout
    return Tree(verbose=verbose) if can_draw(stream) else Plain(stream, verbose=verbose)
