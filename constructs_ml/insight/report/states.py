"""The states of a run as a page shows them: visits, their jobs, and the outcome."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from constructs_ml.insight.report.logs import shown_log
from constructs_ml.insight.report.plots import plot_of
from constructs_ml.insight.report.words import counted, duration, size
from constructs_ml.terminal import one_line, printable

if TYPE_CHECKING:
    from constructs_ml.insight.report.logs import ShownLog
    from constructs_ml.insight.report.plots import Plot
    from constructs_ml.run_record import Attempt, Cached, Job, Place, RunRecord, Visit

_FEW = 6
"""The visits that are all shown; of more, those that failed and the slowest."""
_FAILED, _SLOWEST = 10, 3
_WORTH_TELLING = 0.05
NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class ShownText:
    """A JSON text.

    Attributes:
        name: Its name.
        text: The text.
        size: Its length in words.
    """

    name: str
    text: str
    size: str


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """An attempt: its number, its duration, and the error that it ended with."""

    number: int
    seconds: str
    error: str
    cause: str


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job as a panel shows it."""

    name: str
    kind: str
    status: str
    outcome: str
    seconds: str
    failure: str
    log: ShownLog
    plots: tuple[Plot, ...]
    numbers: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]
    request: ShownText | None
    trial: bool


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """A visit as a panel shows it."""

    title: str
    outcome: str
    seconds: str
    open: bool
    attempts: tuple[ShownAttempt, ...]
    error: str
    cause: str
    jobs: tuple[ShownJob, ...]
    texts: tuple[ShownText, ...]


@dataclass(frozen=True, slots=True)
class ShownState:
    """A state as a page shows it.

    Attributes:
        name: Its name.
        outcome: ``succeeded``, ``failed``, ``caught``, ``running``, ``cached`` or ``not run``.
        summary: Its outcome in words.
        badge: A few characters for its node in the graph.
        visits: The visits that are shown.
        others: The number of the others.
        jobs: Jobs that belong to no visit.
        why: The reason that a cached job ran, or the origin of its result.
    """

    name: str
    outcome: str = NOT_RUN
    summary: str = "was not run"
    badge: str = ""
    visits: tuple[ShownVisit, ...] = ()
    others: int = 0
    jobs: tuple[ShownJob, ...] = ()
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """The visits and jobs of a run, by the states that are drawn.

    Attributes:
        visits: The visits by states; without those inside states that stand for one call.
        jobs: The jobs by visits.
        loose: The jobs without a visit, by states.
    """

    visits: dict[str, list[Visit]] = field(default_factory=dict)
    jobs: dict[int, list[Job]] = field(default_factory=dict)
    loose: dict[str, list[Job]] = field(default_factory=dict)


def owned(record: RunRecord) -> Owned:
    """Assign the visits and jobs of a run to the states that are drawn."""
    by_id = {visit.id: visit for visit in record.visits}
    visits: dict[str, list[Visit]] = defaultdict(list)
    for visit in record.visits:
        if not visit.within:
            visits[visit.state].append(visit)
    outer = {visit.state: visit.within for visit in record.visits if visit.within}
    jobs: dict[int, list[Job]] = defaultdict(list)
    loose: dict[str, list[Job]] = defaultdict(list)
    for job in record.jobs:
        drawn = _drawn(by_id, job.visit)
        if drawn is None:
            loose[outer.get(job.state, job.state)].append(job)
        else:
            jobs[drawn.id].append(job)
    return Owned(dict(visits), dict(jobs), dict(loose))


def _drawn(by_id: dict[int, Visit], visit_id: int) -> Visit | None:
    """Return a visit, or the one that stands for it."""
    seen: set[int] = set()
    while visit_id in by_id and visit_id not in seen:
        seen.add(visit_id)
        visit = by_id[visit_id]
        if not visit.within:
            return visit
        visit_id = visit.outer
    return None


def outcome_of(visits: list[Visit]) -> str:
    """Return the outcome of the visits of a state: the worst one."""
    found = {"cached" if visit.cached else visit.status for visit in visits}
    return next((each for each in ("failed", "running", "caught", "succeeded", "cached") if each in found), NOT_RUN)


def shown_states(record: RunRecord, found: Owned) -> dict[str, ShownState]:
    """Return what is shown of each state that ran or has a job.

    Args:
        record: The record of the run.
        found: Its visits and jobs by state.
    """
    cached = {each.state: each for each in record.cached}
    names = dict.fromkeys((*found.visits, *found.loose))
    return {name: _state(name, found, cached.get(name)) for name in names}


def _state(name: str, found: Owned, cached: Cached | None) -> ShownState:
    visits = found.visits.get(name, [])
    chosen = _chosen(visits)
    failed = next((visit.id for visit in chosen if visit.status != "succeeded"), None)
    opened = failed or (chosen[0].id if chosen else 0)
    return ShownState(
        one_line(name),
        outcome_of(visits),
        _summary(visits),
        _badge(visits),
        tuple(_visit(visit, found.jobs.get(visit.id, []), is_open=visit.id == opened) for visit in chosen),
        len(visits) - len(chosen),
        tuple(_job(job) for job in found.loose.get(name, [])),
        tuple(printable(line) for line in cached.why) if cached else (),
    )


def _chosen(visits: list[Visit]) -> list[Visit]:
    if len(visits) <= _FEW:
        return visits
    failed = [visit for visit in visits if visit.status != "succeeded"][:_FAILED]
    slowest = sorted(visits, key=lambda visit: visit.start - visit.end)[:_SLOWEST]
    ids = {visit.id for visit in (*failed, *slowest)}
    return [visit for visit in visits if visit.id in ids]


def _summary(visits: list[Visit]) -> str:
    if not visits:
        return "was not run"
    if len(visits) == 1:
        (visit,) = visits
        how = "taken from the cache" if visit.cached else _WORDS[visit.status]
        attempts = f", {counted(len(visit.attempts), 'attempt')}" if len(visit.attempts) > 1 else ""
        return f"{how} after {duration(visit.end - visit.start)}{attempts}"
    seconds = [visit.end - visit.start for visit in visits]
    words = [f"{len(visits)} times"]
    for status in ("succeeded", "failed", "caught", "running"):
        count = sum(visit.status == status for visit in visits)
        words += [f"{count} {_WORDS[status]}"] if count else []
    words.append(f"median {duration(median(seconds))}, slowest {duration(max(seconds))}")
    return ", ".join(words)


_WORDS = {"succeeded": "succeeded", "failed": "failed", "caught": "failed, caught", "running": "was running at the end"}


def _badge(visits: list[Visit]) -> str:
    if not visits:
        return ""
    marks = {"succeeded": "✓", "failed": "✗", "caught": "↪", "running": "…", "cached": "⟲"}
    words = [marks[outcome_of(visits)]]
    failed = sum(visit.status in {"failed", "caught"} for visit in visits)
    if len(visits) > 1:
        words.append(f"×{len(visits)}")
        words += [f"{failed} failed"] if 0 < failed < len(visits) else []
    attempts = max(len(visit.attempts) for visit in visits)
    words += [f"{attempts} tries"] if attempts > 1 else []
    seconds = visits[0].end - visits[0].start
    if len(visits) == 1 and attempts == 1 and seconds >= _WORTH_TELLING:
        words.append(duration(seconds))
    return " ".join(words)


def visit_title(visit: Visit, number: int | None = None) -> str:
    """Return the name of a visit: the iteration, or its number."""
    if visit.item is not None:
        return f"iteration {visit.item}"
    return f"visit {number}" if number is not None else "visit"


def _visit(visit: Visit, jobs: list[Job], *, is_open: bool) -> ShownVisit:
    last = visit.attempts[-1] if visit.attempts else None
    texts = [(name, text) for name, text in (("Input", visit.input), ("Output", visit.output)) if text]
    return ShownVisit(
        visit_title(visit),
        "cached" if visit.cached else visit.status,
        duration(visit.end - visit.start),
        is_open,
        tuple(_attempt(attempt, at + 1) for at, attempt in enumerate(visit.attempts))
        if len(visit.attempts) > 1
        else (),
        one_line(last.error) if last else "",
        "" if last is None or jobs else printable(last.cause),
        tuple(_job(job) for job in reversed(jobs)),
        tuple(ShownText(name, printable(text), size(text)) for name, text in texts),
    )


def _attempt(attempt: Attempt, number: int) -> ShownAttempt:
    cause = attempt.cause if not attempt.cause.lstrip().startswith("{") else ""
    return ShownAttempt(number, duration(attempt.end - attempt.start), one_line(attempt.error), one_line(cause))


def _job(job: Job) -> ShownJob:
    plots = [plot for plot in map(plot_of, job.metrics) if plot]
    return ShownJob(
        one_line(job.name),
        one_line(job.kind),
        one_line(job.status),
        {"Completed": "succeeded", "Failed": "failed"}.get(job.status, "caught"),
        duration(job.end - job.start),
        printable(job.failure),
        shown_log(job.log),
        tuple(plot for plot in plots if plot.points),
        tuple((plot.name, plot.last) for plot in plots if not plot.points),
        tuple(job.places),
        ShownText("Request", printable(job.request), size(job.request)) if job.request else None,
        job.trial,
    )
