"""ARNs in the region and account of a local run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_ml.sagemaker.kinds import JobKind

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition_of(region: str) -> str:
    """Return the partition of a region: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def arn(resource: str, *, region: str, account: str, service: str = "sagemaker") -> str:
    """The ARN of a resource such as ``model/NAME``."""
    return f"arn:{partition_of(region)}:{service}:{region}:{account}:{resource}"


def job_arn(kind: JobKind, name: str, *, region: str, account: str) -> str:
    """The ARN of a job."""
    return arn(f"{kind.arn_type}/{name}", region=region, account=account)
