"""String functions."""

from __future__ import annotations

import base64
import math
import re
from typing import TYPE_CHECKING

from jsonata.functions import Functions
from jsonata.utils import Utils

from constructs_ml.interpreter.expressions.patterns import as_object, matches
from constructs_ml.interpreter.expressions.values import Value, failure, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

_REFERENCE = re.compile(r"\$(\$|\d*)")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_OF_URLS = frozenset(";/?:@&=+$,#")
"""Characters with a meaning in a URL, which stay escaped in a whole one."""


def string(value: Value, pretty: Value = None) -> Value:
    """A value as text."""
    if value is None:
        return None
    wrapped = isinstance(value, Utils.JList) and value.outer_wrapper
    return text_of(value[0] if wrapped else value, pretty=bool(pretty))


def lowercase(text: Value) -> Value:
    """A string in lower case."""
    return None if text is None else text.lower()


def contains(text: Value, token: Value) -> Value:
    """Return whether a string contains another, or a match of a pattern."""
    if text is None:
        return None
    return token in text if isinstance(token, str) else next(matches(_pattern(token), text), None) is not None


def match(text: Value, pattern: Value, limit: Value = None) -> Value:
    """The matches of a pattern.

    Raises:
        JException: If the limit is negative.
    """
    if text is None:
        return None
    found = Utils.create_sequence()
    for each in matches(_pattern(pattern), text) if _more(0, limit, "D3040") else ():
        found.append({"match": each.group(), "index": each.start(), "groups": list(each.groups())})
        if not _more(len(found), limit, "D3040"):
            break
    return found


def split(text: Value, separator: Value, limit: Value = None) -> Value:
    """The parts of a string.

    Raises:
        JException: If the limit is negative.
    """
    if text is None:
        return None
    if not _more(0, limit, "D3020"):
        return []
    if isinstance(separator, str):
        parts = text.split(separator) if separator else list(text)
        return parts if limit is None else parts[: math.floor(limit)]
    parts, start = [], 0
    for each in matches(_pattern(separator), text):
        parts.append(text[start : each.start()])
        start = each.end()
        if not _more(len(parts), limit, "D3020"):
            return parts
    return [*parts, text[start:]]


def replace(text: Value, pattern: Value, replacement: Value, limit: Value = None) -> Value:
    """A string with something replaced.

    Raises:
        JException: If the pattern is empty, the limit negative, or a function returns no string.
    """
    if text is None:
        return None
    if pattern == "":
        raise failure("D3010", "Second argument of replace function cannot be an empty string")
    if not _more(0, limit, "D3011"):
        return str(text)
    if isinstance(pattern, str):
        if not isinstance(replacement, str):
            raise failure("T0410", 'Argument 3 of function "replace" does not match function signature')
        return text.replace(pattern, replacement, -1 if limit is None else math.ceil(min(limit, len(text))))
    parts: list[str] = []
    start = 0
    for count, each in enumerate(matches(_pattern(pattern), text), start=1):
        parts += [text[start : each.start()], _replaced(each, replacement)]
        start = each.end()
        if not _more(count, limit, "D3011"):
            break
    return "".join([*parts, text[start:]])


def base64encode(text: Value) -> Value:
    """Encode a string in base 64, with one byte for each character: the lower byte of its code."""
    return None if text is None else base64.b64encode(bytes(ord(each) & 0xFF for each in text)).decode()


def base64decode(text: Value) -> Value:
    """Decode base 64, with one character for each byte; other characters are ignored."""
    if text is None:
        return None
    written = _NOT_BASE64.sub("", text.partition("=")[0].replace("-", "+").replace("_", "/"))
    whole = written[: len(written) - (len(written) % 4 == 1)]
    return base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("latin-1")


def decode_url_component(text: Value) -> Value:
    """A part of a URL without its escapes.

    Raises:
        JException: If an escape is invalid, or they are not UTF-8.
    """
    return None if text is None else _unescaped(text, frozenset(), "decodeUrlComponent")


def decode_url(text: Value) -> Value:
    """Decode the escapes of a URL, except those of characters that would change its meaning.

    Raises:
        JException: If an escape is invalid, or they are not UTF-8.
    """
    return None if text is None else _unescaped(text, _OF_URLS, "decodeUrl")


def _unescaped(text: str, kept: frozenset[str], name: str) -> str:
    def write(escapes: re.Match[str]) -> str:
        characters = bytes.fromhex(escapes[0].replace("%", "")).decode()
        parts, at = [], 0
        for each in characters:
            end = at + 3 * len(each.encode())
            parts.append(escapes[0][at:end] if each in kept else each)
            at = end
        return "".join(parts)

    malformed = failure("D3140", f'Malformed URL passed to ${name}(): "{text}"')
    if "%" in _ESCAPES.sub("", text):
        raise malformed
    try:
        return _ESCAPES.sub(write, text)
    except UnicodeDecodeError as error:
        raise malformed from error


def _pattern(value: Value) -> re.Pattern[str]:
    if not isinstance(value, re.Pattern):
        raise failure("T1010", "The matcher function argument passed does not return the correct object structure")
    return value


def _more(count: int, limit: Value, code: str) -> bool:
    """Return whether there may be more than so many.

    Raises:
        JException: If the limit is negative.
    """
    if limit is not None and limit < 0:
        raise failure(code, f"the limit must be a positive number, got {limit}")
    return limit is None or count < limit


def _replaced(found: re.Match[str], replacement: Value) -> str:
    if isinstance(replacement, str):
        return _REFERENCE.sub(_referred(found), replacement)
    text = Functions.func_apply(replacement, [as_object(found)])
    if not isinstance(text, str):
        raise failure("D3012", "Attempted to replace a matched string with a non-string value")
    return text


def _referred(found: re.Match[str]) -> Callable[[re.Match[str]], str]:
    """Return the string that ``$1`` and the like in a replacement stand for."""
    known = len(found.groups())
    most = len(str(known)) if known else 1

    def write(reference: re.Match[str]) -> str:
        digits = reference[1]
        if digits == "$" or not digits:
            return "$"
        if digits.startswith("0"):
            return found.group() + digits[1:]
        number = digits[:most]
        if len(number) > 1 and int(number) > known:
            number = number[:-1]
        group = found.group(int(number)) if int(number) <= known else ""
        return (group or "") + digits[len(number) :]

    return write
