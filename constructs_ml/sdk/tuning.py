"""Tuning jobs from tuners of the SageMaker SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.task import SageMakerTask
from constructs_ml.sdk.sdk_call import SdkCall, build_job, capture_request
from constructs_ml.sdk.training import trained_request
from constructs_ml.tasks.tuning.trials import Trials

if TYPE_CHECKING:
    from constructs import Construct

_ONE, _SEVERAL = "TrainingJobDefinition", "TrainingJobDefinitions"


def from_tuner(cls: type, scope: Construct, construct_id: str, *given: Any) -> Any:  # noqa: ANN401 - a job
    """See :meth:`~constructs_ml.TuningJob.from_tuner`."""
    return build_job(cls, _start, scope, construct_id, SdkCall(*given))


def _start(
    job: Any,  # noqa: ANN401 - a tuning job
    scope: Construct,
    construct_id: str,
    given: SdkCall,
) -> None:
    method = "tune" if hasattr(given.thing, "tune") else "fit"
    with capture_request(job, scope, construct_id, given, method) as adapted:
        request = adapted.request
        several = [request[_ONE]] if request.get(_ONE) else request[_SEVERAL]
        trials = []
        outputs = set()
        for at, definition in enumerate(several):
            adapted.next_container()
            label = f"training[{at}]." if len(several) > 1 else "training."
            trial, output = trained_request(adapted, definition, label)
            trials.append(trial)
            outputs.add(output)
        rest = {name: adapted.decode(value) for name, value in request.items() if name not in {_ONE, _SEVERAL, "Tags"}}
        definitions = {_ONE: trials[0]} if request.get(_ONE) else {_SEVERAL: trials}
        SageMakerTask.__init__(job, adapted.spec, {**rest, **definitions, "Tags": adapted.tags()})
        job._trials = Trials(trials, outputs.pop() if len(outputs) == 1 else None)  # noqa: SLF001 - begun here
