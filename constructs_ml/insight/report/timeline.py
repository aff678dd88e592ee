"""The rows of the timeline: a state each, with its visits, attempts and jobs; the iterations of a long Map are folded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from constructs_ml.insight.report.states import outcome_of
from constructs_ml.insight.report.words import counted, duration
from constructs_ml.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.insight.report.states import Owned
    from constructs_ml.run_record import RunRecord, Visit

_FEW_ITEMS = 8
"""The iterations of a Map that are all shown; of more, those that failed and the slowest."""
_FAILED, _SLOWEST = 5, 3
_MOST_BARS, _MOST_ROWS, _DEEPEST = 400, 800, 12
_LEAST_WIDTH = 0.25
_STEPS = (1, 2, 5)
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, its place in percent of the width.

    Attributes:
        x: Its start.
        width: Its width.
        outcome: The outcome that colours it.
        is_job: True for a job, which is drawn below the attempt.
    """

    x: str
    width: str
    outcome: str
    is_job: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        label: Its name.
        detail: Further words about it.
        depth: The number of states around it.
        state: The state that it leads to.
        outcome: Its outcome.
        bars: Its bars.
        seconds: Its duration in words.
        folded: True for the summary of many iterations.
    """

    label: str
    detail: str
    depth: int
    state: str
    outcome: str
    bars: tuple[Bar, ...]
    seconds: str
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline.

    Attributes:
        rows: Its rows.
        left_out: The number of rows that are left out.
        ticks: The marks of its axis.
    """

    rows: tuple[Row, ...]
    left_out: int
    ticks: tuple[Tick, ...]


def timeline_of(record: RunRecord, found: Owned) -> Timeline:
    """Return the timeline of a run.

    Args:
        record: The record of the run.
        found: Its visits and jobs by state.
    """
    drawn = [visit for visits in found.visits.values() for visit in visits]
    ends = [visit.end for visit in drawn] + [job.end for jobs in found.jobs.values() for job in jobs]
    total = max([record.seconds, *ends, 0.001])
    rows = list(_Rows(drawn, found, total).below(0, 0))
    return Timeline(tuple(rows[:_MOST_ROWS]), max(0, len(rows) - _MOST_ROWS), tuple(_ticks(total)))


class _Rows:
    """Makes the rows."""

    def __init__(self, visits: list[Visit], found: Owned, total: float) -> None:
        self._jobs, self._total = found.jobs, total
        self._inner: dict[int, list[Visit]] = defaultdict(list)
        for visit in sorted(visits, key=lambda visit: (visit.start, visit.id)):
            self._inner[visit.outer].append(visit)

    def below(self, outer: int, depth: int) -> Iterator[Row]:
        yield from self._of_states(self._inner[outer], depth)

    def _of_states(self, visits: Iterable[Visit], depth: int) -> Iterator[Row]:
        of_state: dict[str, list[Visit]] = defaultdict(list)
        for visit in visits:
            of_state[visit.state].append(visit)
        for name, own in of_state.items():
            times = f"{len(own)} times" if len(own) > 1 else ""
            yield self._row(name, times, depth, own)
            for visit in own[:_FEW_ITEMS]:
                if depth < _DEEPEST:
                    yield from self._inside(visit, depth + 1)

    def _inside(self, visit: Visit, depth: int) -> Iterator[Row]:
        inner = self._inner[visit.id]
        of_item: dict[int | None, list[Visit]] = defaultdict(list)
        for each in inner:
            of_item[each.item].append(each)
        if len(of_item) <= 1:  # a Parallel, or one iteration
            yield from self._of_states(inner, depth)
            return
        items = list(of_item.items())
        if len(items) > _FEW_ITEMS:
            yield self._summary(visit, of_item, depth)
            items = _worth_a_look(of_item)
        for item, own in items:
            states = list(dict.fromkeys(each.state for each in own))
            worst = next((each for each in own if each.status != "succeeded"), own[-1])
            detail = " → ".join(states) if len(states) <= 4 else f"{states[0]} → … → {states[-1]}"  # noqa: PLR2004
            yield self._row(worst.state, detail, depth, own, label=f"iteration {item}")
            if len(items) <= _FEW_ITEMS:
                for each in own:
                    if depth < _DEEPEST:
                        yield from self._inside(each, depth + 1)

    def _summary(self, visit: Visit, of_item: dict[int | None, list[Visit]], depth: int) -> Row:
        every = [each for own in of_item.values() for each in own]
        lengths = [_end(own) - own[0].start for own in of_item.values()]
        failed = sum(any(each.status == "failed" for each in own) for own in of_item.values())
        words = [f"{failed} failed"] if failed else []
        words.append(f"median {duration(median(lengths))}, slowest {duration(max(lengths))}")
        step = max(1, len(every) // _MOST_BARS)
        bars = [self._bar(each.start, each.end, each.status) for each in every if each.status != "succeeded"]
        bars = [self._bar(each.start, each.end, "succeeded") for each in every[::step]] + bars[:_MOST_BARS]
        label, took = counted(len(of_item), "iteration"), duration(_end(every) - every[0].start)
        return Row(
            label, ", ".join(words), depth, visit.state, "failed" if failed else "succeeded", tuple(bars), took, True
        )

    def _row(self, state: str, detail: str, depth: int, visits: list[Visit], *, label: str = "") -> Row:
        bars = [bar for visit in visits[:_MOST_BARS] for bar in self._bars(visit)]
        took = duration(_end(visits) - visits[0].start if label or len(visits) == 1 else _sum(visits))
        return Row(
            one_line(label or state),
            one_line(detail),
            depth,
            state,
            outcome_of(visits),
            tuple(bars[: 2 * _MOST_BARS]),
            took,
        )

    def _bars(self, visit: Visit) -> Iterator[Bar]:
        last = len(visit.attempts) - 1
        status = "cached" if visit.cached else visit.status
        for at, attempt in enumerate(visit.attempts):
            yield self._bar(attempt.start, attempt.end, status if at == last else "retried")
        for job in self._jobs.get(visit.id, []):
            outcome = {"Completed": "succeeded", "Failed": "failed"}.get(job.status, "caught")
            yield self._bar(job.start, job.end, outcome, is_job=True)

    def _bar(self, start: float, end: float, outcome: str, *, is_job: bool = False) -> Bar:
        x = min(100.0 - _LEAST_WIDTH, max(0.0, 100 * start / self._total))
        width = min(100 - x, max(_LEAST_WIDTH, 100 * (end - start) / self._total))
        return Bar(f"{x:.2f}%", f"{width:.2f}%", outcome, is_job)


def _worth_a_look(of_item: dict[int | None, list[Visit]]) -> list[tuple[int | None, list[Visit]]]:
    failed = [item for item, own in of_item.items() if any(each.status == "failed" for each in own)][:_FAILED]
    slowest = sorted(of_item, key=lambda item: of_item[item][0].start - _end(of_item[item]))[:_SLOWEST]
    return [(item, of_item[item]) for item in dict.fromkeys((*failed, *slowest))]


def _end(visits: list[Visit]) -> float:
    return max(visit.end for visit in visits)


def _sum(visits: list[Visit]) -> float:
    return sum(visit.end - visit.start for visit in visits)


def _ticks(total: float) -> Iterator[Tick]:
    scale = 0.001
    while True:
        for each in _STEPS:
            step = each * scale
            if total / step <= _MOST_TICKS:
                count = int(total / step)
                for at in range(count + 1):
                    yield Tick(f"{100 * at * step / total:.2f}%", _label(at * step))
                return
        scale *= 10


def _label(seconds: float) -> str:
    if seconds >= 60:  # noqa: PLR2004
        return f"{int(seconds // 60)}:{int(seconds % 60):02d}"
    return f"{seconds:.3g} s"
