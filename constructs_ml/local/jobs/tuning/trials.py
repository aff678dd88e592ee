"""The trials of a tuning job: their requests, and their results."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.local.host.toolkit import TUNING_OBJECTIVE

if TYPE_CHECKING:
    from constructs_ml.local.jobs.training import TrainingJob

# Members of a definition that a training job has too, by the same name.
_SAME = (
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)


@dataclass
class Trial:
    """One training job of a tuning job.

    Attributes:
        job: The training job.
        definition: The definition that it was made from.
        tuned: The hyperparameters that were chosen for it.
        objective: Its objective: ``Type`` and ``MetricName``.
    """

    job: TrainingJob
    definition: dict[str, Any]
    tuned: dict[str, str]
    objective: dict[str, str] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """The objective, if the trial completed and its log had it."""
        if not self.job.completed:
            return None
        metrics = self.job.response.get("FinalMetricDataList") or []
        return next((float(found["Value"]) for found in metrics if found["MetricName"] == self._metric), None)

    @property
    def lost(self) -> bool:
        """True if it failed before its container ran."""
        return self.job.status == "Failed" and not self.job.groups

    @property
    def cost(self) -> float:
        """The objective as a value to minimise; infinite without one."""
        if self.value is None:
            return float("inf")
        return -self.value if self.objective.get("Type") == "Maximize" else self.value

    @property
    def objective_status(self) -> str:
        """``Pending``, ``Succeeded`` or ``Failed``."""
        if not self.job.ended.is_set():
            return "Pending"
        return "Failed" if self.value is None else "Succeeded"

    def summary(self) -> dict[str, Any]:
        """Return the trial as HyperParameterTrainingJobSummary."""
        response = self.job.response
        members = ("CreationTime", "TrainingStartTime", "TrainingEndTime", "TrainingJobStatus", "FailureReason")
        found = {
            "TrainingJobName": self.job.name,
            "TrainingJobArn": self.job.arn,
            "TunedHyperParameters": self.tuned,
            "ObjectiveStatus": self.objective_status,
            **{member: response[member] for member in members if member in response},
        }
        if self.definition.get("DefinitionName"):
            found["TrainingJobDefinitionName"] = self.definition["DefinitionName"]
        if self.value is not None:
            final = {**self.objective, "Value": self.value}
            found["FinalHyperParameterTuningJobObjectiveMetric"] = final
        return found

    @property
    def _metric(self) -> str:
        return self.objective.get("MetricName", "")


def training_request(tuning: str, number: int, definition: dict[str, Any], tuned: dict[str, str]) -> dict[str, Any]:
    """The CreateTrainingJob request of a trial.

    Args:
        tuning: The tuning job's name.
        number: The number of the trial, from 1.
        definition: A HyperParameterTrainingJobDefinition.
        tuned: The hyperparameters that were chosen.
    """
    request = {member: definition[member] for member in _SAME if member in definition}
    resources = definition.get("HyperParameterTuningResourceConfig")
    if resources and "ResourceConfig" not in request:
        first: dict[str, Any] = next(iter(resources.get("InstanceConfigs") or []), {})
        request["ResourceConfig"] = {
            member: value
            for member, value in {**first, **resources}.items()
            if member in {"InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId"}
        }
    objective = (definition.get("TuningObjective") or {}).get("MetricName")
    static = {**(definition.get("StaticHyperParameters") or {}), **({TUNING_OBJECTIVE: objective} if objective else {})}
    return {
        **request,
        "TrainingJobName": f"{tuning}-{number:03d}-{secrets.token_hex(4)}",
        "AlgorithmSpecification": dict(definition["AlgorithmSpecification"]),
        "HyperParameters": {**static, **tuned},
    }
