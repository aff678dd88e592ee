"""Whether SageMaker may take on the roles that it is handed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.local.jobs.call import invalid

_ACCOUNT = 4

if TYPE_CHECKING:
    from collections.abc import Callable


def check_trust(role: Callable[[str], dict[str, Any] | None], role_arn: str, account: str) -> None:
    """Makes sure that a role exists, is of the caller's account and trusts SageMaker.

    Args:
        role: Gives a role by its ARN.
        role_arn: The role.
        account: The caller's account.

    Raises:
        ApiError: If it does not.
    """
    if role_arn.split(":")[_ACCOUNT] != account:
        raise invalid(f"Cross-account pass role is not allowed: {role_arn} is not of account {account}.")
    found = role(role_arn)
    document = (found or {}).get("AssumeRolePolicyDocument") or "{}"
    statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
    if not any(_lets_sagemaker(found) for found in (statements if isinstance(statements, list) else [statements])):
        elsewhere = "" if found else f"; a role that no stack makes is given to a local run: --role {role_arn}"
        message = (
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            f"'sagemaker.amazonaws.com' to assume the role{elsewhere}."
        )
        raise invalid(message)


def _lets_sagemaker(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    actions = statement.get("Action", [])
    return (
        statement.get("Effect") == "Allow"
        and "sagemaker.amazonaws.com" in ([services] if isinstance(services, str) else services)
        and "sts:AssumeRole" in ([actions] if isinstance(actions, str) else actions)
    )
