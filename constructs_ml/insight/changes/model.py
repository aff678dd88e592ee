"""A difference as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.insight.changes.canonical import plain
from constructs_ml.insight.changes.kinds import ABSENT, PERMISSIONS, Kind
from constructs_ml.insight.changes.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        kind: Its subject.
        subject: The state machine, the role or the rule.
        state: The state, by its new name if it has one; empty if it is about the whole subject.
        was: The state's old name; empty if that is the same.
        member: The member of the state: ``HyperParameters.max_depth``.
        old: The old value; ``ABSENT`` if there was none.
        new: The new value; ``ABSENT`` if there is none.
        partly: Of a permission: the parts of it that the other version has.
    """

    kind: Kind
    subject: str
    state: str = ""
    was: str = ""
    member: str = ""
    old: Json = ABSENT
    new: Json = ABSENT
    partly: tuple[Json, ...] = ()

    @property
    def widens(self) -> bool:
        """True if it may allow something that was not allowed before."""
        match self.kind:
            case Kind.PERMISSION:
                return (self.new is not ABSENT and self.new["effect"] == "Allow") or (
                    self.old is not ABSENT and self.old["effect"] == "Deny"
                )
            case Kind.MANAGED:
                return self.new is not ABSENT
            case Kind.BOUNDARY:
                return self.old is not ABSENT
            case Kind.UNCERTAIN:
                return True
            case Kind.CONDITIONAL:
                return self.member == PERMISSIONS
        return False

    @property
    def narrows(self) -> bool:
        """True if it may forbid something that was allowed before."""
        return self.mirrored.widens

    @property
    def mirrored(self) -> Change:
        """The difference in the other direction."""
        state, was = (self.was, self.state) if self.was else (self.state, "")
        return replace(self, state=state, was=was, old=self.new, new=self.old)

    @property
    def words(self) -> str:
        """The difference as a sentence without a full stop."""
        return sentence(self)

    def to_json(self) -> dict[str, Json]:
        """Return the difference as JSON data."""
        found: dict[str, Json] = {"kind": self.kind.value, "subject": self.subject}
        found |= {name: text for name in ("state", "was", "member") if (text := getattr(self, name))}
        found |= {name: plain(value) for name in ("old", "new") if (value := getattr(self, name)) is not ABSENT}
        found |= {"partly": list(self.partly)} if self.partly else {}
        return found | {"widens": self.widens, "narrows": self.narrows, "words": self.words}


@dataclass(frozen=True)
class Count:
    """The number of resources of one type that differ and have no words of their own.

    Attributes:
        added: Those that are new.
        removed: Those that are gone.
        changed: Those with other properties.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0

    @property
    def all(self) -> int:
        """All of them."""
        return self.added + self.removed + self.changed


@dataclass(frozen=True)
class Differences:
    """All differences between two versions.

    Attributes:
        workflows: Those of state machines, in the order of their states.
        permissions: Those of roles and of resources' policies.
        events: Those of event rules and schedules.
        others: The other resources that differ, by type.
    """

    workflows: tuple[Change, ...] = ()
    permissions: tuple[Change, ...] = ()
    events: tuple[Change, ...] = ()
    others: Mapping[str, Count] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of them, without the counts of other resources."""
        return (*self.workflows, *self.permissions, *self.events)

    @property
    def widened(self) -> bool:
        """True if anything may be allowed that was not allowed before."""
        return any(change.widens for change in self.changes)

    @property
    def narrowed(self) -> bool:
        """True if anything may be forbidden that was allowed before."""
        return any(change.narrows for change in self.changes)

    def __bool__(self) -> bool:
        return bool(self.changes or self.others)

    def to_json(self) -> dict[str, Json]:
        """Return all of them as JSON data."""
        parts = {"workflows": self.workflows, "permissions": self.permissions, "events": self.events}
        return {
            **{name: [change.to_json() for change in changes] for name, changes in parts.items()},
            "others": {
                kind: {"added": count.added, "removed": count.removed, "changed": count.changed}
                for kind, count in self.others.items()
            },
            "widened": self.widened,
            "narrowed": self.narrowed,
        }
