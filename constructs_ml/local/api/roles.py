"""Whether SageMaker may take on the roles that it is handed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.call import invalid

if TYPE_CHECKING:
    from constructs_ml.local.clients import Clients


def check_trust(clients: Clients, role_arn: str) -> None:
    """Makes sure that a role exists and trusts SageMaker.

    Raises:
        ApiError: If it does not.
    """
    iam = clients.client("iam")
    try:
        role = iam.get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
        # The path counts: role/team/x is another role than role/x.
        own = role["Arn"].partition(":iam:")[2] == role_arn.partition(":iam:")[2]
        statements = role["AssumeRolePolicyDocument"]["Statement"] if own else []
    except iam.exceptions.NoSuchEntityException:
        statements = []
    if not any(_lets_sagemaker(found) for found in (statements if isinstance(statements, list) else [statements])):
        message = (
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
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
