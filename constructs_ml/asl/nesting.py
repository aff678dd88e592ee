"""An order of jobs as chains and Parallels, nested in each other.

Jobs whose order is known by pairs ("this one before that one") run as early as possible if each starts when the last of
those before it has ended. Step Functions has no such start: a Parallel starts its branches together and ends with the last
of them. An order that can be nested exactly is called series-parallel; it is found by two rules, applied to each other's
parts: jobs without any order between them are branches, jobs of which all come before all others are a chain.

Where neither applies, the jobs are cut in two parts of which the second waits for all of the first. Of the cuts along the
order, those are tried that delay the end least on average, over drawn durations of which the longest is ten times the
shortest: how long jobs take is not known when a workflow is defined.

Source: Valdes, Tarjan, Lawler, "The recognition of series parallel digraphs" (1982): an order can be nested exactly if and
only if it has no four jobs of which a is before c and d, b before d, and no other is before another.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

_SHORTEST, _LONGEST = 1, 10
"""The range of drawn durations."""
_DRAWS = 32
_DRAWN = 2000
"""The greatest number of durations that are drawn in all; each job has at least a few."""
_TRIED = 2
"""The number of cuts that are tried."""
_TRIED_UP_TO = 40
"""The greatest number of jobs for which more than one cut is tried: each doubles the time."""

Jobs: TypeAlias = int
"""A set of jobs: a bit for each."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts that run one after another.

    Attributes:
        parts: The parts, in order.
    """

    parts: tuple[Nesting, ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """Parts that run side by side.

    Attributes:
        parts: The parts.
    """

    parts: tuple[Nesting, ...]


Nesting: TypeAlias = "int | Chain | Branches"
"""A job by its number, or several in an order."""


def find_cycle(before: Sequence[Collection[int]]) -> list[int]:
    """Return the jobs of a shortest cycle, each before the next and the last before the first; empty if there is none.

    Args:
        before: For each job, the jobs that have to end before it starts.
    """
    found: list[int] = []
    for first in range(len(before)):
        came: dict[int, int] = {}
        ahead = [first]
        for job in ahead:
            for earlier in sorted(before[job]):
                if earlier == first and (not found or _length(came, job, first) < len(found)):
                    found = list(_back(came, job, first))
                if earlier not in came and earlier != first:
                    came[earlier] = job
                    ahead.append(earlier)
    return found


def _back(came: dict[int, int], job: int, first: int) -> Iterator[int]:
    """The jobs from a job back to the first one; each is before the next."""
    while job != first:
        yield job
        job = came[job]
    yield first


def _length(came: dict[int, int], job: int, first: int) -> int:
    return sum(1 for _ in _back(came, job, first))


def nest(before: Sequence[Collection[int]]) -> Nesting:
    """Nest jobs so that each runs once, after those that have to end before it.

    Args:
        before: For each job, the jobs that have to end before it starts; without a cycle.

    Returns:
        The nesting. Branches are in the order of the first job in each.
    """
    return _Nester(before).nesting()


def jobs_in(nesting: Nesting) -> Iterator[int]:
    """Yield the jobs of a nesting."""
    if isinstance(nesting, int):
        yield nesting
    else:
        for part in nesting.parts:
            yield from jobs_in(part)


def makespan(nesting: Nesting, durations: Sequence[float]) -> float:
    """Return the time from the start of the first job to the end of the last.

    Args:
        nesting: The nesting.
        durations: The duration of each job.
    """
    if isinstance(nesting, int):
        return durations[nesting]
    spans = [makespan(part, durations) for part in nesting.parts]
    return sum(spans) if isinstance(nesting, Chain) else max(spans)


def _numbers(jobs: Jobs) -> Iterator[int]:
    while jobs:
        lowest = jobs & -jobs
        yield lowest.bit_length() - 1
        jobs ^= lowest


def _parts(jobs: Jobs, linked: Callable[[int], Jobs]) -> list[Jobs]:
    """The parts of jobs that no link leads between, by their first jobs."""
    found = []
    while jobs:
        part = ahead = jobs & -jobs
        while ahead:
            job = ahead.bit_length() - 1
            new = linked(job) & jobs & ~part
            part, ahead = part | new, (ahead ^ (1 << job)) | new
        found.append(part)
        jobs &= ~part
    return found


class _Nester:
    """Nests the jobs of one order.

    Attributes:
        earlier: The jobs before each, directly and indirectly.
        later: The jobs after each.
        direct: The jobs directly before each: without those that are before another of them.
    """

    def __init__(self, before: Sequence[Collection[int]]) -> None:
        size = len(before)
        self._all = (1 << size) - 1
        self.earlier, self.later = [0] * size, [0] * size
        self._sorted = list(self._in_order(before))
        for job in self._sorted:
            for other in before[job]:
                self.earlier[job] |= self.earlier[other] | 1 << other
            for other in _numbers(self.earlier[job]):
                self.later[other] |= 1 << job
        self.direct = [[other for other in _numbers(jobs) if not self.later[other] & jobs] for jobs in self.earlier]
        self._known: dict[Jobs, Nesting] = {}

    def nesting(self) -> Nesting:
        return self._nested(self._all)

    def _in_order(self, before: Sequence[Collection[int]]) -> Iterator[int]:
        """The jobs, each after those before it."""
        done: set[int] = set()
        while len(done) < len(before):
            ready = [job for job, needs in enumerate(before) if job not in done and done.issuperset(needs)]
            done.update(ready)
            yield from ready

    def _nested(self, jobs: Jobs) -> Nesting:
        if jobs not in self._known:
            self._known[jobs] = self._made(jobs)
        return self._known[jobs]

    def _made(self, jobs: Jobs) -> Nesting:
        if jobs & (jobs - 1) == 0:
            return jobs.bit_length() - 1
        branches = _parts(jobs, lambda job: self.earlier[job] | self.later[job])
        if len(branches) > 1:
            return Branches(tuple(map(self._nested, branches)))
        links = _parts(jobs, lambda job: jobs & ~(self.earlier[job] | self.later[job]))
        if len(links) > 1:
            links.sort(key=lambda part: (self.earlier[part.bit_length() - 1] & jobs).bit_count())
            return self._chained(links)
        cuts = self._cuts(jobs)[: _TRIED if jobs.bit_count() <= _TRIED_UP_TO else 1]
        chains = [self._chained([cut, jobs & ~cut]) for cut in cuts]
        return min(chains, key=lambda chain: sum(makespan(chain, draw) for draw in self._draws))

    def _chained(self, links: list[Jobs]) -> Nesting:
        made = map(self._nested, links)
        return Chain(tuple(part for link in made for part in (link.parts if isinstance(link, Chain) else (link,))))

    @cached_property
    def _draws(self) -> list[list[float]]:
        """Drawn durations, in parts of the time that all jobs take if each starts when it can."""
        size = len(self.direct)
        count = min(_DRAWS, max(4, _DRAWN // size))
        # Each job has draws of its own, so that those of the others stay as they are when it is added.
        of_jobs = []
        for job in range(size):
            chance = random.Random(job)  # noqa: S311 - no secret
            of_jobs.append([_SHORTEST + (_LONGEST - _SHORTEST) * chance.random() for _ in range(count)])
        draws = []
        for draw in zip(*of_jobs, strict=True):
            span = max(self._heads(self._sorted, draw).values())
            draws.append([duration / span for duration in draw])
        return draws

    def _heads(self, jobs: Sequence[int], durations: Sequence[float]) -> dict[int, float]:
        """The end of each job, if it starts as early as it can."""
        ends: dict[int, float] = {}
        for job in jobs:
            ends[job] = durations[job] + max((ends[other] for other in self.direct[job] if other in ends), default=0)
        return ends

    def _tails(self, jobs: Sequence[int], durations: Sequence[float]) -> dict[int, float]:
        """The time from the start of each job to the end of all, likewise."""
        starts: dict[int, float] = dict.fromkeys(jobs, 0)
        for job in reversed(jobs):
            starts[job] += durations[job]
            for other in self.direct[job]:
                if other in starts:
                    starts[other] = max(starts[other], starts[job])
        return starts

    def _cuts(self, jobs: Jobs) -> list[Jobs]:
        """The first parts of cuts, those first that delay the end least."""
        within = [job for job in self._sorted if jobs >> job & 1]
        heads = [self._heads(within, draw) for draw in self._draws]
        tails = [self._tails(within, draw) for draw in self._draws]
        delays: dict[Jobs, float] = {}
        for order in self._orders(within, heads, tails):
            first_part = [[0.0] * len(heads)]
            for job in order:
                first_part.append([max(span, head[job]) for span, head in zip(first_part[-1], heads, strict=True)])
            second, cut = [0.0] * len(tails), jobs
            for at in range(len(order) - 1, 0, -1):
                second = [max(span, tail[order[at]]) for span, tail in zip(second, tails, strict=True)]
                cut &= ~(1 << order[at])
                delays[cut] = sum(first_part[at]) + sum(second)
        return sorted(delays, key=lambda cut: (delays[cut], cut))

    def _orders(
        self, jobs: list[int], heads: list[dict[int, float]], tails: list[dict[int, float]]
    ) -> Iterator[list[int]]:
        """Orders of jobs, each after those before it; a cut is made along one."""
        ends = {job: sum(head[job] for head in heads) for job in jobs}
        starts = {job: sum(tail[job] for tail in tails) for job in jobs}
        yield sorted(jobs, key=lambda job: ends[job])
        yield sorted(jobs, key=lambda job: -starts[job])
        yield sorted(jobs, key=lambda job: ends[job] - starts[job])
        for head in heads[::4]:
            yield sorted(jobs, key=lambda job: head[job])
