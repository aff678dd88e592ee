"""Definitions to draw, and what must hold for each laid out picture: boxes and labels are apart, and edges run beside boxes."""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.insight.graph.layout.routes import Rectangle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.insight.graph.layout.placing import Layout, PlacedEdge, PlacedRegion
    from constructs_ml.insight.graph.layout.routes import Point

_TESTS = Path(__file__).parents[1]
BLOG: dict[str, Any] = json.loads(
    (_TESTS / "goldens/blog_processing_choice_catch_training.json").read_text(encoding="utf-8")
)
UNUSUAL: dict[str, Any] = json.loads((_TESTS / "support/unusual_definitions.json").read_text(encoding="utf-8"))
HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)" \'',
    "</svg></title></style>-->]]>&amp;&#60;{{ 7*7 }}{% x %}",
    "X" * 80,
    "日本語の状態 émigré 🚀",
    "שלום עולם \u202etxt.exe",
    "\x00\x1b[2J\x7f\ud800\ufffe\uffff",
    "a\nb\tc",
    "end",
    "",
]
_SLACK = 0.6
_STEPS = 12


def hostile_definition(name: str) -> dict[str, Any]:
    """A definition with a text in every place that is shown."""
    rule = {"Variable": name, "StringEquals": name, "Next": name}
    task = {
        "Type": "Task",
        "Resource": name,
        "Catch": [{"ErrorEquals": [name], "Next": name}],
        "Retry": [{"ErrorEquals": [name]}],
        "Next": f"{name} missing",
    }
    return {
        "Comment": name,
        "StartAt": "Choice",
        "States": {
            "Choice": {"Type": "Choice", "Choices": [rule], "Default": "Task"},
            name: {"Type": "Fail", "Error": name, "Cause": name},
            "Task": task,
            name + "?": {"Type": name, "Next": name},
        },
    }


def faults_of(layout: Layout) -> list[str]:
    """Return what is wrong with a layout."""
    found = []
    picture = Rectangle(0, 0, layout.width, layout.height)
    for region in layout.region.regions():
        boxes = [(node.node.name or node.node.title, node.place) for node in region.nodes]
        labels = [(edge.edge.label, edge.label) for edge in region.edges if edge.label is not None]
        found += [
            f"{one} overlaps {other}" for (one, a), (other, b) in combinations([*boxes, *labels], 2) if _overlap(a, b)
        ]
        found += [
            f"{name} is outside its region" for name, place in [*boxes, *labels] if not _inside(place, region.place)
        ]
        found += [f"{name} is outside the picture" for name, place in boxes if not _inside(place, picture)]
        found += _edges(region)
        for node in region.nodes:
            inner = [each.place for each in node.regions]
            found += [f"branches of {node.node.name} overlap" for a, b in combinations(inner, 2) if _overlap(a, b)]
            text = Rectangle(node.place.x, node.place.y, node.place.width, node.box.height) if inner else None
            found += [
                f"a branch of {node.node.name} is not below its text, or not in it"
                for each in inner
                if not _inside(each, node.place) or (text is not None and _overlap(text, each))
            ]
    return found


def _edges(region: PlacedRegion) -> Iterator[str]:
    for edge in region.edges:
        ends = {edge.edge.source, edge.edge.target}
        through = {
            node.node.name
            for node in region.nodes
            for point in points_of(edge)
            if _contains(node.place, point) and node.node.id not in ends
        }
        yield from (f"{edge.edge.label or 'an edge'} runs through {name}" for name in through)
        first, last = (
            next(node.place for node in region.nodes if node.node.id == end)
            for end in (edge.edge.source, edge.edge.target)
        )
        if not (_touches(first, edge.route.points[0]) and _touches(last, edge.route.points[-1])):
            yield f"{edge.edge} does not begin or end at its box"


def points_of(edge: PlacedEdge) -> Iterator[Point]:
    """Yield points along a way, close enough to meet each box that it runs through."""
    points = edge.route.points
    if edge.route.loop:
        yield from points
        return
    for (x, y), (to, until) in pairwise(points):
        for step in range(_STEPS + 1):
            t = step / _STEPS
            # Of the curve that svg.py draws: its control points are above and below each other's ends.
            weight = t * t * (3 - 2 * t)
            middle = (y + until) / 2
            height = (1 - t) ** 3 * y + 3 * (1 - t) ** 2 * t * middle + 3 * (1 - t) * t * t * middle + t**3 * until
            yield x + (to - x) * weight, height


def _overlap(a: Rectangle, b: Rectangle) -> bool:
    return a.x + _SLACK < b.right and b.x + _SLACK < a.right and a.y + _SLACK < b.bottom and b.y + _SLACK < a.bottom


def _inside(a: Rectangle, b: Rectangle) -> bool:
    return a.x >= b.x - _SLACK and a.y >= b.y - _SLACK and a.right <= b.right + _SLACK and a.bottom <= b.bottom + _SLACK


def _contains(a: Rectangle, point: Point) -> bool:
    x, y = point
    return a.x + _SLACK < x < a.right - _SLACK and a.y + _SLACK < y < a.bottom - _SLACK


def _touches(a: Rectangle, point: Point) -> bool:
    x, y = point
    at_side = min(abs(x - a.x), abs(x - a.right)) <= _SLACK and a.y <= y <= a.bottom
    return at_side or (min(abs(y - a.y), abs(y - a.bottom)) <= _SLACK and a.x <= x <= a.right)
