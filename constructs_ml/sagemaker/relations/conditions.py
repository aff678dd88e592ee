"""Conditions on other members, under which a relation applies: each true, false or known only later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.sagemaker.kinds import has_local_storage
from constructs_ml.sagemaker.relations.members import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.sagemaker.relations.members import Structure


class Condition(Protocol):
    """A condition under which a relation applies."""

    @property
    def trigger(self) -> str:
        """The member without which it cannot hold; empty if it can hold without any."""

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it holds; None if that is known only later."""

    def words(self, structure: Structure) -> str:
        """Return its wording in messages: ``with InstanceGroups``."""


@dataclass(frozen=True, slots=True)
class Given:
    """The condition that a member is there."""

    member: str

    @property
    def trigger(self) -> str:
        """The member."""
        return self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether the member is there."""
        return structure.state(self.member)

    def words(self, structure: Structure) -> str:  # noqa: ARG002 - as all conditions
        """``with MEMBER``."""
        return f"with {short(self.member)}"


@dataclass(frozen=True, slots=True)
class Absent:
    """The condition that a member is not there."""

    member: str

    @property
    def trigger(self) -> str:
        """None."""
        return ""

    def holds(self, structure: Structure) -> bool | None:
        """Return whether the member is not there."""
        state = structure.state(self.member)
        return None if state is None else not state

    def words(self, structure: Structure) -> str:  # noqa: ARG002 - as all conditions
        """``without MEMBER``."""
        return f"without {short(self.member)}"


@dataclass(frozen=True, slots=True)
class Is:
    """The condition that a member has one of some values.

    Attributes:
        member: The member.
        values: The values.
        default: The value that SageMaker assumes if it is absent; None if that is unknown.
        fallback: The member whose value counts then.
    """

    member: str
    values: tuple[Any, ...]
    default: Any = None
    fallback: str = ""

    @property
    def trigger(self) -> str:
        """The member, unless it has a default."""
        return "" if self.fallback or self.default is not None else self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it has one of the values."""
        value = value_of(structure, self.member, self.default, self.fallback)
        if value is LATER:
            return None
        if isinstance(value, str):
            return value in self.values
        return any(same(value, wanted) for wanted in self.values)

    def words(self, structure: Structure) -> str:
        """``with MEMBER 'value'``."""
        return f"with {short(self.member)} {shown(value_of(structure, self.member, self.default, self.fallback), quote=True)}"


@dataclass(frozen=True, slots=True)
class Ends:
    """The condition that a member's string ends with a suffix."""

    member: str
    ending: str

    @property
    def trigger(self) -> str:
        """The member."""
        return self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it ends so."""
        value = structure.one(self.member).value
        if value is LATER:
            return None
        return isinstance(value, str) and value.endswith(self.ending)

    def words(self, structure: Structure) -> str:  # noqa: ARG002 - as all conditions
        """``with a MEMBER that ends in 'ending'``."""
        return f"with a {short(self.member)} that ends in {self.ending!r}"


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """The condition that an instance type has disks of its own."""

    member: str

    @property
    def trigger(self) -> str:
        """The member."""
        return self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it has such disks."""
        value = structure.one(self.member).value
        if value is LATER:
            return None
        return isinstance(value, str) and has_local_storage(value)

    def words(self, structure: Structure) -> str:
        """``for ml.g5.xlarge, which has local storage``."""
        return f"for {structure.one(self.member).value}, which has local storage"


def value_of(structure: Structure, member: str, default: Any, fallback: str) -> Any:  # noqa: ANN401 - JSON
    """Return a member's value, else that of another, else a default; ``LATER`` if it is known only later."""
    value = structure.one(member).value
    if value is None and fallback:
        value = structure.one(fallback).value
    return default if value is None else value


def same(value: object, wanted: object) -> bool:
    """Return whether two values are equal in JSON, where 1 is not true."""
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def short(member: str) -> str:
    """Return a member as messages name it: its last name."""
    return member.rpartition("^")[2].rpartition(".")[2].removesuffix("[]")


def shown(value: object, *, quote: bool = False) -> str:
    """Return a value as messages show it."""
    if isinstance(value, str):
        return repr(value) if quote else value
    return json.dumps(value, default=str)


# The common part of all kinds of relations.
#
# They find nothing if a value that they compare is known only later.


@dataclass(frozen=True, slots=True)
class Break:
    """One place in a structure that breaks a relation.

    Attributes:
        path: The member at fault.
        problem: The constraint, and the value that breaks it.
        related: The alternative members, if it is about alternatives.
    """

    path: str
    problem: str
    related: tuple[str, ...] = ()


class Kind(Protocol):
    """A kind of relation between members."""

    @property
    def topic(self) -> str:
        """The kind of mistake that it finds."""

    @property
    def triggers(self) -> tuple[str, ...]:
        """Members without any of which it cannot be broken; empty if it can be broken without them."""

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Yield the places that break it."""


def holds(when: tuple[Condition, ...], structure: Structure) -> bool:
    """Return whether all conditions are known to hold."""
    for condition in when:  # noqa: SIM110 - most are asked of each request, and a generator is a call for each of them
        if not condition.holds(structure):
            return False
    return True


def words(when: tuple[Condition, ...], structure: Structure) -> str:
    """Return the wording of conditions in messages, with a space in front."""
    return "".join(f" {condition.words(structure)}" for condition in when[:1])


def triggers_of(when: tuple[Condition, ...]) -> tuple[str, ...]:
    """Return the member without which the conditions cannot hold; none if they can."""
    return next(((condition.trigger,) for condition in when if condition.trigger), ())
