"""The width of text, and its lines: no font is at hand, so widths are those of Arial with a margin.

The pictures ask for Arial or a font of its widths first. Other fonts are up to a tenth wider, which the margin covers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, east_asian_width

from constructs_ml.terminal import printable

_MARGIN = 1.1
_BOLD = 1.08
_WIDE, _OTHER = 1.0, 0.62
_WIDTHS = {
    0.222: "ijl'",
    0.278: " !,./:;I[]\\ftr",
    0.333: "()-`",
    0.355: '"|{}',
    0.5: "Jckvxyzs*^",
    0.556: "0123456789abdeghnopqu_L?$#",
    0.584: "+<=>~",
    0.611: "FTZ",
    0.667: "ABEKPSVXY&",
    0.722: "CDHNRUw",
    0.778: "GOQ",
    0.833: "Mm",
    0.944: "W%@",
}
"""Widths of characters by the size of the font. Source: the metrics of Helvetica, which Arial shares; in part rounded up."""
_OF_CHARACTER = {character: width for width, characters in _WIDTHS.items() for character in characters}
_PIECE = re.compile(r".+?(?:[-_/.,:;](?=\w)|(?<=[a-z])(?=[A-Z])|$)", re.DOTALL)
_ELLIPSIS = "…"


@lru_cache(maxsize=4096)
def _width_of(character: str) -> float:
    known = _OF_CHARACTER.get(character)
    if known is not None:
        return known
    if category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    return _WIDE if east_asian_width(character) in {"W", "F"} or ord(character) > 0xFFFF else _OTHER  # noqa: PLR2004


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text in pixels.

    Args:
        text: The text.
        size: The size of the font.
        bold: Whether it is bold.
    """
    return sum(map(_width_of, text)) * size * _MARGIN * (_BOLD if bold else 1)


def clean(text: str) -> str:
    """Return text as a picture shows it: in one line, with escapes for characters that move others or are not allowed."""
    return printable(" ".join(text.split())).replace("\ufffe", "").replace("\uffff", "")


def wrapped(text: str, width: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """Return text in lines of a greatest width; what does not fit into the last ends in an ellipsis.

    Args:
        text: The text.
        width: The greatest width of a line, in pixels.
        size: The size of the font.
        lines: The greatest number of lines.
        bold: Whether it is bold.
    """
    found, line = [], ""
    for word in clean(text).split():
        whole = f"{line} {word}" if line else word
        if width_of(whole, size, bold=bold) <= width:
            line = whole
            continue
        found += [line] if line else []
        *before, line = _parts(word, width, size, bold=bold)
        found += before
    found += [line] if line else []
    if len(found) <= lines:
        return found
    last = found[lines - 1]
    while last and width_of(last + _ELLIPSIS, size, bold=bold) > width:
        last = last[:-1]
    return [*found[: lines - 1], last.rstrip() + _ELLIPSIS]


def _parts(word: str, width: float, size: float, *, bold: bool) -> list[str]:
    """Return a word in parts that fit into a line: cut after a mark or before a capital, else anywhere."""
    found, line = [], ""
    for piece in _PIECE.findall(word):
        if line and width_of(line + piece, size, bold=bold) > width:
            found.append(line)
            line = ""
        for character in piece:
            if line and width_of(line + character, size, bold=bold) > width:
                found.append(line)
                line = ""
            line += character
    return [*found, line]
