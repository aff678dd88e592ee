"""CML212."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.checks.examples import training
from constructs_ml.checks.rule import rule
from constructs_ml.checks.rules.requests.training import trainings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.rules.requests.training import Training
    from constructs_ml.checks.violation import Violation

_RUNTIME, _WAIT = "StoppingCondition.MaxRuntimeInSeconds", "StoppingCondition.MaxWaitTimeInSeconds"
_DAY = 86_400


@rule(
    "CML212",
    title="Spot training, and nothing else, says how long it may wait, and that covers its run time",
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
    """Spot training that may not wait, or not long enough, and other training that may."""
    for job in trainings(machine):
        spot, wait = job.get("EnableManagedSpotTraining"), job.get(*_WAIT.split("."))
        if spot is True:
            yield from _of_spot(job, wait)
        elif spot in (None, False) and isinstance(wait, int):
            fix = "set EnableManagedSpotTraining, or leave it out"
            yield job.violation(_WAIT, f"is only for spot training, got {wait}", fix)


def _of_spot(job: Training, wait: Any) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    runtime = job.get(*_RUNTIME.split("."))
    # The service's own default is a day.
    longest = _DAY if runtime is None else runtime
    if wait is None:
        known = f"at least {longest}" if isinstance(longest, int) else "at least MaxRuntimeInSeconds"
        yield job.violation(_WAIT, "is required for spot training", f"write {known}")
    elif isinstance(wait, int) and isinstance(longest, int) and wait < longest:
        yield job.violation(_WAIT, f"must be at least MaxRuntimeInSeconds, {longest}, got {wait}")
