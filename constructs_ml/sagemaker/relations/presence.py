"""Relations of members that are there with those that are not."""

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
    """Of some members, a number is there.

    Attributes:
        members: The members.
        least: How many at least.
        most: How many at most.
        when: Under what conditions.
    """

    members: tuple[str, ...]
    least: int = 1
    most: int = 1
    when: tuple[Condition, ...] = ()
    topic: str = field(default="alternatives", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """Those of the conditions, or the members where none need be there."""
        return triggers_of(self.when) if self.least else self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """The structure, if too few or too many are."""
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
    """Members are there."""

    members: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    topic: str = field(default="requires", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """Those of the conditions."""
        return triggers_of(self.when)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Those that are not."""
        if holds(self.when, structure):
            for name in self.members:
                for member in structure.all(name):
                    if member.value is None:
                        yield Break(member.path, f"is required{words(self.when, structure)}")


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Members are not there."""

    members: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    topic: str = field(default="excludes", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The members."""
        return self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Those that are."""
        if holds(self.when, structure):
            for name in self.members:
                for member in structure.all(name):
                    if member.is_known:
                        yield Break(member.path, f"cannot be given{words(self.when, structure)}")


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
        """The first that lacks it."""
        members = list(structure.all(self.member))
        lacking = [member for member in members if member.value is None]
        if lacking and len(lacking) < len(members):
            yield Break(lacking[0].path, "is required, as another item has one")
