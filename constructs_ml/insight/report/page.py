"""The page about a run: one file that needs no other, and no network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.asl.machine import Machine
from constructs_ml.errors import ConstructsMLError
from constructs_ml.insight.graph.layout.placing import layout_of
from constructs_ml.insight.graph.model import graph_of
from constructs_ml.insight.graph.svg import Annotation, svg_of
from constructs_ml.insight.graph.text import clean
from constructs_ml.insight.rendering import render_page
from constructs_ml.insight.report.kept import embedded
from constructs_ml.insight.report.permissions import use_of
from constructs_ml.insight.report.states import ShownState, owned, shown_states
from constructs_ml.insight.report.timeline import timeline_of
from constructs_ml.insight.report.words import MARKS, counted, duration, end_of, moment, size
from constructs_ml.terminal import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.insight.graph.model import Graph
    from constructs_ml.insight.report.permissions import RoleUse
    from constructs_ml.run_record import Event, RunRecord

_OUTCOMES = {"SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "failed", "ABORTED": "failed"}
_WORDS = {
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timed out",
    "ABORTED": "was aborted",
    "REFUSED": "was refused: nothing was executed",
}
_LEGIBLE = 0.6
"""The least scale at which the graph is shown; one that does not fit then is scrolled."""
_EVENTS_AT_ONCE = 60


@dataclass(frozen=True, slots=True)
class _Panel:
    """The details of a state: those of the run, and those of the definition."""

    id: str
    title: str
    around: tuple[str, ...]
    captions: tuple[str, ...]
    body: str
    state: ShownState


@dataclass(frozen=True, slots=True)
class _Event:
    """An event as the page tells it."""

    time: str
    type: str
    about: str
    status: str
    receivers: tuple[tuple[str, str], ...]


def page_of(record: RunRecord) -> str:
    """Return the page about a run.

    Args:
        record: The record of the run.

    Raises:
        MissingRequirementError: If Jinja2 is not installed.
    """
    found = owned(record)
    states = shown_states(record, found)
    graph = graph_of(Machine(record.definition, record.name), name=record.name)
    svg, width, problem = _drawn(graph, states)
    panels = _panels(graph, states)
    ids = {panel.state.name: panel.id for panel in panels}
    events = [_event(event) for event in record.events]
    roles = [use_of(role) for role in record.roles]
    failed = next(
        (panel for panel in panels if panel.state.outcome in {"failed", "running"} and not _around(panel, panels)), None
    )
    return render_page(
        "report.html",
        styles=("graph.css", "report.css"),
        script="report.js",
        title=printable(record.name or "Run"),
        stack=one_line(record.stack),
        outcome=_OUTCOMES.get(record.status, "refused"),
        status=_WORDS.get(record.status, record.status.lower()),
        facts=_facts(record),
        refusal=printable(record.refusal),
        reasons=[printable(reason) for reason in record.reasons] if record.status != "SUCCEEDED" else [],
        survived=[printable(reason) for reason in record.reasons] if record.status == "SUCCEEDED" else [],
        error=one_line(record.error),
        failed=_origin(failed, panels, record),
        svg=svg,
        width=f"{width:.0f}",
        least=f"{width * _LEGIBLE:.0f}",
        problem=problem,
        counts=_counts(panels),
        marks=MARKS,
        panels=panels,
        ids=ids,
        texts=[
            (name, printable(text), size(text))
            for name, text in (("Input", record.input), ("Output", record.output))
            if text
        ],
        timeline=timeline_of(record, found),
        events=events[:_EVENTS_AT_ONCE],
        more_events=events[_EVENTS_AT_ONCE:],
        roles=[role for role in roles if role.asked],
        idle_roles=[role for role in roles if not role.asked],
        permissions=_permissions(roles),
        enforced=record.enforced,
        simulated=[printable(text) for text in record.simulated],
        cached=[
            (one_line(each.state), each.taken, each.ran, [printable(line) for line in each.why])
            for each in record.cached
        ],
        warnings=[printable(text) for text in record.warnings],
        outputs=[(one_line(name), one_line(value)) for name, value in record.outputs.items()],
        given=[(one_line(name), one_line(value)) for name, value in record.given.items()],
        not_run=[one_line(name) for name in record.not_run],
        tool=one_line(record.tool),
        record=embedded(record),
    )


def _drawn(graph: Graph, states: dict[str, ShownState]) -> tuple[str, float, str]:
    """Return the graph as SVG with its width, or the reason that it cannot be drawn."""
    if not graph.nodes:
        return "", 0.0, "the definition has no states, or is known only when the stack is deployed"
    remarks = {
        node.name: Annotation(shown.outcome.replace(" ", "-"), shown.badge, f"{shown.outcome}: {shown.summary}")
        for node in graph.nodes
        for shown in [states.get(node.name) or ShownState(node.name)]
    }
    try:
        layout = layout_of(graph.region)
    except ConstructsMLError as error:
        return "", 0.0, printable(str(error))
    return svg_of(graph, layout, interactive=True, annotations=remarks), layout.width, ""


def _panels(graph: Graph, states: dict[str, ShownState]) -> list[_Panel]:
    found = []
    for node in graph.nodes:
        shown = states.get(node.name) or ShownState(one_line(node.name))
        body = "" if node.body is None else printable(json.dumps(node.body, indent=2, ensure_ascii=False))
        captions = tuple(printable(caption) for caption in node.captions)
        around = tuple(clean(name) for name in node.path[:-1])
        found.append(_Panel(node.id, clean(node.title), around, captions, body, shown))
    known = {node.name for node in graph.nodes}
    return found + [
        _Panel(f"x{at}", "", (), (), "", shown) for at, (name, shown) in enumerate(states.items()) if name not in known
    ]


def _around(panel: _Panel, panels: Iterable[_Panel]) -> bool:
    """Return whether a state that failed contains another one that did, which says more."""
    name = panel.state.name
    return any(name in other.around and other.state.outcome in {"failed", "running"} for other in panels)


def _origin(failed: _Panel | None, panels: Iterable[_Panel], record: RunRecord) -> _Panel | None:
    """Return the state in which a failure began: where a Catch leads to a Fail, the state that failed before it."""
    if failed is None:
        return None
    passed = [visit for visit in record.visits if not visit.within]
    at = next(
        (at for at, visit in enumerate(passed) if visit.state == failed.state.name and visit.status == "failed"), 0
    )
    if at and passed[at - 1].status == "caught":
        return next((panel for panel in panels if panel.state.name == passed[at - 1].state), failed)
    return failed


def _facts(record: RunRecord) -> list[str]:
    ran = len({visit.state for visit in record.visits if not visit.within})
    facts = [f"stack {one_line(record.stack)}"] if record.stack else []
    facts += [moment(record.started)] if record.started else []
    facts += [f"took {duration(record.seconds)}"] if record.visits else []
    facts += [counted(ran, "state"), counted(len(record.jobs), "job")] if ran else []
    retries = sum(len(visit.attempts) - 1 for visit in record.visits)
    facts += [f"{retries} retr{'y' if retries == 1 else 'ies'}"] if retries else []
    return facts


def _counts(panels: list[_Panel]) -> list[tuple[str, int]]:
    order = ("succeeded", "cached", "caught", "failed", "running", "not run")
    counts = {outcome: sum(panel.state.outcome == outcome for panel in panels) for outcome in order}
    return [(outcome, count) for outcome, count in counts.items() if count]


def _event(event: Event) -> _Event:
    return _Event(
        duration(event.time),
        one_line(event.type),
        one_line(", ".join(event.about)),
        one_line(event.status),
        tuple((one_line(each.rule), one_line(end_of(each.target))) for each in event.receivers),
    )


def _permissions(roles: list[RoleUse]) -> str:
    used, unused = sum(len(role.used) for role in roles), sum(len(role.unused) for role in roles if role.asked)
    refused = sum(len(role.refused) for role in roles)
    words = [f"{used} of {used + unused} granted actions were used"]
    words += [f"{refused} refused"] if refused else []
    return ", ".join(words)
