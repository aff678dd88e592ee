"""Objects of JSON and YAML that know which of their names were written twice, of which Python keeps the last alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = Any


class Written(dict[str, Json]):
    """An object as it was written.

    Attributes:
        twice: The names that were written more than once.
    """

    twice: tuple[str, ...] = ()

    def note(self, names: Iterable[str]) -> None:
        """Takes the names in, as they were written."""
        self.twice = tuple(name for name, times in Counter(names).items() if times > 1)


def written(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """An object of these members: an ``object_pairs_hook`` of ``json``."""
    made = dict(pairs)
    if len(made) < len(pairs):
        made = Written(made)
        made.note(name for name, _ in pairs)
    return made


def written_twice(value: Json) -> tuple[str, ...]:
    """The names that an object was written with more than once; none of anything else."""
    return value.twice if isinstance(value, Written) else ()


def like(value: Mapping[str, Json], made: dict[str, Json]) -> dict[str, Json]:
    """What was made of an object, which knows what the object knew."""
    if not written_twice(value):
        return made
    same = Written(made)
    same.twice = written_twice(value)
    return same
