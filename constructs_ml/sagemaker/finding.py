"""One thing that the service would refuse in a request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

WHOLE = "the request"
"""The member of a finding that is about a request as a whole."""


class Severity(Enum):
    """Whether a finding is certain."""

    ERROR = "error"
    WARNING = "warning"


class Rule(Enum):
    """What a finding is about."""

    REQUIRED = "required"
    UNKNOWN = "unknown"
    TYPE = "type"
    ENUM = "enum"
    PATTERN = "pattern"
    RANGE = "range"
    LENGTH = "length"
    UNION = "union"
    RUNTIME = "runtime"
    RELATION = "relation"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Finding:
    """``ProcessingResources.ClusterConfig.VolumeSizeInGB must be 1-16384, got 0``.

    Attributes:
        member: The path of the member: names joined by dots, ``[0]`` for an item, ``['key']`` for an entry of a map.
        problem: What must hold, and what was got.
        fix: What to write instead; empty if the problem says it already.
        rule: What it is about.
        severity: An error, or a warning where the model may be older than the service.
        topic: Of a relation between members: what kind of mistake it is.
        relation: Of a relation between members: what it is called.
        related: Of a relation between members: the paths of those that it is about, where they are alternatives.
    """

    member: str
    problem: str
    fix: str
    rule: Rule
    severity: Severity = Severity.ERROR
    topic: str = ""
    relation: str = ""
    related: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The message: member, problem and fix."""
        return f"{self.member} {self.problem}" + (f"; {self.fix}" if self.fix else "")


def shown(value: object, limit: int = 60) -> str:
    """A value as a message shows it: its repr, cut if long."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
