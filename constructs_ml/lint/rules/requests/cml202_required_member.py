"""CML202."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import violations
from constructs_ml.lint.rule import rule
from constructs_ml.lint.service_requests import service_violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML202",
    title="Requests have every member that the API requires",
    reason="The service refuses the request, or Step Functions refuses the state machine; no retry cures that. "
    "Source: botocore's models of the APIs; for optimized integrations, their pages in the Step Functions developer "
    "guide.",
    bad=training(OutputDataConfig={"CompressionType": "GZIP"}),
    good=training(OutputDataConfig={"S3OutputPath": "s3://churn/models/"}),
)
def required_member(machine: Machine) -> Iterator[Violation]:
    """Required members that are missing."""
    yield from violations(machine, FindingKind.REQUIRED)
    yield from service_violations(machine, FindingKind.REQUIRED)
