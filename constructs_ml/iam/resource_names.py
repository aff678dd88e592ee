"""The possible names of a resource in a state's request, as IAM patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from constructs_ml.sagemaker.task_requests import LATER, get

_FORMAT = re.compile(r"States\.Format\(\s*'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_JSONATA = re.compile(r"\{%\s*(?:'([^'\\]*)'|\"([^\"\\]*)\")\s*(&.*)?%\}", re.DOTALL)


def pattern_of(body: Mapping[str, Any], *names: str) -> str | None:
    """Return a pattern of the strings that a member can be; None if it is absent, ``*`` if nothing is known of it."""
    value = get(body, *names)
    if value is None:
        return None
    if value is not LATER:
        return value if isinstance(value, str) and value else "*"
    return _later(_written(body, names))


def _written(value: Any, names: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    """Return a member that is known only later, in its written form."""
    for name in names:
        if not isinstance(value, Mapping):
            return None
        value = value.get(f"{name}.$", value.get(name))
    return value


def _later(written: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(written, str):
        return "*"
    formatted = _FORMAT.match(written)
    if formatted:
        return _ESCAPE.sub(r"\1", re.sub(r"(?<!\\)\{\}", "*", formatted[1]))
    joined = _JSONATA.fullmatch(written)
    if joined:
        start = joined[1] if joined[1] is not None else joined[2]
        return f"{start}*" if joined[3] else start
    return written if "${" in written and not written.startswith(("$.", "$$", "{%", "States.")) else "*"
