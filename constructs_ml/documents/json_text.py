"""A strict parser of JSON: no NaN, no endless numbers, no half surrogates, no bottomless nesting."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


Json = Any
DEEPEST = 100
"""The greatest depth of objects and lists: 20 nested Parallel states are about 80 levels."""
MOST_DIGITS = 308
"""The greatest number of digits: JSON's numbers are doubles on AWS."""
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_CONSTANTS = {"NaN": r"(?<=[\s:,\[])NaN", "Infinity": r"(?<=[\s:,\[])Infinity", "-Infinity": "-Infinity"}


class InvalidTextError(ValueError):
    """A string cannot be parsed.

    Attributes:
        problem: The problem: ``is not JSON: ...``.
        line: The line; 0 if it is unknown.
    """

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(f"{problem} (line {line})" if line else problem)
        self.problem = problem
        self.line = line

    def of(self, path: Path) -> str:
        """Return the message about a file."""
        return f"{path}:{self.line} {self.problem}" if self.line else f"{path} {self.problem}"


class _UnfitError(Exception):
    """A number or constant that only Python accepts."""

    def __init__(self, found: str, why: str) -> None:
        super().__init__(why)
        self.found = found


def parse_json(text: str, hook: Callable[[list[tuple[str, Json]]], Json] | None = None) -> Json:
    """Parse JSON.

    Args:
        text: The text.
        hook: A function that makes an object from its members.

    Raises:
        InvalidTextError: If it is not JSON, or larger than any reader on AWS accepts.
    """
    try:
        found = json.loads(
            text, object_pairs_hook=hook, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise InvalidTextError(f"is not JSON: {error.msg}", error.lineno) from error
    except _UnfitError as error:
        first = re.search(_CONSTANTS.get(error.found, re.escape(error.found)), text)
        line = text.count("\n", 0, first.start()) + 1 if first else 0
        raise InvalidTextError(f"is not JSON: {error}", line) from error
    except RecursionError as error:
        raise too_deep() from error
    refuse_excess(found, halves=_HALF.search(text) is not None)
    return found


def refuse_excess(value: Json, *, halves: bool) -> None:
    """Refuse data that are nested too deeply, and strings with half surrogates.

    Args:
        value: The data.
        halves: True if there may be half surrogates.

    Raises:
        InvalidTextError: If there is one of these.
    """
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        if not level:
            return
        below = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
        if halves:
            _refuse_halves([*below, *(name for item in level if isinstance(item, dict) for name in item)])
        level = [inner for inner in below if isinstance(inner, (dict, list))]
    if level:
        raise too_deep()


def too_deep() -> InvalidTextError:
    """Return the error for data that are nested too deeply."""
    return InvalidTextError(f"is nested too deeply: {DEEPEST} levels of objects and lists are allowed")


def long_number(digits: int) -> str:
    """Return the problem of a number that no double can be."""
    return f"a number of {digits} digits; at most {MOST_DIGITS} are allowed"


def _refuse_halves(texts: list[Json]) -> None:
    for text in texts:
        if isinstance(text, str) and not _is_whole(text):
            raise InvalidTextError(
                f"has a string with half of a surrogate pair, which is not a character: {ascii(text)[:60]}"
            )


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _UnfitError(text, long_number(len(text.lstrip("-"))))
    return int(text)


def _decimal(text: str) -> float:
    found = float(text)
    if found in {float("inf"), float("-inf")}:
        raise _UnfitError(text, f"the number {text[:20]} is beyond the range of a double")
    return found


def _constant(name: str) -> Json:
    raise _UnfitError(name, f"{name} is not a JSON number")


class Written(dict[str, Json]):
    """An object with the names that it was written with more than once.

    Attributes:
        twice: The names that were written more than once.
    """

    twice: tuple[str, ...] = ()

    def note(self, names: Iterable[str]) -> None:
        """Note the names, as they were written."""
        self.twice = tuple(name for name, times in Counter(names).items() if times > 1)


def written(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Return an object of these members: an ``object_pairs_hook`` of ``json``."""
    made = dict(pairs)
    if len(made) < len(pairs):
        made = Written(made)
        made.note(name for name, _ in pairs)
    return made


def written_twice(value: Json) -> tuple[str, ...]:
    """Return the names that an object was written with more than once; empty for other values."""
    return value.twice if isinstance(value, Written) else ()


def like(value: Mapping[str, Json], made: dict[str, Json]) -> dict[str, Json]:
    """Return ``made`` with the names that the original object was written with more than once."""
    if not written_twice(value):
        return made
    same = Written(made)
    same.twice = written_twice(value)
    return same
