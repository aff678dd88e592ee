"""The reasons that a cached job ran: its marker is compared with that of the run before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.markers.differences import differences
from constructs_ml.terminal import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.markers.differences import Difference
    from constructs_ml.markers.marker import Marker

_FIRST = "first run: no earlier marker"
_SAME = (
    "nothing differs: it was run anew because its marker was expired, fresh asked for it, its outputs were gone, "
    "or the execution was redriven"
)
_DEEPEST = 20
_MOST = 100
"""The most iterations that are told."""


class Markers(Protocol):
    """Markers at hand."""

    def newest_first(self, job: str) -> Iterator[Marker]:
        """Yield the markers of a job, the newest first."""

    def with_key(self, key: str) -> Marker | None:
        """Return the marker of any job with a key; None if there is none."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A difference, and the reason that a job before it ran with another key.

    Attributes:
        difference: The difference.
        reason: The reason, if that job's markers are at hand.
    """

    difference: Difference
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason that a job ran.

    Attributes:
        marker: The record of the run.
        before: The record that it is compared with; None for a first run.
        causes: The differences.
        taken: True if the execution that was asked about took the result from that run.
    """

    marker: Marker
    before: Marker | None
    causes: tuple[Cause, ...] = field(default=())
    taken: bool = False

    def lines(self, indent: str = "") -> Iterator[str]:
        """Yield the reason in words, without control characters."""
        job, how = one_line(shortened(self.marker.job)), _run(self.marker)
        if self.taken:
            yield f"{indent}{job} was taken from the cache: it ran in {how}"
        else:
            yield f"{indent}{job} ran in {how}"
        if self.before is None:
            yield f"{indent}  {_FIRST}"
            return
        yield f"{indent}  compared with {_run(self.before)}:"
        if not self.causes:
            yield f"{indent}  {_SAME}"
        for cause in self.causes:
            yield f"{indent}  {cause.difference.text}"
            if cause.reason:
                yield from cause.reason.lines(f"{indent}    ")

    def data(self) -> dict[str, Any]:
        """Return the reason as JSON data."""
        return {
            "job": self.marker.job,
            "taken_from_cache": self.taken,
            "run": _data(self.marker),
            "compared_with": _data(self.before) if self.before else None,
            "differences": [
                {
                    "part": cause.difference.part,
                    "text": cause.difference.text,
                    "because": cause.reason.data() if cause.reason else None,
                }
                for cause in self.causes
            ],
        }


def reasons(markers: Markers, job: str, execution: str | None = None) -> list[Reason]:
    """Return the reasons that a job ran: one, or one for each iteration of a Map that ran it.

    Args:
        markers: The markers at hand.
        job: The name of the job's state.
        execution: The execution, by its ARN or name. Default: the one that ran the job last.

    Returns:
        The reasons; none if the execution did not run the job, or there is no marker of it.
    """
    own: list[Marker] = []
    earlier: list[Marker] = []
    for marker in markers.newest_first(job):
        wanted = execution or (own[0].execution_id if own else marker.execution_id)
        if marker.is_of(wanted):
            own.append(marker)
        elif own and (not earlier or marker.execution_id == earlier[0].execution_id):
            earlier.append(marker)
        elif own:
            break
        if max(len(own), len(earlier)) == _MOST:
            break
    return [_reason(markers, marker, _nearest(marker, earlier), depth=0) for marker in own]


def taken(markers: Markers, job: str, execution: str, others: Iterable[str]) -> Reason | None:
    """Return the run whose result an execution took, if a job that it ran has read it; None otherwise.

    Args:
        markers: The markers at hand.
        job: The name of the job's state.
        execution: The execution, by its ARN or name.
        others: The names of the other jobs.
    """
    for other in others:
        for reason in reasons(markers, other, execution):
            for part in reason.marker.parts.values():
                key = part[:64] if isinstance(part, str) else ""
                found = markers.with_key(key) if key else None
                if found is not None and found.job == job and not found.is_of(execution):
                    earlier = (each for each in markers.newest_first(job) if each.created < found.created)
                    return replace(_reason(markers, found, next(earlier, None), depth=0), taken=True)
    return None


def _nearest(marker: Marker, earlier: list[Marker]) -> Marker | None:
    """Return the marker of an earlier execution that differs in the least: of a Map, that of the same item."""
    return min(earlier, key=lambda each: len(differences(marker, each)), default=None)


def _reason(markers: Markers, marker: Marker, before: Marker | None, *, depth: int) -> Reason:
    if before is None:
        return Reason(marker, None)
    causes = [_cause(markers, each, depth=depth) for each in differences(marker, before)]
    return Reason(marker, before, tuple(causes))


def _cause(markers: Markers, difference: Difference, *, depth: int) -> Cause:
    """Follow a difference to the job whose key it is."""
    now, before = (markers.with_key(key) if key else None for key in difference.keys or ("", ""))
    if now is None or depth == _DEEPEST:
        return Cause(difference)
    if all(difference.keys):
        change = f": the job {one_line(shortened(now.job))} ran with another key"
        difference = replace(difference, change=change)
    return Cause(difference, _reason(markers, now, before, depth=depth + 1) if before else None)


def _run(marker: Marker) -> str:
    return f"{one_line(shortened(marker.execution))} ({_time(marker.created)})"


def _time(milliseconds: float) -> str:
    try:
        found = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return f"at {milliseconds:g} ms"
    return f"{found:%Y-%m-%d %H:%M:%S} UTC"


def _data(marker: Marker) -> dict[str, Any]:
    return {
        "execution": marker.execution_id,
        "created": _time(marker.created),
        "key": marker.key,
    }
