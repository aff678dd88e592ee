"""What all kinds of relations have in common.

They are silent where what they compare is known only later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.sagemaker.relations.conditions import Condition
    from constructs_ml.sagemaker.relations.members import Structure


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
    return all(condition.holds(structure) for condition in when)


def words(when: tuple[Condition, ...], structure: Structure) -> str:
    """The conditions as messages name them, with a space in front."""
    return "".join(f" {condition.words(structure)}" for condition in when[:1])


def triggers_of(when: tuple[Condition, ...]) -> tuple[str, ...]:
    """The member that conditions do not hold without; none if they may."""
    return next(((condition.trigger,) for condition in when if condition.trigger), ())
