"""Least privilege, by a policy engine that is not ours: each role may make the calls that AWS documents, and no near miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.calls.all_kinds import CASES
from support.calls.place import STRANGER, arn
from support.templates import ACCOUNT
from support.versions import TRUST_HAS_CONDITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.calls.place import Access
    from support.iam import Call, Role


def _accesses(**marks: pytest.MarkDecorator) -> list[Any]:
    """The roles of the tables, with marks by what the roles are called."""
    return [
        pytest.param(name, access, id=f"{name}-{access.role}", marks=marks.get(access.role, ()))
        for name, case in CASES.items()
        for access in case.roles
    ]


def _asked(which: str) -> Iterator[Any]:
    """The calls of the tables, those of one role together."""
    for name, case in CASES.items():
        for access in case.roles:
            yield pytest.param(name, access.role, getattr(access, which), id=f"{name}-{access.role}")


@pytest.mark.parametrize(("case", "role", "asked"), list(_asked("may")))
def test_what_is_needed_is_allowed(roles: dict[str, dict[str, Role]], case: str, role: str, asked: list[Call]) -> None:
    """The calls that AWS documents."""
    assert [str(call) for call in asked if not roles[case][role].may(call)] == []


@pytest.mark.parametrize(("case", "role", "asked"), list(_asked("may_not")))
def test_a_near_miss_is_denied(roles: dict[str, dict[str, Role]], case: str, role: str, asked: list[Call]) -> None:
    """Calls that are nearly the same, and that nobody needs."""
    assert [str(call) for call in asked if roles[case][role].may(call)] == []


@pytest.mark.parametrize(("case", "access"), _accesses())
def test_nothing_else_is_granted(roles: dict[str, dict[str, Role]], case: str, access: Access) -> None:
    """Each action on each resource of its policies is there for a call of the table."""
    assert roles[case][access.role].not_for(access.may) == []


@pytest.mark.parametrize(("case", "access"), _accesses())
def test_only_its_service_assumes_a_role(roles: dict[str, dict[str, Role]], case: str, access: Access) -> None:
    """No other service does, no other account and no role of this one."""
    role = roles[case][access.role]
    own = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": arn("states", "stateMachine:any")}
    assert role.may_be_assumed(access.assumed_by, own)
    assert not role.may_be_assumed("lambda.amazonaws.com", own)
    assert not role.may_be_assumed(f"arn:aws:iam::{STRANGER}:root", own)
    assert not role.may_be_assumed(f"arn:aws:iam::{ACCOUNT}:role/admin", own)


NOT_NARROWED = {"ConstructsMlAutoMLJobRole", "ConstructsMlLabelingJobRole"}
"""What is in their trust has a test of its own, tests/core/test_known_permissions.py."""


@pytest.mark.parametrize(("case", "access"), _accesses(WorkflowRole=pytest.mark.needs_cdk(*TRUST_HAS_CONDITIONS)))
def test_a_role_is_assumed_for_its_account_only(roles: dict[str, dict[str, Role]], case: str, access: Access) -> None:
    """The service does not do it for another account, nor without saying for which."""
    if access.role in NOT_NARROWED:
        pytest.skip("no page of AWS's says that SageMaker sends the account")
    role = roles[case][access.role]
    other = {"aws:SourceAccount": STRANGER, "aws:SourceArn": arn("states", "stateMachine:any", account=STRANGER)}
    assert not role.may_be_assumed(access.assumed_by, other)
    assert not role.may_be_assumed(access.assumed_by, {})


@pytest.mark.parametrize("case", CASES)
def test_every_role_has_a_table(roles: dict[str, dict[str, Role]], case: str) -> None:
    """None is made that is not looked at here."""
    assert set(roles[case]) == {access.role for access in CASES[case].roles}
