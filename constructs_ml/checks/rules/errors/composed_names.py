"""Names as definitions put them together, in parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.asl.names import UUID_LENGTH
from constructs_ml.sagemaker.composed import TIME, parts_of_text, sample_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.sagemaker.composed import Part

_FORMAT = "States.Format("
_UUID = re.compile(r"States\.UUID\(\s*\)|\$uuid\(\s*\)")
_SLOT = re.compile(r"(?<!\\)\{\}")
_NO_OPERAND = re.compile(r"[?:;+*<>=]|\b(?:and|or|in)\b|:=")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)


def name_parts(member: str, value: str) -> list[Part]:
    """The parts of a name.

    Args:
        member: The member that holds it; it ends in ``.$`` if the name is an expression of JSONPath.
        value: What it holds.
    """
    if member.endswith(".$"):
        return _of_jsonpath(value.strip())
    if is_jsonata(value):
        return _of_jsonata(value[2:-2].strip())
    return parts_of_text(value)


def _of_jsonpath(text: str) -> list[Part]:
    literal = _LITERAL.fullmatch(text)
    if literal and text[0] == "'":
        return parts_of_text(_unescaped(literal[1]))
    if _UUID.fullmatch(text):
        return [UUID_LENGTH]
    if not text.startswith(_FORMAT) or not text.endswith(")"):
        return [sample_of(text)]
    template, *values = _split(text[len(_FORMAT) : -1], ",")
    quoted = _LITERAL.fullmatch(template.strip())
    pieces = _SLOT.split(quoted[1]) if quoted and quoted[1] is not None else []
    if len(pieces) != len(values) + 1:
        return [None]
    found: list[Part] = []
    for at, piece in enumerate(pieces):
        found += parts_of_text(_unescaped(piece)) if piece else []
        found += _of_jsonpath(values[at].strip()) if at < len(values) else []
    return found


def _of_jsonata(text: str) -> list[Part]:
    operands = [operand.strip() for operand in _split(text, "&")]
    if any(_NO_OPERAND.search(_LITERAL.sub("", operand)) for operand in operands):
        return [None]
    return [part for operand in operands for part in _operand(operand)]


def _operand(text: str) -> list[Part]:
    literal = _LITERAL.fullmatch(text)
    if literal:
        return parts_of_text(literal[1] if literal[1] is not None else literal[2])
    if _UUID.fullmatch(text):
        return [UUID_LENGTH]
    if re.fullmatch(r"\$now\(\s*\)", text):
        return [TIME]
    inside = re.fullmatch(r"(?:\$string)?\((.*)\)", text, re.DOTALL)
    if inside and len(list(_split(inside[1], ","))) == 1 and _balanced(inside[1]):
        return _of_jsonata(inside[1].strip())
    return [sample_of(text)]


def _split(text: str, separator: str) -> Iterator[str]:
    """A text at a separator that stands in no literal and in no parentheses."""
    depth, start, at = 0, 0, 0
    while at < len(text):
        literal = _LITERAL.match(text, at)
        if literal:
            at = literal.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if text[at] == separator and depth == 0:
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


def _balanced(text: str) -> bool:
    """Whether no parenthesis is closed that was not opened: ``(a) & (b)`` is no text in parentheses."""
    depth = 0
    for character in _LITERAL.sub("", text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
