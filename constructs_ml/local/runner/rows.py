"""The rows that show a tree of states, as many as fit: what has ended is folded first. It knows no terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local.runner.view import Node, RunView

CACHED = "taken from the cache"
_EXPANDED = 4
"""The number of iterations up to which a Map shows the states of each."""
_LISTED = 3
"""The number of iterations that a Map with more of them lists."""
_METRICS = 4
_MINUTE, _HOUR = 60, 3600


@dataclass(eq=False)
class Row:
    """A row, and the rows below it.

    Attributes:
        status: The status of its node; ``folded`` for a row that stands for several, ``line`` for a log line.
        name: The name, or the text of a folded row.
        text: The text behind the name.
        seconds: The duration; None if it has none.
        rows: The rows below it.
        is_running: True if its node runs.
    """

    status: str
    name: str
    text: str = ""
    seconds: float | None = None
    rows: list[Row] = field(default_factory=list)
    is_running: bool = False

    @property
    def height(self) -> int:
        """The number of rows that it takes with those below it."""
        return 1 + height_of(self.rows)


def height_of(rows: list[Row]) -> int:
    """Return the number of rows, with those below them."""
    return sum(row.height for row in rows)


def duration(seconds: float) -> str:
    """Return seconds as a text: ``2.5 s``, ``3m05s``, ``1h02m``."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02}s"
    return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}m"


def rows_of(view: RunView, now: float, *, height: int | None = None, verbose: bool = False) -> list[Row]:
    """Return the rows of a tree.

    Args:
        view: The tree.
        now: The current time, in seconds since the epoch.
        height: The number of rows that there is room for; None for any number.
        verbose: True to show the inner states of states that stand for one call.
    """
    rows = _Builder(view, now, verbose=verbose).rows(view.root)
    if height is not None:
        _fit(rows, max(1, height))
    return rows


class _Builder:
    """Builder of rows.

    Args:
        view: The tree.
        now: The current time.
        verbose: True to show inner states.
    """

    def __init__(self, view: RunView, now: float, *, verbose: bool) -> None:
        self._view, self._now, self._verbose = view, now, verbose

    def rows(self, node: Node) -> list[Row]:
        """Return the rows of a node's children."""
        children = self._shown(node)
        if node.type != "Map" or len(children) + len(node.done) <= _EXPANDED:
            return [self._row(child) for child in children]
        return [self._brief(child) for child in self._listed(children)]

    def _shown(self, node: Node) -> list[Node]:
        return [child for child in self._view.ordered(node) if self._verbose or not child.is_inner]

    def _row(self, node: Node) -> Row:
        name = node.name
        if node.type == "Iteration":
            name = f"#{node.name}"
            states = [self._row(state) for state in self._shown(node)]
            if len(states) == 1 and all(below.status == "line" for below in states[0].rows):
                states[0].name = f"{name} {states[0].name}"
                return states[0]
        row = Row(node.status, name, self._text(node), node.seconds(self._now), self.rows(node), node.is_running)
        line = node.last_line() if node.is_running and not row.rows else ""
        if line:
            row.rows.insert(0, Row("line", line))
        return row

    def _listed(self, iterations: list[Node]) -> list[Node]:
        """Return the iterations of a long Map that say most: those that failed, and the slowest that run."""
        failed = [each for each in iterations if each.status == "failed"]
        running = [each for each in iterations if each.is_running]
        running.sort(key=lambda each: -each.seconds(self._now))
        few = failed[: _LISTED - 1] if running else failed[:_LISTED]
        return [*few, *running[: _LISTED - len(few)]]

    def _brief(self, iteration: Node) -> Row:
        """Return an iteration as one row: the states that run in it, and their last log line."""
        now = [node for node in iteration.walk() if node is not iteration and node.type != "Iteration"]
        now = [node for node in now if node.status == iteration.status and not node.is_inner]
        names = ", ".join(dict.fromkeys(node.name for node in now if not node.children or node.type == "Map"))
        line = iteration.last_line() if iteration.is_running else ""
        text = f"{self._text(iteration)} | {line}" if line else self._text(iteration)
        name = f"#{iteration.name} {names}" if names else f"#{iteration.name}"
        return Row(iteration.status, name, text, iteration.seconds(self._now), [], iteration.is_running)

    def _text(self, node: Node) -> str:
        is_summed = node.type == "Map" and bool(node.children or node.done)
        parts = (
            [] if is_summed and node.status in {"running", "succeeded"} else [CACHED if node.cached else node.status]
        )
        if node.error and node.status in {"failed", "caught"}:
            parts[-1] += f": {node.error}"
        if node.attempt > 1:
            reason = f" after {node.error}" if node.error and node.is_running else ""
            parts.append(f"attempt {node.attempt}{reason}")
        if node.polls:
            parts.append(_counted(node.polls, "poll"))
        if is_summed:
            parts.append(self._summary(node))
        if trials := node.trials:
            done = sum(trial.status in {"Completed", "Failed", "Stopped"} for trial in trials)
            parts.append(f"{done} of {_counted(len(trials), 'trial')} done")
        if node.job and node.job.metrics:
            found = list(node.job.metrics.items())
            values = [f"{name}={value:g}" for name, value in found[:_METRICS]]
            parts.append(", ".join([*values, *(["…"] if len(found) > _METRICS else [])]))
        return ", ".join(parts)

    def _summary(self, node: Node) -> str:
        counts = node.counts
        words = {"running": "running", "succeeded": "done", "failed": "failed", "stopped": "stopped"}
        shown = ", ".join(f"{counts[status]} {word}" for status, word in words.items() if counts[status])
        slowest = node.slowest(self._now) if counts.total() > _EXPANDED else None
        last = f"; slowest #{slowest.name} {duration(slowest.seconds(self._now))}" if slowest else ""
        return f"{shown}{last}"


def _fit(rows: list[Row], height: int) -> None:
    """Fold rows until they fit: first what has ended, then what says least."""
    for fold in (_close_ended, _merge_ended, _drop_lines, _close_iterations, _merge_rest):
        fold(rows, lambda: height_of(rows) - height)
    _cut(rows, height)


def _levels(rows: list[Row]) -> Iterator[list[Row]]:
    """Yield lists of siblings, outer ones first."""
    yield rows
    for row in rows:
        yield from _levels(row.rows)


def _close_ended(rows: list[Row], excess: Callable[[], int]) -> None:
    for siblings in list(_levels(rows)):
        for row in siblings:
            if excess() <= 0:
                return
            if not row.is_running:
                row.rows.clear()


def _merge_ended(rows: list[Row], excess: Callable[[], int]) -> None:
    for statuses in ({"succeeded", "caught"}, {"succeeded", "caught", "failed", "stopped", "folded"}):
        for siblings in list(_levels(rows)):
            _merge([row for row in siblings if row.status in statuses and not row.is_running], siblings, excess())


def _merge_rest(rows: list[Row], excess: Callable[[], int]) -> None:
    for siblings in reversed(list(_levels(rows))):
        _merge([row for row in siblings if row.status != "folded"][1:], siblings, excess())


def _merge(found: list[Row], siblings: list[Row], excess: int) -> None:
    """Replace as many of the found rows as needed by one row in the place of the first."""
    if excess <= 0 or len(found) < 2:  # noqa: PLR2004 - one row in the place of one is no gain
        return
    chosen, saved = [found[0]], found[0].height - 1
    for row in found[1:]:
        if saved >= excess:
            break
        chosen.append(row)
        saved += row.height
    running = sum(row.is_running for row in chosen)
    text = f"{len(chosen)} more, {running} running" if running else f"{len(chosen)} ended"
    siblings[siblings.index(chosen[0])] = Row("folded", text)
    gone = {id(row) for row in chosen}
    siblings[:] = [row for row in siblings if id(row) not in gone]


def _drop_lines(rows: list[Row], excess: Callable[[], int]) -> None:
    for siblings in list(_levels(rows)):
        if excess() > 0:
            siblings[:] = [row for row in siblings if row.status != "line"]


def _close_iterations(rows: list[Row], excess: Callable[[], int]) -> None:
    for siblings in list(_levels(rows)):
        for row in siblings:
            while excess() > 0 and row.rows and all(below.name.startswith("#") for below in row.rows):
                row.rows.pop()


def _cut(rows: list[Row], height: int) -> None:
    """Cut off the last rows, innermost first, if nothing else helps."""
    while height_of(rows) > height:
        deepest = [siblings for siblings in _levels(rows) if siblings and not any(row.rows for row in siblings)]
        deepest[-1].pop()


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
