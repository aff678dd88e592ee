"""The subjects of differences, and the value of a member that is not there."""

from __future__ import annotations

from enum import Enum


class _Absent(Enum):
    """The value of a member that is not there; null is a value."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent.ABSENT


PERMISSIONS = "permissions"
"""The member of what a role or a resource's policy allows."""


class Kind(Enum):
    """The subject of a difference."""

    MACHINE = "state machine"
    STATE = "state"
    NAME = "name"
    TYPE = "type"
    PLACE = "place"
    ORDER = "order"
    END = "end"
    BRANCHES = "branches"
    CONDITION = "condition"
    TARGET = "target"
    RULES = "order of rules"
    RETRY = "retry"
    CATCH = "catch"
    MEMBER = "member"
    CODE = "code"
    COMMENT = "comment"
    ROLE = "role"
    PERMISSION = "permission"
    MANAGED = "managed policy"
    BOUNDARY = "permissions boundary"
    RULE = "event rule"
    UNCERTAIN = "uncertain"
    CONDITIONAL = "conditional"
