"""A row of the table, and the check of a structure against it."""

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
    """A constraint of SageMaker on several members together.

    Attributes:
        name: Its unique name in the table.
        of: The operations or API types whose members it constrains; ``*`` is the input of every operation.
        must: The constraint.
        source: The title of the page that documents it.
        fix: The fix; ``{Member|default}`` stands for a member's value if it is known.
        each: The list to whose items it applies, one by one. A ``^`` marks members outside the list.
        topic: The kind of mistake that it finds; empty for that of ``must``.
        certain: True if SageMaker refuses the request, False if the documentation only advises against it.
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
        """Groups of members of its structure: it can be broken only if a member of each group is present."""
        conditions = getattr(self.must, "when", ())
        groups = [(self.each,)] if self.each else [self.must.triggers, *((each.trigger,) for each in conditions)]
        found = (frozenset(name.partition(".")[0].removesuffix("[]") for name in group if name) for group in groups)
        return tuple(dict.fromkeys(group for group in found if group))

    def names_any(self, places: Iterable[str]) -> bool:
        """Return whether it concerns one of some places in its structure, or their contents or containers.

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
        """Return the findings about a structure that breaks it."""
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
    """Yield the members that a kind or a condition names."""
    for item in fields(part):  # type: ignore[arg-type] # a dataclass
        if item.name in _MEMBERS:
            found = getattr(part, item.name)
            names = found if isinstance(found, tuple) else (found,)
            yield from (name for name in names if isinstance(name, str) and name)
