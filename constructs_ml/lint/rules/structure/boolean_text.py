"""Takes an expression in JSONata apart where ``and``, ``or`` and ``$not`` join its parts."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"""('[^']*'|"[^"]*"|`[^`]*`|/\*.*?\*/)|([(\[{])|([)\]}])|\b(and|or)\b|.""", re.DOTALL)
_OPEN, _CLOSE, _WORD = 2, 3, 4


def split_boolean(text: str) -> tuple[str, list[str]]:
    """What joins the parts of an expression, and the parts.

    Args:
        text: The expression.

    Returns:
        ``and``, ``or`` or ``not``, and the parts; an empty text and no parts if it is none of these.
    """
    text = text.strip()
    for word in ("or", "and"):
        parts = _split(text, word)
        if len(parts) > 1:
            return word, parts
    negated = re.match(r"\$not\s*\(", text)
    start = negated.end() - 1 if negated else 0
    if text[start : start + 1] == "(" and _closes(text, start) == len(text) - 1:
        inner = text[start + 1 : -1].strip()
        return ("not", [inner]) if negated else ("and", [inner])
    return "", []


def _split(text: str, word: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for found in _TOKEN.finditer(text):
        depth += (found.lastindex == _OPEN) - (found.lastindex == _CLOSE)
        if depth == 0 and found.lastindex == _WORD and found[_WORD] == word:
            parts.append(text[start : found.start()].strip())
            start = found.end()
    return [*parts, text[start:].strip()]


def _closes(text: str, start: int) -> int:
    """Where the parenthesis that opens at a place closes; -1 if it does not."""
    depth = 0
    for found in _TOKEN.finditer(text, start):
        depth += (found.lastindex == _OPEN) - (found.lastindex == _CLOSE)
        if depth == 0:
            return found.start()
    return -1
