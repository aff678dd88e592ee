"""A row of the table, and how a structure is held against it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.errors import WHOLE, Finding, FindingKind, Severity
from constructs_ml.sagemaker.relations.conditions import short, shown
from constructs_ml.sagemaker.relations.members import LATER, Structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.sagemaker.relations.conditions import Break, Kind

ANY = "*"
"""The input of every operation."""
_INDEX = re.compile(r"\[[^\]]*\]")
_MEMBERS = ("member", "members", "of", "other", "times", "plus", "fallback")
"""The fields of kinds and conditions that hold names of members."""
_NAMED = re.compile(r"\{([\w.]+)(?:\|(\w+))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What SageMaker asks of several members together.

    Attributes:
        name: What it is called, once in the table.
        of: The operations, or the types of the API's, whose members it is about; ``*`` is the input of every operation.
        must: What must hold.
        source: Where that is written: the page's title.
        fix: What to write instead; ``{Member|default}`` stands for a member's value where it is known.
        each: The list whose items it is about, one by one. The members around the list are named with a ``^``.
        topic: What kind of mistake it finds; the kind's own, unless it is one of its own.
        certain: Whether SageMaker refuses the request for it, or the documentation only advises against it.
    """

    name: str
    of: tuple[str, ...]
    must: Kind
    source: str
    fix: str = ""
    each: str = ""
    topic: str = ""
    certain: bool = True

    @property
    def about(self) -> str:
        """Its topic, or that of its kind."""
        return self.topic or self.must.topic

    @property
    def triggers(self) -> tuple[frozenset[str], ...]:
        """Groups of members of its structure: unless one of each group is there, it cannot be broken."""
        conditions = getattr(self.must, "when", ())
        groups = [(self.each,)] if self.each else [self.must.triggers, *((each.trigger,) for each in conditions)]
        found = (frozenset(name.partition(".")[0].removesuffix("[]") for name in group if name) for group in groups)
        return tuple(dict.fromkeys(group for group in found if group))

    def names_any(self, places: Iterable[str]) -> bool:
        """Return whether it is about one of some places in its structure, or what is in them or around them.

        Args:
            places: Such as ``InputDataConfig[0].ChannelName``.
        """
        plain = [f"{_INDEX.sub('', place)}." for place in places]
        own = [f"{name}.".replace("[]", "") for name in self._names]
        return any(place.startswith(name) or name.startswith(place) for place in plain for name in own)

    @property
    def _names(self) -> Iterator[str]:
        """The members that it names, as paths from its structure."""
        for part in (self.must, *getattr(self.must, "when", ())):
            for name in named(part):
                yield f"{self.each}.{name}" if self.each and not name.startswith("^") else name.removeprefix("^")

    def findings(self, of: Structure) -> list[Finding]:
        """Return where a structure breaks it."""
        found: list[Finding] = []
        for structure in self._items(of) if self.each else (of,):
            if broken := list(self.must.breaks(structure)):
                found += [self._finding(each, structure) for each in broken]
        return found

    def _finding(self, broken: Break, structure: Structure) -> Finding:
        return Finding(
            member=broken.path or WHOLE,
            problem=broken.problem,
            fix=_NAMED.sub(lambda found: _value(structure, found), self.fix),
            rule=FindingKind.RELATION,
            severity=Severity.ERROR if self.certain else Severity.WARNING,
            topic=self.about,
            relation=self.name,
            related=broken.related,
        )

    def _items(self, structure: Structure) -> Iterator[Structure]:
        for item in structure.all(f"{self.each}[]"):
            if isinstance(item.value, dict) and not is_dynamic(item.value):
                yield Structure(item.value, item.path, structure.partial, structure)


def _value(structure: Structure, found: re.Match[str]) -> str:
    value = structure.one(found[1]).value
    if value is None and found[2] is not None:
        return found[2]
    return short(found[1]) if value is None or value is LATER else shown(value)


def named(part: object) -> Iterator[str]:
    """The members that a kind or a condition names."""
    for item in fields(part):  # type: ignore[arg-type] # a dataclass
        if item.name in _MEMBERS:
            found = getattr(part, item.name)
            names = found if isinstance(found, tuple) else (found,)
            yield from (name for name in names if isinstance(name, str) and name)
