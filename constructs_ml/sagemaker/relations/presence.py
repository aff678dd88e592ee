"""Relations between present and absent members."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.sagemaker.relations.conditions import Break, holds, triggers_of, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.sagemaker.relations.conditions import Condition
    from constructs_ml.sagemaker.relations.members import Structure


@dataclass(frozen=True, slots=True)
class OneOf:
    """A number of some members is present.

    Attributes:
        members: The members.
        least: The least number.
        most: The greatest number.
        when: The conditions under which it applies.
    """

    members: tuple[str, ...]
    least: int = 1
    most: int = 1
    when: tuple[Condition, ...] = ()
    topic: str = field(default="alternatives", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """Those of the conditions, or the members if none needs to be present."""
        return triggers_of(self.when) if self.least else self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the structure if too few or too many members are present."""
        if not holds(self.when, structure):
            return
        given, later = [], False
        for name in self.members:
            state = structure.state(name)
            given += [name] if state else []
            later |= state is None
        if len(given) > self.most or (len(given) < self.least and not later):
            number = "exactly one" if self.least == self.most else "at least one" if self.least else "at most one"
            names = f"{', '.join(self.members[:-1])} and {self.members[-1]}"
            got = "both" if len(given) == len(self.members) == 2 else " and ".join(given) or "none"  # noqa: PLR2004 - two
            related = tuple(member.path for name in self.members for member in structure.all(name))
            yield Break(structure.path, f"must have {number} of {names}, got {got}", related)


@dataclass(frozen=True, slots=True)
class Required:
    """Members are present."""

    members: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    topic: str = field(default="requires", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """Those of the conditions."""
        return triggers_of(self.when)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield those that are absent."""
        if holds(self.when, structure):
            for name in self.members:
                for member in structure.all(name):
                    if member.value is None:
                        yield Break(member.path, f"is required{words(self.when, structure)}")


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Members are absent."""

    members: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    topic: str = field(default="excludes", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The members."""
        return self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield those that are present."""
        if holds(self.when, structure):
            for name in self.members:
                for member in structure.all(name):
                    if member.is_known:
                        yield Break(member.path, _refused(words(self.when, structure)))


@dataclass(frozen=True, slots=True)
class Uniform:
    """All items of a list have a member, or none has."""

    member: str
    topic: str = field(default="requires", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The member."""
        return (self.member,)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the first item that lacks it."""
        members = list(structure.all(self.member))
        lacking = [member for member in members if member.value is None]
        if lacking and len(lacking) < len(members):
            yield Break(lacking[0].path, "is required, as another item has one")


def _refused(conditions: str) -> str:
    return f"{'cannot be combined' if conditions.startswith(' with ') else 'is not allowed'}{conditions}"
