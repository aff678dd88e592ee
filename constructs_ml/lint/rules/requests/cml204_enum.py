"""CML204."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import violations
from constructs_ml.lint.rule import rule
from constructs_ml.lint.service_requests import service_violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _channel(kind: str) -> dict[str, Any]:
    return {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": kind, "S3Uri": "s3://churn/train/"}}}


@rule(
    "CML204",
    title="Members have values that the API accepts",
    reason="SageMaker refuses the request with a ValidationException. An instance type that the model lacks is a "
    "warning, as new ones appear between releases of botocore. Source: botocore's model of the SageMaker API.",
    bad=training(InputDataConfig=[_channel("s3Prefix")]),
    good=training(InputDataConfig=[_channel("S3Prefix")]),
)
def unknown_value(machine: Machine) -> Iterator[Violation]:
    """Values that are not in the member's enumeration."""
    yield from violations(machine, FindingKind.ENUM)
    yield from service_violations(machine, FindingKind.ENUM)
