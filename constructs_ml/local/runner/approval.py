"""Decisions on a model package that a run waits for."""

from __future__ import annotations

from typing import Any

from constructs_ml.errors import RunInputError
from constructs_ml.local.host import runtime
from constructs_ml.local.host.requirements import require

_ARN_PARTS = 6


def decide(arn: str, *, approve: bool, description: str | None = None, endpoint_url: str | None = None) -> str:
    """Approve or reject a model package.

    Args:
        arn: Its ARN, as the run printed it.
        approve: Whether to approve it.
        description: The reason for the decision.
        endpoint_url: The URL of the run. Default: all runs of this user are tried.

    Returns:
        The new status.

    Raises:
        RunInputError: If no run has such a package.
    """
    require("boto3")
    from botocore.exceptions import BotoCoreError, ClientError

    parts = arn.split(":")
    if len(parts) != _ARN_PARTS or not parts[5].startswith("model-package/"):
        message = f"{arn} is not the ARN of a model package; copy it from the run's output"
        raise RunInputError(message)
    status = "Approved" if approve else "Rejected"
    request: dict[str, Any] = {"ModelPackageArn": arn, "ModelApprovalStatus": status}
    if description:
        request["ApprovalDescription"] = description
    refusals = []
    runs = [run for run in runtime.running() if endpoint_url in (None, run.endpoint_url)]
    if endpoint_url and not runs:
        raise RunInputError(f"no run of yours listens at {endpoint_url}; leave --endpoint-url out to find it")
    for run in runs:
        try:
            _client(run, region=parts[3], account=parts[4]).update_model_package(**request)
        except ClientError as error:
            refusals.append(error.response["Error"].get("Message", str(error)))
        except BotoCoreError as error:
            refusals.append(f"{run.endpoint_url} does not answer: {error}")
        else:
            return status
    message = "; ".join(refusals) or f"no run waits on this machine, so that {arn} cannot be decided on"
    raise RunInputError(message)


def _client(run: runtime.Running, *, region: str, account: str) -> Any:  # noqa: ANN401 - boto3 ships no types
    from constructs_ml.local.aws.clients import Clients

    return Clients(run.endpoint_url, region, account, run.credentials).client("sagemaker")
