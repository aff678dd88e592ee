"""The boxes of nodes and labels: their sizes and the lines of text in them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from constructs_ml.insight.graph.model import NodeKind
from constructs_ml.insight.graph.text import clean, width_of, wrapped

if TYPE_CHECKING:
    from constructs_ml.insight.graph.data import DataSource
    from constructs_ml.insight.graph.model import Edge, Node

TITLE, NAME, CAPTION, LABEL = 11.0, 14.0, 12.0, 12.0
"""The sizes of the fonts."""
_HEIGHTS = {"title": 15.0, "name": 18.0, "caption": 16.0, "data": 16.0, "problem": 16.0}
_SIZES = {"title": TITLE, "name": NAME, "caption": CAPTION, "data": CAPTION, "problem": CAPTION}
_WIDEST, _NARROWEST = 250.0, 120.0
_LABEL_WIDTH, _LABEL_LINES, _LABEL_HEIGHT = 220.0, 4, 15.0
_NAME_LINES, _CAPTION_LINES, _CAPTIONS = 3, 2, 8
PAD_X, PAD_Y = 14.0, 10.0
_LABEL_PAD_X, _LABEL_PAD_Y = 7.0, 4.0
ICON = 16.0
"""The width that the icon of a kind takes before its title."""
_MARKS = {NodeKind.START: 12.0, NodeKind.END: 14.0}
_LOOP = 28.0
"""The least width of an edge from a state to itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a box.

    Attributes:
        text: The text.
        style: ``title``, ``name``, ``caption``, ``data``, ``problem`` or ``label``.
        x: The distance of its start from the box's left side.
        y: The distance of its baseline from the box's top.
    """

    text: str
    style: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A box.

    Attributes:
        width: Its width; for one with regions in it, its least.
        height: Its height; for one with regions in it, that of its text.
        lines: Its text.
    """

    width: float
    height: float
    lines: tuple[Line, ...] = ()


def box_of(node: Node) -> Box:
    """Return the box of a node."""
    if node.is_mark:
        return Box(_MARKS[node.kind], _MARKS[node.kind])
    texts = [("title", text) for text in wrapped(node.title, _WIDEST - ICON, TITLE, lines=2)]
    texts += [("name", text) for text in wrapped(node.name, _WIDEST, NAME, lines=_NAME_LINES, bold=True)]
    told = [("caption", text) for text in node.captions]
    told += [("data", text) for text in reads_in_words(node)]
    told += [("problem", text) for text in node.problems]
    if len(told) > _CAPTIONS:
        told = [*told[: _CAPTIONS - 1], ("caption", f"and {len(told) - _CAPTIONS + 1} more")]
    for style, text in told:
        texts += [(style, part) for part in wrapped(text, _WIDEST, CAPTION, lines=_CAPTION_LINES)]
    lines, y, width = [], PAD_Y, 0.0
    for style, text in texts:
        indent = ICON if style == "title" else 0.0
        size = _SIZES[style]
        y += _HEIGHTS[style]
        lines.append(Line(text, style, PAD_X + indent, y - (_HEIGHTS[style] - size) / 2 - size * 0.15))
        width = max(width, indent + width_of(text, size, bold=style == "name"))
    return Box(round(max(width, _NARROWEST) + 2 * PAD_X), round(y + PAD_Y), tuple(lines))


def label_of(edge: Edge) -> Box:
    """Return the box of an edge's label; without one, a box of no size."""
    texts = wrapped(edge.label, _LABEL_WIDTH, LABEL, lines=_LABEL_LINES) if edge.label else []
    if not texts:
        return Box(_LOOP if edge.source == edge.target else 0.0, 0.0)
    lines = [Line(text, "label", 0.0, _LABEL_PAD_Y + _LABEL_HEIGHT * at + LABEL) for at, text in enumerate(texts)]
    width = max(width_of(text, LABEL) for text in texts) + 2 * _LABEL_PAD_X
    return Box(round(width), round(_LABEL_HEIGHT * len(texts) + 2 * _LABEL_PAD_Y), tuple(lines))


def reads_in_words(node: Node) -> list[str]:
    """Return the data that a node reads, a line for each origin: ``reads Prepare: train, test``."""
    ordered = sorted(node.reads, key=lambda source: (source.origin, source.what))
    grouped = groupby(ordered, key=lambda source: source.origin)
    return [f"reads {clean(origin)}: {', '.join(_what(source) for source in group)}" for origin, group in grouped]


def _what(source: DataSource) -> str:
    return "its result" if source.what == source.origin else source.what
