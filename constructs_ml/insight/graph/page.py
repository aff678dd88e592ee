"""A layout as a page: the picture, and beside it the details of the state that has the focus."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.insight.graph.describing import summary_of, title_of_graph
from constructs_ml.insight.graph.model import EdgeKind
from constructs_ml.insight.graph.svg import svg_of
from constructs_ml.insight.graph.text import clean
from constructs_ml.insight.rendering import render_page
from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.insight.graph.layout.placing import Layout
    from constructs_ml.insight.graph.model import Edge, Graph, Node, Region

_LEGIBLE = 0.85
"""The least scale at which a picture is shown; one that does not fit then is scrolled."""


@dataclass(frozen=True, slots=True)
class _Link:
    """An edge as the page tells it: its words, and the node at its other end."""

    words: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Details:
    """The details of a node."""

    id: str
    name: str
    title: str
    around: tuple[str, ...]
    captions: tuple[str, ...]
    problems: tuple[str, ...]
    reads: tuple[tuple[str, str], ...]
    before: tuple[_Link, ...]
    after: tuple[_Link, ...]
    body: str


def page_of(graph: Graph, layout: Layout) -> str:
    """Return a page.

    Args:
        graph: The graph.
        layout: Its layout.
    """
    count = len(graph.nodes)
    return render_page(
        "page.html",
        styles=("graph.css", "page.css"),
        script="page.js",
        title=title_of_graph(graph),
        comment=printable(graph.comment),
        notes=[f"{count} state{'' if count == 1 else 's'}", *graph.notes],
        problems=[printable(problem) for problem in graph.problems],
        width=f"{layout.width:.0f}",
        least=f"{layout.width * _LEGIBLE:.0f}",
        svg=svg_of(graph, layout, interactive=True),
        details=list(_details(graph.region)),
        catches=any(edge.kind is EdgeKind.CATCH for region in graph.region.regions() for edge in region.edges),
    )


def _details(region: Region) -> Iterator[_Details]:
    by_id = {node.id: node for node in region.nodes}
    for node in region.nodes:
        if not node.is_mark:
            before = [_link(edge, by_id[edge.source]) for edge in region.edges if edge.target == node.id]
            after = [_link(edge, by_id[edge.target]) for edge in region.edges if edge.source == node.id]
            yield _Details(
                node.id,
                clean(node.name),
                clean(node.title),
                tuple(clean(name) for name in node.path[:-1]),
                tuple(printable(caption) for caption in node.captions),
                tuple(printable(problem) for problem in node.problems),
                tuple((clean(source.origin), clean(source.what)) for source in node.reads),
                tuple(before),
                tuple(after),
                "" if node.body is None else printable(json.dumps(node.body, indent=2, ensure_ascii=False)),
            )
        for inner in node.regions:
            yield from _details(inner)


def _link(edge: Edge, other: Node) -> _Link:
    words = f"if {edge.label}" if edge.kind is EdgeKind.CHOICE else edge.label
    return _Link(printable(words), "" if other.is_mark else other.id, summary_of(other))
