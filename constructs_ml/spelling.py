"""Suggestions for misspelt words."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MISSPELT = 0.8
"""A letter wrong in five, or two swapped in ten."""


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return the known words most like this one, ignoring case; best first."""
    by_lower: dict[str, str] = {}
    for name in known:
        by_lower.setdefault(name.lower(), name)
    return [by_lower[lower] for lower in get_close_matches(word.lower(), by_lower, count)]


def is_near(word: str, known: str) -> bool:
    """Return whether a word is a misspelling of a known one, not just similar: ``ec2`` is not ``ecs``."""
    return SequenceMatcher(None, word.lower(), known.lower()).ratio() >= _MISSPELT


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean X?"``, or nothing if no known word is near."""
    near = nearest(word, known)
    return f"; did you mean {near[0]}?" if near else ""
