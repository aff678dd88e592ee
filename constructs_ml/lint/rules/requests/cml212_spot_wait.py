"""CML212."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML212",
    title="Only spot training sets MaxWaitTimeInSeconds, and it covers the run time",
    reason="SageMaker refuses spot training without MaxWaitTimeInSeconds or with one below MaxRuntimeInSeconds, and a "
    "MaxWaitTimeInSeconds without spot training ('It is only supported when EnableManagedSpotTraining is set to true'). "
    "Source: 'Managed Spot Training in Amazon SageMaker AI' of the SageMaker developer guide; StoppingCondition of the API; "
    "issue 4140 of aws/sagemaker-python-sdk.",
    bad=training(EnableManagedSpotTraining=True),
    good=training(
        EnableManagedSpotTraining=True, StoppingCondition={"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    ),
)
def spot_wait(machine: Machine) -> Iterator[Violation]:
    """Spot training without a sufficient MaxWaitTimeInSeconds, and other training with one."""
    yield from relation_violations(machine, "spot")
