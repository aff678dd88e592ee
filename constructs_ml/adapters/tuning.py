"""Tuning jobs from tuners of the SageMaker SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.adapters.starting import adapting, begin
from constructs_ml.adapters.training import trained_request
from constructs_ml.jobs.data import written_by_execution
from constructs_ml.jobs.job import RoleJob
from constructs_ml.jobs.trials import Trials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

_ONE, _SEVERAL = "TrainingJobDefinition", "TrainingJobDefinitions"


def from_tuner(cls: type, *args: Any) -> Any:  # noqa: ANN401 - the arguments of TuningJob.from_tuner
    """See :meth:`~constructs_ml.TuningJob.from_tuner`."""
    return begin(cls, _start, *args)


def _start(
    job: Any,  # noqa: ANN401 - a tuning job
    scope: Construct,
    construct_id: str,
    tuner: Any,  # noqa: ANN401 - an object of the SDK's
    run: Mapping[str, Any],
    props: Mapping[str, Any],
) -> None:
    method = "tune" if hasattr(tuner, "tune") else "fit"
    with adapting(job, scope, construct_id, thing=tuner, method=method, run=run, props=props) as adapted:
        request, draft = adapted.request, adapted.draft
        given = [request[_ONE]] if request.get(_ONE) else request[_SEVERAL]
        trials = []
        outputs = set()
        for at, definition in enumerate(given):
            adapted.next_container()
            label = f"training[{at}]." if len(given) > 1 else "training."
            trial, output = trained_request(adapted, definition, label)
            trials.append(trial)
            outputs.add(output)
        rest = {name: adapted.back(value) for name, value in request.items() if name not in {_ONE, _SEVERAL, "Tags"}}
        definitions = {_ONE: trials[0]} if request.get(_ONE) else {_SEVERAL: trials}
        RoleJob.__init__(job, draft, {**rest, **definitions, "Tags": adapted.tags()})
        own = written_by_execution(draft.home, draft.part, "")
        job._trials = Trials(trials, outputs.pop() if len(outputs) == 1 else None, own)  # noqa: SLF001 - begun here
