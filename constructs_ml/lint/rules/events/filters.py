"""The content filters of event patterns: ``{"prefix": "Fail"}``.

Source: "Comparison operators for use in event patterns in Amazon EventBridge"; aws/event-ruler, which it uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_open

if TYPE_CHECKING:
    from collections.abc import Callable

Json = Any
_ANYTHING_BUT = "anything-but"
FILTERS = frozenset(
    ["prefix", "suffix", "equals-ignore-case", "wildcard", _ANYTHING_BUT, "numeric", "exists", "cidr", "exactly"]
)
"""The names of the filters."""


def excluded(item: Json) -> list[str]:
    """Return the strings that an anything-but filter excludes."""
    value = item.get(_ANYTHING_BUT) if isinstance(item, Mapping) else None
    listed = value if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str) and not is_open(text)]


def may_match(item: Mapping[str, Json], texts: tuple[str, ...]) -> bool:
    """Return whether a filter may match any of these strings."""
    name, value = next(iter(item.items()), ("", None))
    if name == "numeric":
        return False
    ignored = value.get("equals-ignore-case") if isinstance(value, Mapping) else None
    ignoring = ignored is not None
    wanted = ignored if ignoring else value
    match = _MATCHES.get(name)
    if match is None or not isinstance(wanted, str) or is_open(wanted):
        return True
    if ignoring:
        return any(match(text.lower(), wanted.lower()) for text in texts)
    return any(match(text, wanted) for text in texts)


def _like(text: str, wanted: str) -> bool:
    parts = re.findall(r"\\.|\*|.", wanted, re.DOTALL)
    pattern = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    return re.fullmatch(pattern, text, re.DOTALL) is not None


_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "equals-ignore-case": lambda text, wanted: text.lower() == wanted.lower(),
    "wildcard": _like,
    "exactly": str.__eq__,
}
