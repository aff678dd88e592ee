"""Keeps the policy of many jobs within the 10,240 characters that IAM allows for the inline policies of a role.

Source: "IAM and AWS STS quotas" of the IAM user guide. A hundred jobs with an output each would pass that limit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs_ml.access.statements import merge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.access.statements import Statement

MOST = 20
"""How many locations of its own a policy names one by one."""


def fit(statements: Iterable[Statement], owner: str) -> list[Statement]:
    """Merges statements; where a statement names many places below the owner's own prefix, it names the prefix.

    Jobs that share a role share what it may do, so this grants no job what another owner's jobs write.

    Args:
        statements: The statements of all jobs that share a role.
        owner: The first part of the keys that these jobs write to.
    """
    return merge(_fit(statement, owner) for statement in merge(statements))


def _fit(statement: Statement, owner: str) -> Statement:
    conditions = {
        operator: {key: _widen_keys(value, owner) for key, value in keys.items()}
        for operator, keys in statement.conditions.items()
    }
    return replace(statement, resources=_widen_arns(statement.resources, owner), conditions=conditions)


def _widen_arns(arns: tuple[str, ...], owner: str) -> tuple[str, ...]:
    own = [arn for arn in arns if f"/{owner}/" in arn]
    if len(own) <= MOST:
        return arns
    return tuple(dict.fromkeys(f"{arn.split(f'/{owner}/')[0]}/{owner}/*" if arn in own else arn for arn in arns))


def _widen_keys(values: Any, owner: str) -> Any:  # noqa: ANN401 - the values of a condition
    if not isinstance(values, list):
        return values
    own = [value for value in values if value.startswith(f"{owner}/")]
    if len(own) <= MOST:
        return values
    return list(dict.fromkeys(f"{owner}/*" if value in own else value for value in values))
