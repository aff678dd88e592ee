"""A graph in plain text: for those who do not see the picture, and for terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.insight.graph.model import EdgeKind
from constructs_ml.insight.graph.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.insight.graph.model import Edge, Graph, Node, Region


def title_of_graph(graph: Graph) -> str:
    """Return the title of a picture."""
    return clean(f"State machine {graph.name}" if graph.name else "State machine")


def description_of(graph: Graph) -> str:
    """Return a graph in sentences, a line for each state with where it leads."""
    count = len(graph.nodes)
    lines = [f"{count} state{'' if count == 1 else 's'}."]
    lines += [clean(f"{line}") for line in _region(graph.region)]
    lines += [f"Problem: {clean(problem)}." for problem in graph.problems]
    return "\n".join(lines)


def _region(region: Region, around: str = "") -> Iterator[str]:
    names = {node.id: node.name or node.title for node in region.nodes}
    for node in region.nodes:
        ways = [edge for edge in region.edges if edge.source == node.id]
        if node.is_mark:
            if ways:
                yield f"{around}Start: {names[ways[0].target]}."
            continue
        yield f"{around}{node.name} ({', '.join([node.title, *node.captions])}){_leads(ways, names)}."
        for at, inner in enumerate(node.regions, 1):
            branch = f", branch {at}" if len(node.regions) > 1 else ""
            yield from _region(inner, f"In {node.name}{branch}: ")


def _leads(ways: list[Edge], names: dict[str, str]) -> str:
    told = [_led(way, names[way.target]) for way in ways]
    return f": {'; '.join(told)}" if told else ""


def _led(way: Edge, target: str) -> str:
    if way.kind is EdgeKind.NEXT:
        return f"then {target}"
    return f"if {way.label}, {target}" if way.kind is EdgeKind.CHOICE else f"{way.label}, {target}"


def summary_of(node: Node) -> str:
    """Return a node in a line: its name and its kind."""
    return clean(f"{node.name} ({node.title})" if node.name else node.title)
