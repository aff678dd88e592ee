"""Progress of a run: the live view on a terminal (``tree``), plain lines elsewhere, or JSON (``json_lines``)."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from constructs_ml.local.runner.report import brief
from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

    from constructs_ml.local.runner.event_log import LogLine, Message, StateEvent
    from constructs_ml.local.runner.findings import Findings

_CACHED = "taken from the cache"


class Progress:
    """Receiver of a run's progress, for subclasses to show it. A context manager around the execution itself."""

    def __enter__(self) -> Self:
        """Begin the execution."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End the execution."""

    def begin(self, execution: str, definition: Mapping[str, Any]) -> None:
        """Begin to show an execution.

        Args:
            execution: Its ARN.
            definition: The definition of its state machine, as JSON data.
        """

    def message(self, execution: str, message: Message) -> None:
        """Take an event of an execution at once, in order; called from another thread, also before ``begin``.

        Args:
            execution: The execution's ARN.
            message: The event: of a state, a job, its log or its metrics.
        """

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
        reason = why(event)
        error = f" ({event.error}{': ' if reason else ''}{reason})" if event.error else ""
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


def why(event: StateEvent) -> str:
    """Return the reason of a first retry or a catch, unless a job gives it: failed jobs are reported at the end."""
    told = event.status == "caught" or (event.status == "retried" and event.attempt == 1)
    return brief(event.cause) if told and not event.cause.lstrip().startswith("{") else ""


def _polled(event: StateEvent) -> str:
    return f", {event.polls} poll{'' if event.polls == 1 else 's'}" if event.polls else ""


def can_draw(stream: TextIO) -> bool:
    """Return whether a stream is a terminal whose cursor moves, and no log of a build.

    Args:
        stream: The stream.
    """
    is_log = os.environ.get("TERM", "dumb") in {"dumb", "unknown"} or bool(os.environ.get("CI"))
    return stream.isatty() and not is_log
