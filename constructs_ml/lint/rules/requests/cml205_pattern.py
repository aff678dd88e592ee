"""CML205."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML205",
    title="Strings match the API's patterns, and strings, lists and maps have allowed lengths",
    reason="SageMaker refuses the request with a ValidationException. Source: botocore's model of the SageMaker API.",
    bad=training(OutputDataConfig={"S3OutputPath": "churn/models/"}),
    good=training(OutputDataConfig={"S3OutputPath": "s3://churn/models/"}),
)
def wrong_text(machine: Machine) -> Iterator[Violation]:
    """Strings that do not match their pattern, and values that are too short or too long."""
    yield from violations(machine, FindingKind.PATTERN, FindingKind.LENGTH)
