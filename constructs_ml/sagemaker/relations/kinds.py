"""The vocabulary that relations are written in: each kind finds where a structure breaks it.

All of them are silent where what they compare is known only later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.sagemaker.relations.conditions import same, short, shown, value_of
from constructs_ml.sagemaker.relations.members import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.sagemaker.relations.conditions import Condition
    from constructs_ml.sagemaker.relations.members import Member, Structure


@dataclass(frozen=True, slots=True)
class Break:
    """Where a structure breaks a relation.

    Attributes:
        path: The member at fault.
        problem: What must hold, and what was got.
        related: The members that it is about, where they are alternatives.
    """

    path: str
    problem: str
    related: tuple[str, ...] = ()


class Kind(Protocol):
    """What must hold."""

    @property
    def topic(self) -> str:
        """What kind of mistake it finds."""

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Where it does not."""


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

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """The structure, if too few or too many are."""
        if not holds(self.when, structure):
            return
        states = {name: structure.state(name) for name in self.members}
        given = [name for name, state in states.items() if state]
        if len(given) > self.most or (len(given) < self.least and None not in states.values()):
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

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Those that are."""
        if holds(self.when, structure):
            for name in self.members:
                for member in structure.all(name):
                    if member.is_known:
                        yield Break(member.path, f"cannot be given{words(self.when, structure)}")


@dataclass(frozen=True, slots=True)
class Values:
    """Members have one of some values.

    Attributes:
        members: The members.
        values: The values.
        default: What SageMaker takes a member for that is not there; None if it is not looked at then.
        fallback: The member whose value holds where one is not there.
        when: Under what conditions.
    """

    members: tuple[str, ...]
    values: tuple[Any, ...]
    default: Any = None
    fallback: str = ""
    when: tuple[Condition, ...] = ()
    topic: str = field(default="values", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Members with others."""
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
        member: The member; a number, or a text that is one.
        how: ``at most``, ``at least``, ``above`` or ``below``.
        other: The other member, or a number.
        default: What SageMaker takes the other member for where it is not there.
        times: A member that the first is multiplied with; nothing is compared where it is not there.
        plus: A member that is added to the first.
        when: Under what conditions.
    """

    member: str
    how: str
    other: str | float
    default: float | None = None
    times: str = ""
    plus: str = ""
    when: tuple[Condition, ...] = ()
    topic: str = field(default="limits", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """The member, if it is not."""
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
            yield Break(member.path, f"{prefix}must be {self._bound(limit)}{words(self.when, structure)}, got {got}")

    def _limit(self, structure: Structure) -> float | None:
        if not isinstance(self.other, str):
            return self.other
        other = structure.one(self.other).value
        return number(self.default if other is None else other)

    def _bound(self, limit: float) -> str:
        known = f"{limit:.15g}"
        return f"{self.how} {short(self.other)}, {known}" if isinstance(self.other, str) else f"{self.how} {known}"


@dataclass(frozen=True, slots=True)
class Distinct:
    """The values of members in lists are different; of all the named members together.

    Attributes:
        members: The members.
        paths: Whether the values are folders, of which one may end in a slash.
    """

    members: tuple[str, ...]
    paths: bool = False
    topic: str = field(default="distinct", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Members with a value that another had before."""
        first: dict[object, str] = {}
        for name in self.members:
            for member in structure.all(name):
                if member.is_known and isinstance(member.value, (str, int)):
                    key = str(member.value).rstrip("/") if self.paths else member.value
                    if key in first:
                        yield Break(member.path, f"is {member.value!r}, as {_holder(first[key])} is")
                    first.setdefault(key, member.path)


@dataclass(frozen=True, slots=True)
class Same:
    """The values of a member in the items of a list are the same."""

    member: str
    topic: str = field(default="values", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """The first that differs."""
        known = [member for member in structure.all(self.member) if member.is_known]
        for member in known:
            if member.value != known[0].value:
                problem = f"must be {known[0].value!r}, as in the other items, got {member.value!r}"
                yield Break(member.path, problem)
                return


@dataclass(frozen=True, slots=True)
class Uniform:
    """All items of a list have a member, or none has."""

    member: str
    topic: str = field(default="requires", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """The first that lacks it."""
        members = list(structure.all(self.member))
        lacking = [member for member in members if member.value is None]
        if lacking and len(lacking) < len(members):
            yield Break(lacking[0].path, "is required, as another item has one")


@dataclass(frozen=True, slots=True)
class Named:
    """Members name what stands elsewhere in the request.

    Attributes:
        member: The member that names.
        of: The members with the names that there are.
        when: Under what conditions.
    """

    member: str
    of: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    topic: str = field(default="references", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Members with other names."""
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

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Keys that are."""
        keys = structure.one(self.member)
        if not isinstance(keys.value, dict):
            return
        for name in self.of:
            for member in structure.all(name):
                if member.is_known and member.value in keys.value:
                    yield Break(member.path, f"is {member.value!r}, as a key of {short(self.member)} is")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Folders are not those of other members.

    Attributes:
        members: The members.
        of: The other members.
    """

    members: tuple[str, ...]
    of: tuple[str, ...]
    topic: str = field(default="distinct", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Members that are."""
        others = {
            str(member.value).rstrip("/"): member.path
            for name in self.of
            for member in structure.all(name)
            if member.is_known
        }
        for name in self.members:
            for member in structure.all(name):
                if member.is_known and str(member.value).rstrip("/") in others:
                    other = others[str(member.value).rstrip("/")]
                    yield Break(member.path, f"is {member.value!r}, as {_holder(other)} is")


@dataclass(frozen=True, slots=True)
class Below:
    """Paths are below a folder."""

    members: tuple[str, ...]
    folder: str
    topic: str = field(default="values", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Those that are not."""
        for name in self.members:
            for member in structure.all(name):
                path = member.value
                if isinstance(path, str) and not path.rstrip("/").startswith(f"{self.folder}/"):
                    yield Break(member.path, f"must be below {self.folder}/, got {path!r}")


@dataclass(frozen=True, slots=True)
class Length:
    """A list has at most so many items."""

    member: str
    most: int
    when: tuple[Condition, ...] = ()
    topic: str = field(default="limits", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """The list, if it has more."""
        member = structure.one(self.member)
        if isinstance(member.value, (list, tuple)) and len(member.value) > self.most and holds(self.when, structure):
            items = "item" if self.most == 1 else "items"
            problem = f"must have at most {self.most} {items}{words(self.when, structure)}, got {len(member.value)}"
            yield Break(member.path, problem)


@dataclass(frozen=True, slots=True)
class Ending:
    """A text ends with another, or does not.

    Attributes:
        member: The member.
        ending: How it ends.
        wanted: Whether it must.
        when: Under what conditions.
    """

    member: str
    ending: str
    wanted: bool = True
    when: tuple[Condition, ...] = ()
    topic: str = field(default="values", init=False)

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """The member, if it does otherwise."""
        member = structure.one(self.member)
        if not isinstance(member.value, str) or not holds(self.when, structure):
            return
        if member.value.endswith(self.ending) is not self.wanted:
            must = "must" if self.wanted else "cannot"
            yield Break(
                member.path, f"{must} end in {self.ending!r}{words(self.when, structure)}, got {member.value!r}"
            )


def holds(when: tuple[Condition, ...], structure: Structure) -> bool:
    """Return whether all conditions are known to hold."""
    return all(condition.holds(structure) for condition in when)


def words(when: tuple[Condition, ...], structure: Structure) -> str:
    """The conditions as messages name them, with a space in front."""
    return "".join(f" {condition.words(structure)}" for condition in when[:1])


def number(value: object) -> float | None:
    """A number, or the number that a text is; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


def _holder(path: str) -> str:
    """The item that a member is in, or the member."""
    item, bracket, _ = path.rpartition("]")
    return f"that of {item}]" if bracket else path


def _list_of(member: str) -> str:
    return member.rpartition("[]")[0]


_COMPARISONS: Mapping[str, Any] = {
    "at most": lambda value, limit: value <= limit,
    "at least": lambda value, limit: value >= limit,
    "above": lambda value, limit: value > limit,
    "below": lambda value, limit: value < limit,
}
