"""The logs of a run's jobs, kept within bounds: of a long one the beginning and the end."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.run_record import Log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.local.runner.event_log import LogLine

_LINE = 10_000
"""The most characters of a line."""
_START = 16_384
_ALL_ENDS = 8 << 20
"""The characters that are kept of the ends of all logs."""
_END, _LEAST_END = 512 << 10, 16 << 10
"""The characters that are kept of the end of one log: with few jobs, and with many."""


@dataclass
class _Kept:
    """The log of a job."""

    start: list[str] = field(default_factory=list)
    end: deque[str] = field(default_factory=deque)
    start_size: int = 0
    end_size: int = 0
    lines: int = 0
    hosts: set[str] = field(default_factory=set)


class KeptLogs:
    """The logs of jobs, which threads may add to."""

    def __init__(self) -> None:
        self._logs: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def add(self, line: LogLine) -> None:
        """Add a line."""
        with self._lock:
            kept = self._logs.setdefault(line.job, _Kept())
            kept.lines += 1
            kept.hosts.add(line.host)
            text = line.text if len(line.text) <= _LINE else f"{line.text[:_LINE]}… ({len(line.text)} characters)"
            told = f"{line.host} | {text}" if len(kept.hosts) > 1 else text
            if kept.start_size < _START and not kept.end:
                kept.start.append(told)
                kept.start_size += len(told) + 1
                return
            kept.end.append(told)
            kept.end_size += len(told) + 1
            most = max(_LEAST_END, min(_END, _ALL_ENDS // len(self._logs)))
            while kept.end_size > most and len(kept.end) > 1:
                kept.end_size -= len(kept.end.popleft()) + 1

    def of(self, job: str, most: int) -> Log:
        """Return the log of a job.

        Args:
            job: The job's name.
            most: The most characters of it.
        """
        with self._lock:
            kept = self._logs.get(job)
            if kept is None:
                return Log()
            start, end, lines = list(kept.start), list(kept.end), kept.lines
        if len(start) + len(end) == lines and kept.start_size + kept.end_size <= most:
            return Log(lines, end="\n".join((*start, *end)))
        first = _fitting(start, most // 8)
        last = _fitting(reversed([*start[len(first) :], *end]), most - most // 8)
        last.reverse()
        return Log(lines, "\n".join(first), "\n".join(last), lines - len(first) - len(last))

    def size(self, job: str) -> int:
        """Return the characters that are kept of a job's log."""
        with self._lock:
            kept = self._logs.get(job)
            return kept.start_size + kept.end_size if kept else 0


def _fitting(lines: Iterable[str], most: int) -> list[str]:
    """Return the first lines that have room."""
    found: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > most and found:
            break
        found.append(line)
    return found
