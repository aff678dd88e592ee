"""CML237."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.checks.examples import processing
from constructs_ml.checks.reading.requests import violations
from constructs_ml.checks.rule import rule
from constructs_ml.sagemaker.finding import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.violation import Violation


@rule(
    "CML237",
    title="Images are in ECR, or in a private registry that the request says how to reach",
    reason="SageMaker pulls from nowhere else, not from Docker Hub and not from ECR's public gallery: the call fails with a "
    "ValidationException. Source: 'Use a Private Docker Registry for Real-Time Inference Containers' of the developer guide.",
    bad=processing(AppSpecification={"ImageUri": "public.ecr.aws/docker/library/python:3.11"}),
    good=processing(AppSpecification={"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/python:3.11"}),
)
def image_elsewhere(machine: Machine) -> Iterator[Violation]:
    """Images in registries that SageMaker does not pull from."""
    yield from violations(machine, Rule.IMAGE)
