"""The text of logs as a page shows it: without colours and control characters, the traceback first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from constructs_ml.run_record import Log

_COLOURS = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[@-Z\\\\-_]")
_TRACEBACK = re.compile(r"^(?P<host>algo-\d+ \| )?(?P<indent> *)Traceback \(most recent call last\):$")
_CHAINED = re.compile(r"^(?:During handling of the above exception|The above exception was the direct cause)")
_LAST, _TRACE = 40, 80
"""The lines that are shown at once."""


@dataclass(frozen=True, slots=True)
class ShownLog:
    """A log as a page shows it.

    Attributes:
        lines: The number of its lines.
        trace: Its last traceback; empty if there is none.
        last: Its last lines.
        earlier: The lines before these, as far as they were kept; empty if there are none.
        count: The number of these.
        left_out: The number of lines that were not kept.
    """

    lines: int
    trace: str
    last: str
    earlier: str
    count: int
    left_out: int


def shown_log(log: Log) -> ShownLog:
    """Return a log as a page shows it."""
    end = [plain(line) for line in log.end.split("\n")] if log.end else []
    start = [plain(line) for line in log.start.split("\n")] if log.start else []
    gap = [f"… {log.left_out} lines are left out …"] if log.left_out else []
    every = [*start, *gap, *end]
    earlier = every[:-_LAST]
    last, count = "\n".join(every[-_LAST:]), len(earlier) - len(gap) if earlier else 0
    return ShownLog(log.lines, traceback_in(end), last, "\n".join(earlier), count, log.left_out)


def plain(line: str) -> str:
    """Return a line without colours; of one that was written over, as progress bars are, the last version."""
    text = _COLOURS.sub("", line).rstrip("\r")
    return printable(text.rpartition("\r")[2])


def traceback_in(lines: list[str]) -> str:
    """Return the last traceback in lines of a log, with the message of its exception; empty if there is none."""
    starts = [at for at, line in enumerate(lines) if _TRACEBACK.match(line)]
    if not starts:
        return ""
    at = starts[-1]
    found = _TRACEBACK.match(lines[at])
    before = len(found["host"] or "") + len(found["indent"]) if found else 0
    taken = [lines[at][before:]]
    for line in lines[at + 1 : at + _TRACE]:
        text = line[before:]
        if _CHAINED.match(text):
            break
        taken.append(text)
        if text and not text.startswith(" "):
            break  # the exception and its message
    return "\n".join(taken)
