"""SageMaker pipelines, which are simulated: an execution ends after a moment and none of its steps is run."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.records import DelayedCalls, Records
from constructs_ml.local.aws import describe
from constructs_ml.local.jobs.call import ApiError
from constructs_ml.local.jobs.events import entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services

_ID = 12


class Pipelines:
    """The operations on pipelines and their executions.

    A pipeline that was never created is taken to be one of the account's: templates often name an existing one.

    Args:
        services: The embedded AWS.
        delayed: Ends the executions.
    """

    def __init__(self, services: Services, delayed: DelayedCalls) -> None:
        self._services, self._delayed = services, delayed
        self._pipelines = Records("DescribePipeline", missing=self._missing, taken=self._taken)
        self._executions = Records("DescribePipelineExecution", missing=self._missing, taken=self._taken)
        self.operations: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "CreatePipeline": self._create,
            "DescribePipeline": lambda request, _call: self._pipelines.get(_name(request["PipelineName"])),
            "DeletePipeline": self._delete,
            "StartPipelineExecution": self._start,
            "DescribePipelineExecution": lambda request, _call: self._executions.get(request["PipelineExecutionArn"]),
            "StopPipelineExecution": self._stop,
        }

    def _create(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        name = request["PipelineName"]
        made = {"PipelineArn": self._arn(name), "PipelineStatus": "Active", "PipelineDisplayName": name}
        self._pipelines.add(name, {**made, **request})
        return {"PipelineArn": self._arn(name)}

    def _delete(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        return {"PipelineArn": self._pipelines.remove(_name(request["PipelineName"]))["PipelineArn"]}

    def _start(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = _name(request["PipelineName"])
        arn = f"{self._arn(name)}/execution/{uuid.uuid4().hex[:_ID]}"
        made = {"PipelineArn": self._arn(name), "PipelineExecutionArn": arn, "PipelineExecutionStatus": "Executing"}
        self._executions.add(arn, {"PipelineExecutionDisplayName": f"execution-{uuid.uuid4().hex}", **request, **made})
        self._services.simulates(call, f"pipeline {name} runs none of its steps")
        self._changed(arn, "")
        self._delayed.after(self._services.simulated_seconds, lambda: self._end(arn))
        return {"PipelineExecutionArn": arn}

    def _end(self, arn: str) -> None:
        name = arn.partition("/")[2].partition("/")[0]
        if self._executions.get(arn)["PipelineExecutionStatus"] == "Executing":
            outcome = self._services.outcome(name, "Succeeded")
            why = "an outcome of the run makes this pipeline fail" if outcome == "Failed" else None
            self._ended(arn, outcome, why)

    def _stop(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        arn = request["PipelineExecutionArn"]
        if self._executions.get(arn)["PipelineExecutionStatus"] == "Executing":
            self._ended(arn, "Stopped", None)
        return {"PipelineExecutionArn": arn}

    def _ended(self, arn: str, status: str, why: str | None) -> None:
        before = self._executions.get(arn)["PipelineExecutionStatus"]
        self._executions.update(arn, PipelineExecutionStatus=status, FailureReason=why)
        self._changed(arn, before)

    def _changed(self, arn: str, before: str) -> None:
        record = self._executions.get(arn)
        ended = record["PipelineExecutionStatus"] != "Executing"
        detail = {
            "pipelineExecutionDisplayName": record["PipelineExecutionDisplayName"],
            "currentPipelineExecutionStatus": record["PipelineExecutionStatus"],
            "previousPipelineExecutionStatus": before,
            "executionStartTime": record["CreationTime"],
            **({"executionEndTime": record["LastModifiedTime"]} if ended else {}),
            "pipelineArn": record["PipelineArn"],
            "pipelineExecutionArn": arn,
        }
        kind = "SageMaker Model Building Pipeline Execution Status Change"
        event = entry(kind, [record["PipelineArn"], arn], describe.as_text_times(detail))
        self._services.publish(event)

    def _missing(self, name: str) -> ApiError:
        arn = name if name.startswith("arn:") else self._arn(name)
        return ApiError("ResourceNotFound", f"Pipeline or execution '{arn}' does not exist.")

    def _taken(self, name: str) -> ApiError:
        return ApiError("ResourceInUse", f"Pipeline {self._arn(name)} exists already.")

    def _arn(self, name: str) -> str:
        return self._services.arn(f"pipeline/{name}")


def _name(name_or_arn: str) -> str:
    return name_or_arn.rpartition("/")[2]
