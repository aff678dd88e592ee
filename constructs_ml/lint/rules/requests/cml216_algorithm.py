"""CML216."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation

_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"


@rule(
    "CML216",
    title="Training has either an image or an algorithm",
    reason="The training job fails, or the service with it. Source: AlgorithmSpecification of the API: 'If you specify values "
    "for both parameters, the training job might break; if you don't specify any value for both parameters, the training job "
    "might raise a null error'.",
    bad=training(
        AlgorithmSpecification={"TrainingImage": _IMAGE, "AlgorithmName": "churn", "TrainingInputMode": "File"}
    ),
    good=training(AlgorithmSpecification={"TrainingImage": _IMAGE, "TrainingInputMode": "File"}),
)
def image_or_algorithm(machine: Machine) -> Iterator[Violation]:
    """Training with neither an image nor an algorithm, or with both."""
    yield from relation_violations(machine, "algorithm")
