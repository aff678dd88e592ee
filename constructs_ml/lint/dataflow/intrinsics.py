"""Parser for calls of intrinsic functions: ``States.Format('s3://{}/{}', $.bucket, States.UUID())``.

Source: the Amazon States Language, section "Intrinsic Functions"; the Step Functions developer guide, "Intrinsic functions".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from constructs_ml.asl.jsonpath import ParsedPath, PathError, read_path

DEEPEST = 10
"""The deepest allowed nesting of calls."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal in a call.

    Attributes:
        value: The value, without quotes and escapes.
        raw: The source text between the quotes; for other literals, the literal itself.
    """

    value: str | float | bool | None
    raw: str


@dataclass(frozen=True, slots=True)
class PathArgument:
    """A path in a call.

    Attributes:
        text: The path as written.
        path: The parsed path; None if it is malformed.
        fault: The reason why it is malformed.
    """

    text: str
    path: ParsedPath | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call.

    Attributes:
        name: The function's name: ``States.Format``.
        arguments: Its arguments.
    """

    name: str
    arguments: tuple[Argument, ...]


Argument = Call | Literal | PathArgument


class IntrinsicError(ValueError):
    """A malformed call."""


_CALL = re.compile(r"\s*(States\.\w*)\s*\(")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
_WORD = re.compile(r"(?:true|false|null)(?!\w)")
_WORDS = {"true": True, "false": False, "null": None}


def is_call(text: str) -> bool:
    """Return whether a string is meant as a call of an intrinsic function."""
    return _CALL.match(text) is not None


@lru_cache(maxsize=4096)
def read_call(text: str) -> Call:
    """Parse a call.

    Raises:
        IntrinsicError: If it is malformed.
    """
    call, at = _call(text, 0, 1)
    at = _blank(text, at)
    if at < len(text):
        raise IntrinsicError(f"has {text[at : at + 20]!r} after its last parenthesis")
    return call


def _call(text: str, at: int, depth: int) -> tuple[Call, int]:
    found = _CALL.match(text, at)
    if found is None:
        raise IntrinsicError(f"has no call at position {at + 1}")
    if depth > DEEPEST:
        raise IntrinsicError(f"nests calls more than {DEEPEST} deep")
    at = _blank(text, found.end())
    arguments: list[Argument] = []
    while not text.startswith(")", at):
        argument, at = _argument(text, at, depth)
        arguments.append(argument)
        at = _blank(text, at)
        if text.startswith(",", at):
            at = _blank(text, at + 1)
            if text.startswith(")", at):
                raise IntrinsicError(f"has a comma with no argument after it, at position {at}")
        elif not text.startswith(")", at):
            raise IntrinsicError(_no_end(text, at))
    return Call(found[1], tuple(arguments)), at + 1


def _no_end(text: str, at: int) -> str:
    if at >= len(text):
        return "has an unclosed parenthesis"
    return f"has {text[at : at + 20]!r} where a comma or a parenthesis is expected; escape a quote in a string as \\'"


def _argument(text: str, at: int, depth: int) -> tuple[Argument, int]:
    if _CALL.match(text, at):
        return _call(text, at, depth + 1)
    if text.startswith("'", at):
        found = _TEXT.match(text, at)
        if found is None:
            raise IntrinsicError(f"has an unclosed quote at position {at + 1}")
        return Literal(re.sub(r"\\(.)", r"\1", found[1]), found[1]), found.end()
    if text.startswith("$", at):
        return _path(text, at)
    for pattern in (_NUMBER, _WORD):
        if found := pattern.match(text, at):
            value = _WORDS[found[0]] if pattern is _WORD else float(found[0])
            return Literal(value, found[0]), found.end()
    shown = text[at : at + 20]
    if not shown:
        raise IntrinsicError("has an unclosed parenthesis")
    raise IntrinsicError(
        f"has {shown!r} where an argument is expected: a path, a number, a call or a string in single quotes"
    )


def _path(text: str, at: int) -> tuple[PathArgument, int]:
    end, depth = at, 0
    while end < len(text) and (depth or text[end] not in ",)"):
        if text[end] in "'\"" and depth:
            closing = text.find(text[end], end + 1)
            end = len(text) if closing < 0 else closing
        depth += (text[end : end + 1] in {"[", "("}) - (text[end : end + 1] in {"]", ")"})
        end += 1
    written = text[at:end].strip()
    try:
        return PathArgument(written, read_path(written)), end
    except PathError as error:
        return PathArgument(written, None, str(error)), end


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
