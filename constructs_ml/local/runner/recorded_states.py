"""The states and events of a run, as its record has them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_ml.run_record import Attempt, Event, Receiver, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.local.runner.event_log import SentEvent, StateEvent

_MANY = 20
"""The visits of a state of which each keeps its data; of more, those that are worth a look."""
_FAILED, _SLOWEST = 10, 5
_ALL_DATA = 800_000
_LESS = (8_000, 2_000, 500, 100, 0)
_MOST_CAUSE = 4_000
_MOST_EVENTS = 500


def visits_of(events: list[StateEvent], began: float, seconds: float) -> list[Visit]:
    """Return the visits of states.

    Args:
        events: The events of the execution.
        began: The time of its start.
        seconds: Its duration.
    """
    grouped: dict[int, list[StateEvent]] = defaultdict(list)
    for event in events:
        grouped[event.visit].append(event)
    found = [_visit(own, began, seconds) for own in grouped.values() if own[0].status == "entered"]
    return _within_bounds(_with_less_data(found))


def _visit(events: list[StateEvent], began: float, seconds: float) -> Visit:
    first, last = events[0], events[-1]
    ended = last.status in {"succeeded", "failed", "caught"}
    end = last.time - began if ended else max(seconds, last.time - began)
    attempts, start = [], first.time - began
    for event in events[1:]:
        if event.status == "retried":
            attempts.append(Attempt(start, event.time - began, event.error, event.cause[:_MOST_CAUSE]))
            start = event.time - began
    error, cause = (last.error, last.cause[:_MOST_CAUSE]) if last.status in {"failed", "caught"} else ("", "")
    attempts.append(Attempt(start, end, error, cause))
    return Visit(
        id=first.visit,
        state=first.state,
        status=last.status if ended else "running",
        start=first.time - began,
        end=end,
        outer=first.outer,
        item=first.item,
        within=first.within,
        attempts=attempts,
        input=first.data,
        output=last.data if last.status == "succeeded" else "",
        cached=last.cached,
    )


def _with_less_data(visits: list[Visit]) -> list[Visit]:
    """Return visits, of which those of a state with many keep their data where they failed or took long."""
    of_state: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        of_state[visit.state].append(visit)
    kept: set[int] = set()
    for own in of_state.values():
        if len(own) <= _MANY:
            kept |= {visit.id for visit in own}
            continue
        failed = [visit.id for visit in own if visit.status != "succeeded"]
        slowest = sorted(own, key=lambda visit: visit.start - visit.end)
        kept |= {own[0].id, *failed[:_FAILED], *(visit.id for visit in slowest[:_SLOWEST])}
    return [visit if visit.id in kept else replace(visit, input="", output="") for visit in visits]


def _within_bounds(visits: list[Visit]) -> list[Visit]:
    for most in _LESS:
        if sum(len(visit.input) + len(visit.output) for visit in visits) <= _ALL_DATA:
            return visits
        visits = [replace(visit, input=_cut(visit.input, most), output=_cut(visit.output, most)) for visit in visits]
    return visits


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most + 20 else f"{text[:most]}…"


def events_of(sent: Iterable[SentEvent], since: float, began: float) -> list[Event]:
    """Return the events of an execution.

    Args:
        sent: All events of the run.
        since: The time before which they are of the deployment.
        began: The start of the execution.
    """
    return [_event(event, began) for event in sent if event.time >= since][:_MOST_EVENTS]


def _event(event: SentEvent, began: float) -> Event:
    try:
        detail = json.loads(event.detail)
    except ValueError:
        detail = {}
    members = detail.items() if isinstance(detail, dict) else ()
    statuses = [
        str(value) for name, value in members if name.lower().endswith("status") and isinstance(value, (str, int))
    ]
    return Event(
        time=event.time - began,
        source=event.source,
        type=event.type,
        about=[each.split(":", 5)[-1] for each in event.resources],
        status=statuses[0] if statuses else "",
        receivers=[Receiver(rule, target) for rule, target in event.receivers],
        bus=event.bus,
    )
