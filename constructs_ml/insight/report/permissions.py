"""The use of permissions by role: each granted action, compared with the requests of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from constructs_ml.terminal import one_line, printable

if TYPE_CHECKING:
    from constructs_ml.run_record import Asked, Role, Statement

_WILDCARDS = {"*": ".*", "?": "."}
_MOST_RESOURCES = 4


@dataclass(frozen=True, slots=True)
class Grant:
    """An action that is granted.

    Attributes:
        action: The action, or a pattern.
        resources: The first of the resources, or patterns.
        more: The number of the others.
        condition: The conditions, as JSON.
        used: The actions that were asked for and that it allows.
    """

    action: str
    resources: tuple[str, ...]
    more: int
    condition: str
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleUse:
    """The use of a role's permissions.

    Attributes:
        name: Its name.
        path: Its construct's path; empty if it is not known.
        used: The granted actions that it used.
        unused: The granted actions that it did not use.
        refused: The actions that it was refused, with their resources.
        unread: The number of statements with NotAction or NotResource, which are not compared.
    """

    name: str
    path: str
    used: tuple[Grant, ...]
    unused: tuple[Grant, ...]
    refused: tuple[tuple[str, str], ...]
    unread: int

    @property
    def asked(self) -> bool:
        """True if it asked for anything."""
        return bool(self.used or self.refused)


def use_of(role: Role) -> RoleUse:
    """Return the use of a role's permissions."""
    grants = [
        _grant(action, statement, role.asked)
        for statement in role.statements
        if statement.effect == "Allow" and not statement.inverted
        for action in statement.actions
    ]
    return RoleUse(
        one_line(role.name),
        one_line(role.path),
        tuple(grant for grant in grants if grant.used),
        tuple(grant for grant in grants if not grant.used),
        tuple(
            (one_line(each.action), one_line(resource))
            for each in role.asked
            if not each.allowed and not _allowed_too(each, role.asked)
            for resource in each.resources[:_MOST_RESOURCES]
        ),
        sum(statement.inverted for statement in role.statements),
    )


def _allowed_too(refused: Asked, every: list[Asked]) -> bool:
    """Return whether the same was allowed, as a question is asked in two spellings of an ARN."""
    return any(
        each.allowed and each.action == refused.action and set(refused.resources) <= set(each.resources)
        for each in every
    )


def _grant(action: str, statement: Statement, asked: list[Asked]) -> Grant:
    used = [
        one_line(each.action)
        for each in asked
        if each.allowed
        and _pattern(action.lower()).match(each.action.lower())
        and any(_pattern(pattern).match(resource) for pattern in statement.resources for resource in each.resources)
    ]
    resources = tuple(one_line(each) for each in statement.resources)
    more = max(0, len(resources) - _MOST_RESOURCES)
    condition = printable(statement.conditions)
    return Grant(one_line(action), resources[:_MOST_RESOURCES], more, condition, tuple(dict.fromkeys(used)))


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    parts = (_WILDCARDS.get(character) or re.escape(character) for character in re.sub(r"\*+", "*", text))
    return re.compile(rf"{''.join(parts)}\Z", re.DOTALL)
