"""Detail-types that are meant by others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.spelling import is_near

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 2
_SAME = {"state", "status"}


def meant(given: str, known: Iterable[str]) -> str:
    """The detail-type that is written in another way, or with a misspelt word or two; empty if none is.

    Types differ by their words: a type with another word is another type, which may be new.
    """
    found: dict[str, int] = {}
    for name in known:
        if _squeezed(given) in {_squeezed(name), _squeezed(name.partition(" ")[2])}:
            return name
        wrong = _wrong_words(given.lower().split(), name.lower().split())
        if wrong is not None:
            found[name] = wrong
    return min(found, key=lambda name: (found[name], name)) if found else ""


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).lower()


def _wrong_words(given: list[str], known: list[str]) -> int | None:
    """How many words are misspelt; None if there are too many, or others."""
    if len(given) != len(known):
        return None
    pairs = [(one, other) for one, other in zip(given, known, strict=True) if one != other]
    misspelt = all({one, other} == _SAME or is_near(one, other) for one, other in pairs)
    return len(pairs) if misspelt and len(pairs) <= _MOST else None
