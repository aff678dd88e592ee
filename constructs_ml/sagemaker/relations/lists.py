"""Relations between the items of lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.sagemaker.relations.conditions import Break, holds, short, words
from constructs_ml.sagemaker.relations.members import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.sagemaker.relations.conditions import Condition
    from constructs_ml.sagemaker.relations.members import Structure


@dataclass(frozen=True, slots=True)
class Distinct:
    """Members in lists have distinct values, across all the named members.

    Attributes:
        members: The members.
        paths: True if the values are folders, where a final slash makes no difference.
    """

    members: tuple[str, ...]
    paths: bool = False
    topic: str = field(default="distinct", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The members."""
        return self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the members whose value occurred before."""
        first: dict[object, str] = {}
        for name in self.members:
            for member in structure.known(name):
                if isinstance(member.value, (str, int)):
                    key = str(member.value).rstrip("/") if self.paths else member.value
                    if key in first:
                        yield Break(member.path, f"is {member.value!r}, the same as {_holder(first[key])}")
                    first.setdefault(key, member.path)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Folders differ from those of other members.

    Attributes:
        members: The members.
        of: The other members.
    """

    members: tuple[str, ...]
    of: tuple[str, ...]
    topic: str = field(default="distinct", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The members."""
        return self.members

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the members with a folder of another."""
        others = {str(member.value).rstrip("/"): member.path for name in self.of for member in structure.known(name)}
        for name in self.members:
            for member in structure.known(name):
                if str(member.value).rstrip("/") in others:
                    other = others[str(member.value).rstrip("/")]
                    yield Break(member.path, f"is {member.value!r}, the same as {_holder(other)}")


@dataclass(frozen=True, slots=True)
class Named:
    """Members hold names that are defined elsewhere in the request.

    Attributes:
        member: The member that holds the name.
        of: The members that define names.
        when: The conditions under which it applies.
    """

    member: str
    of: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    topic: str = field(default="references", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The member that holds the name."""
        return (self.member,)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the members with undefined names."""
        there = [member.value for name in self.of for member in structure.all(name)]
        if LATER in there or not holds(self.when, structure):
            return
        known = sorted(str(value) for value in there if value is not None)
        for member in structure.all(self.member):
            if member.is_known and str(member.value) not in known:
                listed = ", ".join(known) or "none"
                problem = (
                    f"must be one of {short(self.of[0])} in {_list_of(self.of[0])}: {listed}, got {member.value!r}"
                )
                yield Break(member.path, problem)


@dataclass(frozen=True, slots=True)
class Apart:
    """The keys of a map are not among the values of members elsewhere."""

    member: str
    of: tuple[str, ...]
    topic: str = field(default="distinct", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The member."""
        return (self.member,)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the keys that are in the list."""
        keys = structure.one(self.member)
        if not isinstance(keys.value, dict):
            return
        for name in self.of:
            for member in structure.all(name):
                if member.is_known and member.value in keys.value:
                    yield Break(member.path, f"is {member.value!r}, the same as a key of {short(self.member)}")


@dataclass(frozen=True, slots=True)
class Length:
    """A list has at most so many items."""

    member: str
    most: int
    when: tuple[Condition, ...] = ()
    topic: str = field(default="limits", init=False)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The member."""
        return (self.member,)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the list if it has more items."""
        member = structure.one(self.member)
        if isinstance(member.value, (list, tuple)) and len(member.value) > self.most and holds(self.when, structure):
            items = "item" if self.most == 1 else "items"
            problem = f"must have at most {self.most} {items}{words(self.when, structure)}, got {len(member.value)}"
            yield Break(member.path, problem)


def _holder(path: str) -> str:
    """Return the words for a member: the item that contains it, or its path."""
    item, bracket, _ = path.rpartition("]")
    return f"that of {item}]" if bracket else path


def _list_of(member: str) -> str:
    return member.rpartition("[]")[0]
