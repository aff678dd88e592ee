"""Relations between the values of members."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.sagemaker.relations.conditions import Break, holds, same, short, shown, triggers_of, value_of, words
from constructs_ml.sagemaker.relations.members import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.sagemaker.relations.conditions import Condition
    from constructs_ml.sagemaker.relations.members import Member, Structure


@dataclass(frozen=True, slots=True)
class Values:
    """Members have one of some values.

    Attributes:
        members: The members.
        values: The values.
        default: The value that SageMaker assumes for an absent member; None if an absent member is not checked.
        fallback: The member whose value counts for an absent one.
        when: The conditions under which it applies.
    """

    members: tuple[str, ...]
    values: tuple[Any, ...]
    default: Any = None
    fallback: str = ""
    when: tuple[Condition, ...] = ()
    topic: str = field(default="values", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The members, or those of the conditions if an absent member has a default."""
        return triggers_of(self.when) if self.fallback or self.default is not None else self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the members with other values."""
        if not holds(self.when, structure):
            return
        for name in self.members:
            for member in structure.all(name):
                value = self._value(structure, name, member)
                if value is None or value is LATER or any(same(value, allowed) for allowed in self.values):
                    continue
                one = len(self.values) == 1
                allowed = ", ".join(shown(item, quote=one) for item in self.values)
                got = "none" if member.value is None and not self.fallback else shown(value, quote=True)
                number = "" if one else "one of "
                yield Break(member.path, f"must be {number}{allowed}{words(self.when, structure)}, got {got}")

    def _value(self, structure: Structure, name: str, member: Member) -> Any:  # noqa: ANN401 - JSON
        if member.value is None and "[]" not in name:
            return value_of(structure, name, self.default, self.fallback)
        return self.default if member.value is None else member.value


@dataclass(frozen=True, slots=True)
class Compared:
    """A number is above, below, at least or at most another.

    Attributes:
        member: The member: a number, or a string that is one.
        how: ``at most``, ``at least``, ``above`` or ``below``.
        other: The other member, or a number.
        default: The value that SageMaker assumes if the other member is absent.
        times: A member to multiply the first by; if it is absent, nothing is compared.
        plus: A member to add to the first, likewise.
        when: The conditions under which it applies.
    """

    member: str
    how: str
    other: str | float
    default: float | None = None
    times: str = ""
    plus: str = ""
    when: tuple[Condition, ...] = ()
    topic: str = field(default="limits", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The member."""
        return (self.member,)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the member if the comparison fails."""
        member = structure.one(self.member)
        value, limit = number(member.value), self._limit(structure)
        if value is None or limit is None or not holds(self.when, structure):
            return
        got, prefix = shown(member.value, quote=True), ""
        for sign, name in (("x", self.times), ("+", self.plus)):
            if name:
                more = number(structure.one(name).value)
                if more is None:
                    return
                got = f"{got} {sign} {shown(structure.one(name).value, quote=True)}"
                prefix = f"{'times' if sign == 'x' else 'plus'} {short(name)} "
                value = value * more if sign == "x" else value + more
        if not _COMPARISONS[self.how](value, limit):
            when = words(self.when, structure)
            comma = "," if when and isinstance(self.other, str) else ""
            yield Break(member.path, f"{prefix}must be {self._bound(limit)}{comma}{when}, got {got}")

    def _limit(self, structure: Structure) -> float | None:
        if not isinstance(self.other, str):
            return self.other
        other = structure.one(self.other).value
        return number(self.default if other is None else other)

    def _bound(self, limit: float) -> str:
        known = f"{limit:.15g}"
        return f"{self.how} {short(self.other)}, {known}" if isinstance(self.other, str) else f"{self.how} {known}"


@dataclass(frozen=True, slots=True)
class Same:
    """The values of a member in the items of a list are the same."""

    member: str
    topic: str = field(default="values", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The member."""
        return (self.member,)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the first member that differs."""
        known = [member for member in structure.all(self.member) if member.is_known]
        for member in known:
            if member.value != known[0].value:
                problem = f"must be {known[0].value!r}, as in the other items, got {member.value!r}"
                yield Break(member.path, problem)
                return


@dataclass(frozen=True, slots=True)
class Ending:
    """A string has a suffix, or none of some; the part before it may be known only later.

    Attributes:
        member: The member.
        endings: The suffixes.
        wanted: True if it must have one of them, False if it must have none.
        when: The conditions under which it applies.
    """

    member: str
    endings: tuple[str, ...]
    wanted: bool = True
    when: tuple[Condition, ...] = ()
    topic: str = field(default="values", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The member."""
        return (self.member,)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the member if its string ends otherwise."""
        member = structure.one(self.member)
        text = member.ending
        if not text or not holds(self.when, structure):
            return
        found = next((ending for ending in self.endings if text.endswith(ending)), None)
        if (found is not None) is not self.wanted:
            must, ending = ("must", self.endings[0]) if found is None else ("cannot", found)
            got = text if member.is_known else f"...{text}"
            yield Break(member.path, f"{must} end in {ending!r}{words(self.when, structure)}, got {got!r}")


@dataclass(frozen=True, slots=True)
class Below:
    """Paths are below a folder."""

    members: tuple[str, ...]
    folder: str
    topic: str = field(default="values", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The members."""
        return self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the paths that are elsewhere."""
        for name in self.members:
            for member in structure.all(name):
                path = member.value
                if isinstance(path, str) and not path.rstrip("/").startswith(f"{self.folder}/"):
                    yield Break(member.path, f"must be below {self.folder}/, got {path!r}")


def number(value: object) -> float | None:
    """Return a number, or the number that a string is; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


_COMPARISONS: Mapping[str, Any] = {
    "at most": lambda value, limit: value <= limit,
    "at least": lambda value, limit: value >= limit,
    "above": lambda value, limit: value > limit,
    "below": lambda value, limit: value < limit,
}
