"""CML201."""

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
    "CML201",
    title="Requests have only members that the API knows",
    reason="SageMaker does not know the member: Step Functions refuses the state machine, or the call fails when it "
    "runs. Source: botocore's model of the SageMaker API.",
    bad=training(StopingCondition={"MaxRuntimeInSeconds": 3600}),
    good=training(StoppingCondition={"MaxRuntimeInSeconds": 3600}),
)
def unknown_member(machine: Machine) -> Iterator[Violation]:
    """Members that their shape does not have."""
    yield from violations(machine, Rule.UNKNOWN)
