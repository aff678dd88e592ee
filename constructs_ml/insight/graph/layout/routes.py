"""The ways of edges between boxes.

dagre gives an edge a point in each rank that it passes, beside the boxes there. The way runs straight down at that point as far as
the rank's highest box does, and bends in the gap between two ranks only, where no box is. So an edge never runs through a box.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.insight.graph.model import Edge

Point = tuple[float, float]
_PORT = 20.0
"""The distance between edges at the same side of a box."""
_CORNER = 16.0
"""The distance of edges from the corners of a box."""
_SAME = 0.5
_LOOP = 14.0


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle.

    Attributes:
        x: Its left side.
        y: Its top.
        width: Its width.
        height: Its height.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its bottom."""
        return self.y + self.height

    @property
    def center(self) -> Point:
        """Its center."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge: from its first point straight or in curves to the others.

    Attributes:
        points: The points, in the direction of the edge. Between two of the same x it is straight, otherwise it is a curve that
            leaves and arrives vertically.
        loop: True for an edge from a state to itself, which is beside its box.
    """

    points: tuple[Point, ...]
    loop: bool = False

    @property
    def corners(self) -> list[Point]:
        """The points without those in the middle of a straight line."""
        found: list[Point] = []
        for point in self.points:
            if found and abs(found[-1][0] - point[0]) <= _SAME:
                if abs(found[-1][1] - point[1]) <= _SAME:
                    continue
                if len(found) > 1 and abs(found[-2][0] - found[-1][0]) <= _SAME:
                    found[-1] = (found[-2][0], point[1])
                    continue
            found.append(point)
        return found


@dataclass(frozen=True, slots=True)
class _Bands:
    """The vertical extents of the ranks of a region, from the top to the bottom."""

    centers: list[float]
    tops: list[float]
    bottoms: list[float]

    def at(self, y: float) -> tuple[float, float]:
        """Return the top and the bottom of the rank whose center is at a height."""
        at = bisect_left(self.centers, y - _SAME)
        return self.tops[at], self.bottoms[at]


def routes_of(
    edges: Sequence[Edge],
    places: Mapping[str, Rectangle],
    bends: Sequence[Sequence[Point]],
    labels: Sequence[Rectangle | None],
) -> list[Route]:
    """Return the ways of a region's edges.

    Args:
        edges: The edges.
        places: The rectangles of the nodes, by id.
        bends: For each edge, its points between its ends.
        labels: For each edge, the rectangle of its label.
    """
    bands = _bands(places, bends, labels)
    ports = _ports(edges, places, bends)
    found = []
    for at, edge in enumerate(edges):
        if edge.source == edge.target:
            found.append(_loop(places[edge.source], labels[at]))
        else:
            found.append(_route(ports[at], bends[at], (places[edge.source], places[edge.target]), bands))
    return found


def _bands(
    places: Mapping[str, Rectangle], bends: Sequence[Sequence[Point]], labels: Sequence[Rectangle | None]
) -> _Bands:
    halves = [(place.center[1], place.height / 2) for place in places.values()]
    halves += [(label.center[1], label.height / 2) for label in labels if label is not None]
    halves += [(y, 0.0) for points in bends for _, y in points]
    centers: list[float] = []
    highest: list[float] = []
    for center, half in sorted(halves):
        if centers and center - centers[-1] <= _SAME:
            highest[-1] = max(highest[-1], half)
        else:
            centers.append(center)
            highest.append(half)
    tops = [center - half for center, half in zip(centers, highest, strict=True)]
    bottoms = [center + half for center, half in zip(centers, highest, strict=True)]
    return _Bands(centers, tops, bottoms)


def _ports(
    edges: Sequence[Edge], places: Mapping[str, Rectangle], bends: Sequence[Sequence[Point]]
) -> list[tuple[float, float]]:
    """Return for each edge where it leaves its first box and where it arrives at its last: those of a side do not meet."""
    sides: dict[tuple[str, bool], list[tuple[float, int, int]]] = {}
    for at, edge in enumerate(edges):
        if edge.source == edge.target:
            continue
        down = places[edge.source].center[1] < places[edge.target].center[1]
        points = bends[at] or [places[edge.target].center, places[edge.source].center]
        sides.setdefault((edge.source, down), []).append((points[0][0], at, 0))
        sides.setdefault((edge.target, not down), []).append((points[-1][0], at, 1))
    found = [[0.0, 0.0] for _ in edges]
    for (name, _), ends in sides.items():
        place = places[name]
        room = place.width - 2 * _CORNER
        step = max(0.0, min(_PORT, room / (len(ends) - 1))) if len(ends) > 1 else 0.0
        first = place.center[0] - step * (len(ends) - 1) / 2
        for index, (_, at, end) in enumerate(sorted(ends)):
            found[at][end] = first + step * index
    return [(start, end) for start, end in found]


def _route(
    ports: tuple[float, float], bends: Sequence[Point], boxes: tuple[Rectangle, Rectangle], bands: _Bands
) -> Route:
    first, last = boxes
    down = first.center[1] < last.center[1]
    stops: list[tuple[float, float, float]] = []
    for x, y in bends:
        top, bottom = bands.at(y)
        stops.append((x, top, bottom) if down else (x, bottom, top))
    starts, arrives = bands.at(first.center[1]), bands.at(last.center[1])
    begin = (first.bottom, starts[1]) if down else (first.y, starts[0])
    end = (arrives[0], last.y) if down else (arrives[1], last.bottom)
    points = [(ports[0], begin[0]), (ports[0], begin[1])]
    for x, enter, leave in stops:
        points += [(x, enter), (x, leave)]
    points += [(ports[1], end[0]), (ports[1], end[1])]
    return Route(tuple(points))


def _loop(box: Rectangle, label: Rectangle | None) -> Route:
    """Return the way from a box around to itself, at the side at which its label is."""
    middle = box.center[1]
    half = min(box.height / 4, _LOOP)
    left = label is not None and label.center[0] < box.center[0]
    side = box.x if left else box.right
    out = side - _LOOP if left else side + _LOOP
    return Route(((side, middle - half), (out, middle - half), (out, middle + half), (side, middle + half)), loop=True)


def crossings(routes: Sequence[Route]) -> int:
    """Return how often the ways of a region cross.

    Two of them cross in a gap if they leave it in another order than they enter it; elsewhere all are vertical.
    """
    gaps: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for route in routes:
        if route.loop:
            continue
        points = route.points if route.points[0][1] < route.points[-1][1] else route.points[::-1]
        for (x, y), (to, until) in pairwise(points):
            gaps.setdefault((round(y, 1), round(until, 1)), []).append((x, to))
    return sum(
        1
        for ways in gaps.values()
        for at, one in enumerate(ways)
        for other in ways[at + 1 :]
        if (one[0] - other[0]) * (one[1] - other[1]) < 0
    )
