"""AutoML jobs, which are simulated: they end after a moment without a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.records import DelayedCalls, Records
from constructs_ml.local.aws import describe
from constructs_ml.local.jobs.call import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services

_PROBLEMS = {
    "ImageClassificationJobConfig": "ImageClassification",
    "TextClassificationJobConfig": "TextClassification",
    "TimeSeriesForecastingJobConfig": "TimeSeriesForecasting",
    "TabularJobConfig": "Tabular",
    "TextGenerationJobConfig": "TextGeneration",
}


class AutoML:
    """The operations on AutoML jobs (V2).

    Args:
        services: The embedded AWS.
        delayed: Ends the jobs.
    """

    def __init__(self, services: Services, delayed: DelayedCalls) -> None:
        self._services, self._delayed = services, delayed
        self._records = Records(
            "DescribeAutoMLJobV2",
            missing=lambda name: ApiError("ResourceNotFound", f"Could not find AutoML job {self._arn(name)}"),
            taken=lambda name: ApiError("ResourceInUse", f"{self._arn(name)} exists already"),
        )
        self.operations: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "CreateAutoMLJobV2": self._create,
            "DescribeAutoMLJobV2": lambda request, _call: self._records.get(request["AutoMLJobName"]),
            "StopAutoMLJob": self._stop,
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = request["AutoMLJobName"]
        problem = next(iter(request["AutoMLProblemTypeConfig"]))
        made = {
            "AutoMLJobArn": self._arn(name),
            "AutoMLJobStatus": "InProgress",
            "AutoMLJobSecondaryStatus": "Starting",
            "AutoMLProblemTypeConfigName": _PROBLEMS[problem],
        }
        self._records.add(name, {**request, **made})
        self._services.simulates(call, f"AutoML job {name} trains nothing")
        self._tell(name, request, call)
        self._delayed.after(self._services.simulated_seconds, lambda: self._end(name, request, call))
        return {"AutoMLJobArn": self._arn(name)}

    def _end(self, name: str, request: dict[str, Any], call: Call) -> None:
        if self._records.get(name)["AutoMLJobStatus"] != "InProgress":
            return
        outcome = self._services.outcome(name, "Completed")
        why = "an outcome of the run makes this AutoML job fail" if outcome == "Failed" else None
        ended = {"AutoMLJobStatus": outcome, "AutoMLJobSecondaryStatus": outcome, "EndTime": describe.now()}
        best = self._candidate(name) if outcome == "Completed" else None
        self._records.update(name, **ended, FailureReason=why, BestCandidate=best)
        self._tell(name, request, call)

    def _stop(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        name = request["AutoMLJobName"]
        if self._records.get(name)["AutoMLJobStatus"] != "InProgress":
            raise invalid(f"AutoML job {self._arn(name)} is not in progress")
        stopped = {"AutoMLJobStatus": "Stopped", "AutoMLJobSecondaryStatus": "Stopped"}
        self._records.update(name, **stopped, EndTime=describe.now())
        return {}

    def _candidate(self, name: str) -> dict[str, Any]:
        now = describe.now()
        return {
            "CandidateName": f"{name}-simulated",
            "CandidateStatus": "Completed",
            "CandidateSteps": [],
            "ObjectiveStatus": "Succeeded",
            "CreationTime": now,
            "LastModifiedTime": now,
        }

    def _tell(self, name: str, request: dict[str, Any], call: Call) -> None:
        job = {
            "kind": "AutoML",
            "name": name,
            "execution": call.execution,
            "state": call.state,
            "iterations": call.iterations,
            "request": request,
            "response": describe.as_json(self._records.get(name)),
            "groups": [],
        }
        self._services.channel.send("job", job=job)

    def _arn(self, name: str) -> str:
        return self._services.arn(f"automl-job/{name}")
