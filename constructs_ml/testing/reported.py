"""Responses of calls that have metrics: of a training job, of a tuning job, of an object in S3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.iam.facts import READS_OBJECT
from constructs_ml.testing.outcomes import Reported, Returned

if TYPE_CHECKING:
    from constructs_ml.testing.outcomes import Outcome


def returned(name: str, call: str, outcome: Outcome | None) -> Outcome | None:
    """Return an outcome, with the response in the place of metrics.

    Args:
        name: The state that calls.
        call: The operation of SageMaker, or the call of another service: ``aws-sdk:s3:getObject``.
        outcome: The outcome of the call.

    Raises:
        SimulationError: If the call has no metrics, or not these.
    """
    if not isinstance(outcome, Reported):
        return outcome
    metrics = outcome.metrics
    if not isinstance(metrics, Mapping):
        raise SimulationError(
            f"{name}: metrics are a mapping, got reports({metrics!r}); write reports({{'accuracy': 0.9}})"
        )
    return Returned(times=outcome.times, after=outcome.after, value=_response(name, call, metrics))


def _response(name: str, call: str, metrics: Mapping[str, Any]) -> dict[str, Any]:
    if call == READS_OBJECT:
        return object_with(json.dumps(dict(metrics), ensure_ascii=False))
    if call in {"CreateTrainingJob", "CreateHyperParameterTuningJob"}:
        for metric, value in metrics.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise SimulationError(f"{name}: {metric} must be a number, got reports({dict(metrics)!r})")
        listed = [{"MetricName": metric, "Value": value} for metric, value in metrics.items()]
        if call == "CreateTrainingJob":
            return {"FinalMetricDataList": listed}
        if len(listed) != 1:
            raise SimulationError(f"{name}: a tuning job has one objective, got reports({dict(metrics)!r})")
        return {"BestTrainingJob": {"FinalHyperParameterTuningJobObjectiveMetric": listed[0]}}
    what = "training jobs, tuning jobs and ReadMetrics states have metrics"
    raise SimulationError(f"{name} calls {call}, got reports(...); {what}, write returns({{...}})")


def object_with(body: str) -> dict[str, Any]:
    """Return the response of S3 for an object, of which a state asks for the beginning."""
    size = len(body.encode())
    return {"Body": body, "ContentLength": size, "ContentRange": f"bytes 0-{max(size - 1, 0)}/{size}"}
