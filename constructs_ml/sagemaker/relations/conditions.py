"""When a relation holds: conditions on other members, each true, false or known only later."""

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
    """What must be so for a relation to hold."""

    @property
    def trigger(self) -> str:
        """The member that must be there for it to be so; empty if it may be so without."""

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it is so; None if that is known only later."""

    def words(self, structure: Structure) -> str:
        """How messages name it: ``beside InstanceGroups``."""


@dataclass(frozen=True, slots=True)
class Given:
    """A member is there."""

    member: str

    @property
    def trigger(self) -> str:
        """The member."""
        return self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it is."""
        return structure.state(self.member)

    def words(self, structure: Structure) -> str:  # noqa: ARG002 - as all conditions
        """``beside MEMBER``."""
        return f"beside {short(self.member)}"


@dataclass(frozen=True, slots=True)
class Absent:
    """A member is not there."""

    member: str

    @property
    def trigger(self) -> str:
        """None."""
        return ""

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it is not."""
        state = structure.state(self.member)
        return None if state is None else not state

    def words(self, structure: Structure) -> str:  # noqa: ARG002 - as all conditions
        """``without MEMBER``."""
        return f"without {short(self.member)}"


@dataclass(frozen=True, slots=True)
class Is:
    """A member has one of some values.

    Attributes:
        member: The member.
        values: The values.
        default: What SageMaker takes it for where it is not there; None if that is not known.
        fallback: The member whose value holds then.
    """

    member: str
    values: tuple[Any, ...]
    default: Any = None
    fallback: str = ""

    @property
    def trigger(self) -> str:
        """The member, unless it has a value where it is not there."""
        return "" if self.fallback or self.default is not None else self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it has one."""
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
    """A member's text ends with another."""

    member: str
    ending: str

    @property
    def trigger(self) -> str:
        """The member."""
        return self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it does."""
        value = structure.one(self.member).value
        if value is LATER:
            return None
        return isinstance(value, str) and value.endswith(self.ending)

    def words(self, structure: Structure) -> str:  # noqa: ARG002 - as all conditions
        """``with a MEMBER that ends in 'ending'``."""
        return f"with a {short(self.member)} that ends in {self.ending!r}"


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """An instance type has disks of its own."""

    member: str

    @property
    def trigger(self) -> str:
        """The member."""
        return self.member

    def holds(self, structure: Structure) -> bool | None:
        """Return whether it has."""
        value = structure.one(self.member).value
        if value is LATER:
            return None
        return isinstance(value, str) and has_local_storage(value)

    def words(self, structure: Structure) -> str:
        """``for ml.g5.xlarge, which has local storage``."""
        return f"for {structure.one(self.member).value}, which has local storage"


def value_of(structure: Structure, member: str, default: Any, fallback: str) -> Any:  # noqa: ANN401 - JSON
    """A member's value, else that of another, else a default; ``LATER`` if it is known only later."""
    value = structure.one(member).value
    if value is None and fallback:
        value = structure.one(fallback).value
    return default if value is None else value


def same(value: object, wanted: object) -> bool:
    """Return whether two values are equal in JSON, where 1 is not true."""
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def short(member: str) -> str:
    """A member as messages name it: its last name."""
    return member.rpartition("^")[2].rpartition(".")[2].removesuffix("[]")


def shown(value: object, *, quote: bool = False) -> str:
    """A value as messages show it."""
    if isinstance(value, str):
        return repr(value) if quote else value
    return json.dumps(value, default=str)


# What all kinds of relations have in common.
#
# They are silent where what they compare is known only later.


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

    @property
    def triggers(self) -> tuple[str, ...]:
        """Members of which one must be there for it not to hold; none if it may not hold without any."""

    def breaks(self, structure: Structure) -> Iterator[Break]:
        """Where it does not."""


def holds(when: tuple[Condition, ...], structure: Structure) -> bool:
    """Return whether all conditions are known to hold."""
    for condition in when:  # noqa: SIM110 - most are asked of each request, and a generator is a call for each of them
        if not condition.holds(structure):
            return False
    return True


def words(when: tuple[Condition, ...], structure: Structure) -> str:
    """The conditions as messages name them, with a space in front."""
    return "".join(f" {condition.words(structure)}" for condition in when[:1])


def triggers_of(when: tuple[Condition, ...]) -> tuple[str, ...]:
    """The member that conditions do not hold without; none if they may."""
    return next(((condition.trigger,) for condition in when if condition.trigger), ())
