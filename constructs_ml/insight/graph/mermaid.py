"""A graph as a flowchart of Mermaid, as GitHub and other hosts of Markdown show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.insight.graph.boxes import reads_in_words
from constructs_ml.insight.graph.model import EdgeKind, NodeKind
from constructs_ml.insight.graph.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.insight.graph.model import Graph, Node, Region

_SPECIAL = re.compile(r"[^\w \-.,:;/+=×‹›…!?'()%]")
"""Characters that Markdown, HTML or Mermaid could read as their own; they are written by their numbers."""
_CLASSES = {
    NodeKind.FAIL: "stroke:#c53030,stroke-width:2px",
    NodeKind.MISSING: "stroke:#c53030,stroke-dasharray:5 3",
    NodeKind.SUCCEED: "stroke:#2f855a,stroke-width:2px",
}
_CATCH = "stroke:#b45309"
_SHAPES = {
    NodeKind.CHOICE: ("{{", "}}"),
    NodeKind.START: ("((", "))"),
    NodeKind.END: ("(((", ")))"),
    NodeKind.SUCCEED: ("([", "])"),
}
_LABEL = 240


def mermaid_of(graph: Graph) -> str:
    """Return a graph as a flowchart."""
    writer = _Writer()
    lines = ["flowchart TD", *writer.region(graph.region, "    ")]
    for kind, style in _CLASSES.items():
        ids = [node.id for node in graph.region.walk() if node.kind is kind]
        if ids:
            lines += [f"    classDef {kind.value} {style}", f"    class {','.join(ids)} {kind.value}"]
    if writer.catches:
        lines.append(f"    linkStyle {','.join(map(str, writer.catches))} {_CATCH}")
    lines += [f"    %% problem: {escaped(problem)}" for problem in graph.problems]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return text as Mermaid shows it unchanged: special characters by their numbers."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", clean(text))


class _Writer:
    """Writes regions, and counts the edges: a style names them by their numbers."""

    def __init__(self) -> None:
        self.edges = 0
        self.catches: list[int] = []

    def region(self, region: Region, indent: str) -> Iterator[str]:
        for node in region.nodes:
            yield from self._node(node, indent)
        for edge in region.edges:
            if edge.kind is EdgeKind.CATCH:
                self.catches.append(self.edges)
            self.edges += 1
            arrow = "-.->" if edge.kind is EdgeKind.CATCH else "-->"
            label = f'|"{_cut(escaped(edge.label))}"|' if edge.label else ""
            yield f"{indent}{edge.source} {arrow}{label} {edge.target}"

    def _node(self, node: Node, indent: str) -> Iterator[str]:
        if not node.regions:
            before, after = _SHAPES.get(node.kind, ("[", "]"))
            yield f'{indent}{node.id}{before}"{_label(node)}"{after}'
            return
        yield f'{indent}subgraph {node.id}["{_label(node)}"]'
        for at, inner in enumerate(node.regions, 1):
            if len(node.regions) == 1:
                yield from self.region(inner, f"{indent}    ")
            else:
                yield f'{indent}    subgraph {node.id}b{at}[" "]'
                yield from self.region(inner, f"{indent}        ")
                yield f"{indent}    end"
        yield f"{indent}end"


def _label(node: Node) -> str:
    if node.is_mark:
        return " "
    told = [*node.captions, *reads_in_words(node), *node.problems]
    return "<br/>".join(_cut(escaped(text)) for text in (node.title, node.name, *told) if text.strip())


def _cut(text: str) -> str:
    """Return a text without what is too long to be read in a picture; no escape is cut in two."""
    return text if len(text) <= _LABEL else f"{re.sub(r'#[0-9]*$', '', text[:_LABEL])}…"
