"""The parts of names that definitions compose."""

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
_CALL = re.compile(r"(States\.\w+|\$\w+)\((.*)\)", re.DOTALL)
_DIGITS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
"""The number of hexadecimal digits of each hash."""
_KEEPS = ("$string", "$uppercase", "$lowercase")
"""Functions that keep the number of characters, and change nothing but the case of letters."""
_RANDOM = "0.5"
_MARKER = re.compile(r"\[\[|\]\]|\[[^\]]*\]")
_STATE_NAME = re.compile(r"(?:\$\$|\$states\.context)\.State\.Name\b")
_SLOT = re.compile(r"(?<!\\)\{\}")
_NO_OPERAND = re.compile(r"[?:;+*<>=]|\b(?:and|or|in)\b|:=")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)


def name_parts(member: str, value: str, state: str = "") -> list[Part]:
    """Return the parts of a name.

    Args:
        member: The member that holds it; it ends in ``.$`` if the name is a JSONPath expression.
        value: Its value.
        state: The name of the state, which the context object holds.
    """
    if member.endswith(".$"):
        return _of_jsonpath(_with_name(value, state).strip())
    if is_jsonata(value):
        return _of_jsonata(_with_name(value[2:-2], state).strip())
    return parts_of_text(value)


def _with_name(expression: str, state: str) -> str:
    """Replace the paths to the state's name in an expression by the name."""
    if not state or "'" in state or "\\" in state:
        return expression
    return _STATE_NAME.sub(lambda _: f"'{state}'", expression)


def _of_jsonpath(text: str) -> list[Part]:
    literal = _LITERAL.fullmatch(text)
    if literal and text[0] == "'":
        return parts_of_text(_unescaped(literal[1]))
    if _UUID.fullmatch(text):
        return [UUID_LENGTH]
    name, arguments = _call(text)
    if name == "States.Hash":
        return [_digits(arguments)]
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
    inside = re.fullmatch(r"\((.*)\)", text, re.DOTALL)
    if inside and len(list(_split(inside[1], ","))) == 1 and _balanced(inside[1]):
        return _of_jsonata(inside[1].strip())
    name, arguments = _call(text)
    return _of_function(name, arguments) if name else [sample_of(text)]


def _call(text: str) -> tuple[str, list[str]]:
    """Return the function that an expression calls, with its arguments; an empty name if it is not a call."""
    called = _CALL.fullmatch(text)
    if called is None or not _balanced(called[2]):
        return "", []
    return called[1], [argument.strip() for argument in _split(called[2], ",")]


def _of_function(name: str, arguments: list[str]) -> list[Part]:
    """Return the parts of the result of a JSONata function."""
    first = arguments[0]
    if name in _KEEPS and len(arguments) == 1:
        return _of_jsonata(first)
    if name == "$hash":
        return [_digits(arguments)]
    if name == "$random":
        return [_RANDOM]
    if name in {"$now", "$fromMillis"}:
        return _of_time(arguments if name == "$now" else arguments[1:])
    if name == "$join" and first.startswith("[") and first.endswith("]"):
        return _joined([item.strip() for item in _split(first[1:-1], ",")], arguments[1:])
    return [None]


def _of_time(pictures: list[str]) -> list[Part]:
    """Return the parts of a formatted time; the markers of the picture stand for unknown characters."""
    if not any(pictures):
        return [TIME]
    picture = _LITERAL.fullmatch(pictures[0])
    if picture is None:
        return [None]
    text = picture[1] if picture[1] is not None else picture[2]
    known = [piece for piece in _MARKER.split(text) if piece]
    return [part for piece in known for part in (None, *parts_of_text(piece))] + [None]


def _joined(items: list[str], separators: list[str]) -> list[Part]:
    found: list[Part] = []
    for at, item in enumerate(items):
        found += _of_jsonata(separators[0]) if at and separators else []
        found += _of_jsonata(item)
    return found


def _digits(arguments: list[str]) -> Part:
    """Return the number of digits of a hash; None if its algorithm is not a literal."""
    named = _LITERAL.fullmatch(arguments[-1])
    return _DIGITS.get(named[1] or named[2] or "") if named else None


def _split(text: str, separator: str) -> Iterator[str]:
    """Yield the pieces of a string between separators outside of literals and parentheses."""
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
    """Return whether no parenthesis is closed before it is opened: ``(a) & (b)`` is not a string in parentheses."""
    depth = 0
    for character in _LITERAL.sub("", text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
