"""JavaScript's regular expressions, and their matches as values of an expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.expressions.values import failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonata.regex_engine import RegexFlags

_TOKEN = re.compile(r"\\(?:k<\w+>|u[0-9A-Fa-f]{4}|.)|\(\?<(?=\w)|\[\^?\]|\[\^?|\]|[.$]|[^\\]", re.DOTALL)
_CLASSES = {r"\d": "0-9", r"\w": "A-Za-z0-9_"}
_LINE_END = r"\n\r\u2028\u2029"


def compiled(pattern: str, flags: RegexFlags) -> re.Pattern[str]:
    """Return the Python pattern that matches the same as one of JavaScript."""
    parts: list[str] = []
    inside = False
    for part in _TOKEN.findall(pattern):
        if inside:
            inside = part != "]"
            # Of a bracket within brackets, Python may make a set of its own some day.
            parts.append(_CLASSES.get(part, "\\[" if part == "[" else part))
            continue
        inside = part in {"[", "[^"}
        parts.append(_outside(part, multiline=flags.multiline))
    found = (re.IGNORECASE if flags.case_insensitive else 0) | (re.MULTILINE if flags.multiline else 0)
    return re.compile("".join(parts), found)


def _outside(token: str, *, multiline: bool) -> str:
    if token in _CLASSES:
        return f"[{_CLASSES[token]}]"
    if token in {r"\D", r"\W"}:
        return f"[^{_CLASSES[token.lower()]}]"
    if token.startswith(r"\k<"):
        return f"(?P={token[3:-1]})"
    replaced = {"$": "$" if multiline else r"\Z", ".": f"[^{_LINE_END}]", "(?<": "(?P<", "[]": "(?!)", "[^]": r"[\s\S]"}
    return replaced.get(token, token)


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches in a string, one after the other.

    Raises:
        JException: If one has no character.
    """
    for match in pattern.finditer(text):
        if not match.group():
            raise failure("D1004", f"Regular expression matches zero length string: {pattern.pattern}")
        yield match


def as_object(match: re.Match[str]) -> dict[str, Any]:
    """Return a match in the form that a replacing function gets."""
    return {"match": match.group(), "start": match.start(), "end": match.end(), "groups": list(match.groups())}
