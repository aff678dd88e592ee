"""A layout as SVG: one document without references to others, light and dark, its text as text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from constructs_ml.insight.graph.boxes import reads_in_words
from constructs_ml.insight.graph.describing import description_of, title_of_graph
from constructs_ml.insight.graph.model import NodeKind
from constructs_ml.insight.graph.text import clean, width_of, wrapped
from constructs_ml.insight.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.insight.graph.boxes import Line
    from constructs_ml.insight.graph.layout.placing import Layout, PlacedEdge, PlacedNode, PlacedRegion
    from constructs_ml.insight.graph.layout.routes import Point, Route
    from constructs_ml.insight.graph.model import Graph

_ARROW, _HALF_ARROW = 8.0, 4.0
_SLANT = 10.0
_RADIUS = 6.0
_PROBLEM_LINES, _PROBLEM_HEIGHT, _PROBLEM_SIZE = 3, 17.0, 12.0
_NARROWEST = 320.0
_BADGE_SIZE, _BADGE_HEIGHT, _BADGE_PAD = 11.0, 17.0, 6.0
_BADGE_OUT, _BADGE_IN = 12.0, 4.0
_SAME = 0.5


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark on a state.

    Attributes:
        outcome: The name of its outcome, which gives the node a class: ``cml-is-failed``.
        badge: A few characters at its upper right corner; empty for none.
        words: The remark in words, for who cannot see it.
    """

    outcome: str
    badge: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A node as the template draws it."""

    id: str
    classes: str
    outline: str
    tooltip: str
    icon: str
    icon_place: str
    lines: tuple[tuple[str, str, str, str], ...]
    regions: tuple[str, ...]
    name: str
    mark: str
    badge: tuple[str, str, str, str] | None


@dataclass(frozen=True, slots=True)
class _Way:
    """An edge as the template draws it."""

    classes: str
    path: str
    arrow: str
    tooltip: str
    chip: str
    lines: tuple[tuple[str, str, str, str], ...]
    source: str
    target: str


def svg_of(
    graph: Graph,
    layout: Layout,
    *,
    interactive: bool = False,
    annotations: Mapping[str, Annotation] | None = None,
) -> str:
    """Return a picture.

    Args:
        graph: The graph.
        layout: Its layout.
        interactive: Whether its nodes are buttons, for the page.
        annotations: Remarks on states, by their names, such as the outcomes of a run.
    """
    width = max(layout.width, _NARROWEST)
    problems = [
        line
        for problem in (() if interactive else graph.problems)
        for line in wrapped(problem, width - 48, _PROBLEM_SIZE, lines=_PROBLEM_LINES)
    ]
    height = layout.height + (_PROBLEM_HEIGHT * (len(problems) + 1) + 12 if problems else 0)
    remarks = annotations or {}
    shapes = [_shape(node, depth, remarks.get(node.node.name)) for node, depth in _nodes(layout.region, 0)]
    ways = [_way(edge) for region in layout.region.regions() for edge in region.edges]
    title, description = title_of_graph(graph), description_of(graph)
    key = hashlib.sha256(f"{title}\n{description}".encode(errors="backslashreplace")).hexdigest()[:8]
    return render(
        "graph.svg",
        width=_number(width),
        height=_number(height),
        left=_number((width - layout.width) / 2),
        title=title,
        description=description,
        key=key,
        shapes=shapes,
        ways=ways,
        problems=[(line, _number(layout.height + _PROBLEM_HEIGHT * (at + 1.6))) for at, line in enumerate(problems)],
        problems_at=_number(layout.height + _PROBLEM_HEIGHT * 0.6),
        interactive=interactive,
    )


def _nodes(region: PlacedRegion, depth: int) -> Iterator[tuple[PlacedNode, int]]:
    for node in region.nodes:
        yield node, depth
        for inner in node.regions:
            yield from _nodes(inner, depth + 1)


def _shape(placed: PlacedNode, depth: int, remark: Annotation | None) -> _Shape:
    node, place = placed.node, placed.place
    classes = [f"cml-{node.kind.value}"]
    if node.kind is NodeKind.CALL and node.title.startswith("SageMaker"):
        classes.append("cml-job")
    if placed.regions:
        classes.append(f"cml-around cml-{'odd' if depth % 2 else 'even'}")
    if node.problems:
        classes.append("cml-wrong")
    if not node.reached:
        classes.append("cml-unreached")
    told = [*node.captions, *reads_in_words(node), *node.problems]
    if remark is not None:
        classes.append(f"cml-is-{remark.outcome}")
        told = [*([remark.words] if remark.words else []), *told]
    tooltip = clean("; ".join([f"{node.name} ({node.title})" if node.name else node.title, *told]))
    regions = placed.regions if len(placed.regions) > 1 else ()
    return _Shape(
        node.id,
        " ".join(classes),
        "" if node.is_mark else _outline(placed),
        tooltip,
        _ICONS.get(node.kind, "") if not node.is_mark else "",
        f"translate({_number(place.x + 13)} {_number(place.y + 12)})",
        _lines(placed.box.lines, place.x, place.y),
        tuple(_rounded(each.place.x, each.place.y, each.place.width, each.place.height) for each in regions),
        clean(node.name),
        _mark(placed) if node.is_mark else "",
        _badge(placed, clean(remark.badge)) if remark is not None and remark.badge else None,
    )


def _badge(placed: PlacedNode, text: str) -> tuple[str, str, str, str]:
    """Return a badge on the upper right corner of a node: its outline, its text, and the place of the text."""
    place = placed.place
    width = width_of(text, _BADGE_SIZE, bold=True) + 2 * _BADGE_PAD
    left, top = place.right - width + _BADGE_OUT, place.y - _BADGE_HEIGHT + _BADGE_IN
    outline = _rounded(left, top, width, _BADGE_HEIGHT)
    return outline, text, _number(left + width / 2), _number(top + _BADGE_HEIGHT / 2 + _BADGE_SIZE * 0.36)


def _outline(placed: PlacedNode) -> str:
    place = placed.place
    if placed.node.kind is not NodeKind.CHOICE:
        return _rounded(place.x, place.y, place.width, place.height)
    middle = place.center[1]
    corners = [
        (place.x + _SLANT, place.y),
        (place.right - _SLANT, place.y),
        (place.right, middle),
        (place.right - _SLANT, place.bottom),
        (place.x + _SLANT, place.bottom),
        (place.x, middle),
    ]
    return f"M{' L'.join(f'{_number(x)} {_number(y)}' for x, y in corners)} Z"


def _rounded(x: float, y: float, width: float, height: float) -> str:
    across, down, r = _number(width - 2 * _RADIUS), _number(height - 2 * _RADIUS), _number(_RADIUS)
    return (
        f"M{_number(x + _RADIUS)} {_number(y)} h{across} a{r} {r} 0 0 1 {r} {r} v{down} a{r} {r} 0 0 1 -{r} {r} "
        f"h-{across} a{r} {r} 0 0 1 -{r} -{r} v-{down} a{r} {r} 0 0 1 {r} -{r} Z"
    )


def _mark(placed: PlacedNode) -> str:
    (x, y), radius = placed.place.center, placed.place.width / 2
    circle = "M{0} {1} m-{2} 0 a{2} {2} 0 1 0 {3} 0 a{2} {2} 0 1 0 -{3} 0 Z"
    rings = [radius] if placed.node.kind is NodeKind.START else [radius, radius - 3]
    return " ".join(circle.format(_number(x), _number(y), _number(r), _number(2 * r)) for r in rings)


def _lines(lines: tuple[Line, ...], x: float, y: float) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((line.text, line.style, _number(x + line.x), _number(y + line.y)) for line in lines)


def _way(placed: PlacedEdge) -> _Way:
    edge, label = placed.edge, placed.label
    path, arrow = _path(placed.route)
    lines: tuple[tuple[str, str, str, str], ...] = ()
    chip = ""
    if label is not None:
        middle = _number(label.center[0])
        lines = tuple((line.text, line.style, middle, _number(label.y + line.y)) for line in placed.box.lines)
        chip = _rounded(label.x, label.y, label.width, label.height)
    classes = f"cml-{edge.kind.value}"
    return _Way(classes, path, arrow, clean(edge.label), chip, lines, edge.source, edge.target)


def _path(route: Route) -> tuple[str, str]:
    """Return the path of a way up to its arrow, and the arrow."""
    if route.loop:
        (x, y), (out, _), (_, until), _ = route.points
        back = x + (_ARROW if out > x else -_ARROW)
        around = f"C{_number(out)} {_number(y)} {_number(out)} {_number(until)} {_number(back)} {_number(until)}"
        path = f"M{_number(x)} {_number(y)} {around}"
        tip = [(x, until), (back, until - _HALF_ARROW), (back, until + _HALF_ARROW)]
        return path, _polygon(tip)
    points = route.corners
    (x, y), before = points[-1], points[-2]
    turn = -1 if before[1] < y else 1
    end = (x, y + turn * _ARROW)
    tip = [(x, y), (x - _HALF_ARROW, end[1]), (x + _HALF_ARROW, end[1])]
    parts = [f"M{_number(points[0][0])} {_number(points[0][1])}"]
    for start, stop in pairwise([*points[:-1], end]):
        parts.append(_step(start, stop))
    return " ".join(parts), _polygon(tip)


def _step(start: Point, stop: Point) -> str:
    if abs(start[0] - stop[0]) <= _SAME:
        return f"L{_number(stop[0])} {_number(stop[1])}"
    middle = _number((start[1] + stop[1]) / 2)
    return f"C{_number(start[0])} {middle} {_number(stop[0])} {middle} {_number(stop[0])} {_number(stop[1])}"


def _polygon(corners: list[Point]) -> str:
    return f"M{' L'.join(f'{_number(x)} {_number(y)}' for x, y in corners)} Z"


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:.10g}"


_ICONS = {
    NodeKind.CALL: "M2 2 h8 v8 h-8 Z",
    NodeKind.CHOICE: "M6 0.5 L11.5 6 L6 11.5 L0.5 6 Z",
    NodeKind.WAIT: "M6 0.5 a5.5 5.5 0 1 0 0.01 0 Z M6 3 V6 L8.5 8",
    NodeKind.PASS: "M1 6 H10 M6.5 2.5 L10.5 6 L6.5 9.5",
    NodeKind.SUCCEED: "M1.5 6.5 L4.5 9.5 L10.5 2.5",
    NodeKind.FAIL: "M2 2 L10 10 M10 2 L2 10",
    NodeKind.PARALLEL: "M3 1 V11 M6 1 V11 M9 1 V11",
    NodeKind.MAP: "M1 4 h7 v7 h-7 Z M3.5 1.5 h7 v7",
    NodeKind.UNKNOWN: "M6 1 V7 M6 9.5 V11",
    NodeKind.MISSING: "M6 1 V7 M6 9.5 V11",
}
"""The icons of the kinds: lines in a square of 12 pixels."""
