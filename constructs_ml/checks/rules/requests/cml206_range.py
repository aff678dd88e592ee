"""CML206."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.checks.examples import training
from constructs_ml.checks.reading.requests import violations
from constructs_ml.checks.rule import rule
from constructs_ml.sagemaker.finding import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.violation import Violation


@rule(
    "CML206",
    title="Numbers are within the API's limits",
    reason="SageMaker refuses the request with a ValidationException. Source: botocore's model of the SageMaker API.",
    bad=training(StoppingCondition={"MaxRuntimeInSeconds": 0}),
    good=training(StoppingCondition={"MaxRuntimeInSeconds": 3600}),
)
def out_of_range(machine: Machine) -> Iterator[Violation]:
    """Numbers that are too small or too great."""
    yield from violations(machine, Rule.RANGE)
