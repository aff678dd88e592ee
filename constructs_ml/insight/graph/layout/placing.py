"""Places a graph's boxes by dagre, region by region."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.insight.graph.boxes import box_of, label_of
from constructs_ml.insight.graph.layout.node import run_script
from constructs_ml.insight.graph.layout.routes import Rectangle, Route, routes_of
from constructs_ml.insight.graph.model import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.insight.graph.boxes import Box
    from constructs_ml.insight.graph.model import Edge, Node, Region

_GAPS = {"node": 36, "edge": 18, "rank": 54, "region": 16, "inside": 16, "pad": 14, "row": 1200}
"""Pixels: between boxes, between edges, between ranks, between regions, around them, inside them, and the width of a row that is
never split."""
_WEIGHTS = {EdgeKind.NEXT: 4, EdgeKind.CHOICE: 3, EdgeKind.DEFAULT: 2, EdgeKind.CATCH: 1}
_MARGIN = 16.0


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node in its place.

    Attributes:
        node: The node.
        box: Its text.
        place: Its rectangle.
        regions: The regions in it.
    """

    node: Node
    box: Box
    place: Rectangle
    regions: tuple[PlacedRegion, ...]


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """An edge in its place.

    Attributes:
        edge: The edge.
        route: Its way.
        box: The text of its label.
        label: The rectangle of its label; None without one.
    """

    edge: Edge
    route: Route
    box: Box
    label: Rectangle | None


@dataclass(frozen=True, slots=True)
class PlacedRegion:
    """A region in its place.

    Attributes:
        place: Its rectangle.
        nodes: Its nodes.
        edges: Its edges.
    """

    place: Rectangle
    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]

    def walk(self) -> Iterator[PlacedNode]:
        """Yield all nodes, each before those inside it."""
        for node in self.nodes:
            yield node
            for region in node.regions:
                yield from region.walk()

    def regions(self) -> Iterator[PlacedRegion]:
        """Yield this region and all inside it."""
        yield self
        for node in self.nodes:
            for region in node.regions:
                yield from region.regions()


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph whose boxes have their places.

    Attributes:
        region: The definition's region.
        width: The width of the picture.
        height: Its height.
        boxes: The number of nodes and edges that dagre was given.
        bends: The number of points that it gave the edges.
    """

    region: PlacedRegion
    width: float
    height: float
    boxes: int
    bends: int


def layout_of(region: Region) -> Layout:
    """Return the layout of a graph.

    Args:
        region: The region of its definition.

    Raises:
        MissingRequirementError: If there is no Node.js.
        ConstructsMLError: If the layout cannot be computed.
    """
    boxes: dict[str, Box] = {}
    asked = _asked(region, boxes)
    folder = Path(str(files("constructs_ml.insight.graph.layout")))
    dagre = (folder / "dagre.min.js").read_text(encoding="utf-8")
    said = run_script(folder / "place.js", json.dumps({"dagre": dagre, "gaps": _GAPS, "region": asked}))
    got = json.loads(said)
    placed = _placed(region, got["region"], boxes, _MARGIN, _MARGIN)
    return Layout(
        placed, placed.place.width + 2 * _MARGIN, placed.place.height + 2 * _MARGIN, got["boxes"], got["places"]
    )


def _asked(region: Region, boxes: dict[str, Box]) -> dict[str, Any]:
    nodes = []
    for node in region.nodes:
        box = boxes[node.id] = box_of(node)
        inner = [_asked(each, boxes) for each in node.regions]
        nodes.append({"id": node.id, "width": box.width, "height": box.height, "head": box.height, "regions": inner})
    edges = []
    for edge in region.edges:
        label = label_of(edge)
        edges.append(
            {
                "from": edge.source,
                "to": edge.target,
                "width": label.width,
                "height": label.height,
                "weight": _WEIGHTS[edge.kind],
            }
        )
    return {"nodes": nodes, "edges": edges}


def _placed(region: Region, got: dict[str, Any], boxes: dict[str, Box], x: float, y: float) -> PlacedRegion:
    """Return a region with absolute places; dagre's are relative to the region that a box is in."""
    nodes, places = [], {}
    for node, found in zip(region.nodes, got["nodes"], strict=True):
        place = Rectangle(x + found["x"], y + found["y"], found["width"], found["height"])
        places[node.id] = place
        inner = tuple(
            _placed(each, part, boxes, place.x + part["x"], place.y + part["y"])
            for each, part in zip(node.regions, found["regions"], strict=True)
        )
        nodes.append(PlacedNode(node, boxes[node.id], place, inner))
    labels = [label_of(edge) for edge in region.edges]
    rectangles = [
        None if at["label"] is None else _around(x + at["label"][0], y + at["label"][1], label)
        for at, label in zip(got["edges"], labels, strict=True)
    ]
    bends = [[(x + bend[0], y + bend[1]) for bend in at["bends"]] for at in got["edges"]]
    routes = routes_of(region.edges, places, bends, rectangles)
    edges = tuple(
        PlacedEdge(edge, route, label, rectangle if label.lines else None)
        for edge, route, label, rectangle in zip(region.edges, routes, labels, rectangles, strict=True)
    )
    return PlacedRegion(Rectangle(x, y, got["width"], got.get("high", got["height"])), tuple(nodes), edges)


def _around(x: float, y: float, box: Box) -> Rectangle:
    return Rectangle(x - box.width / 2, y - box.height / 2, box.width, box.height)
