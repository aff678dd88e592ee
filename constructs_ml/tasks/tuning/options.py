"""Options of a tuning job's search: its strategy, its objective, what it starts from and what its trials run on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from constructs_ml.core.enums import api_value
from constructs_ml.core.job_spec import DEFAULT_VOLUME_GIB
from constructs_ml.core.props import ClusterProps
from constructs_ml.core.requests import gibibytes
from constructs_ml.tasks.training.resources import TrainingResourceProps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration, Size


class TuningStrategy(Enum):
    """The choice of the next values."""

    BAYESIAN = "Bayesian"
    """From what the trials before have shown."""
    RANDOM = "Random"
    """At random."""
    GRID = "Grid"
    """Tries all combinations of categorical values, each once."""
    HYPERBAND = "Hyperband"
    """At random, and trials that do badly are stopped early. The script reports its metric after each epoch."""


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric that is optimized.

    Attributes:
        metric: Its name, among the metric definitions of the training jobs.
        goal: ``Maximize`` or ``Minimize``.
    """

    metric: str
    goal: Literal["Maximize", "Minimize"]

    @classmethod
    def maximize(cls, metric: str) -> Objective:
        """More is better."""
        return cls(metric, "Maximize")

    @classmethod
    def minimize(cls, metric: str) -> Objective:
        """Less is better."""
        return cls(metric, "Minimize")

    def to_request(self) -> dict[str, Any]:
        """The ``HyperParameterTuningJobObjective``."""
        return {"MetricName": self.metric, "Type": self.goal}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperband:
    """The resources that the strategy Hyperband may spend on a trial.

    Attributes:
        min_resource: The epochs that each trial runs at least.
        max_resource: The epochs that a trial runs at most. Default: the hyperparameter ``epochs`` or one like it.
    """

    min_resource: int | str | None = None
    max_resource: int | str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``StrategyConfig``."""
        return {"HyperbandStrategyConfig": {"MinResource": self.min_resource, "MaxResource": self.max_resource}}


class WarmStartType(Enum):
    """The relation of a tuning job to those that it learns from."""

    IDENTICAL = "IdenticalDataAndAlgorithm"
    """The data and the algorithm."""
    TRANSFER_LEARNING = "TransferLearning"
    """The problem; the data or the algorithm's version differ."""


@dataclass(frozen=True, slots=True)
class WarmStart:
    """Tuning jobs that a tuning job learns from.

    Attributes:
        parents: Their names, 1-5: literals, or the result of a tuning job before it in the workflow.
        kind: The part that it has in common with them.
    """

    parents: Sequence[str]
    kind: WarmStartType | str = WarmStartType.IDENTICAL

    def to_request(self) -> dict[str, Any]:
        """The ``WarmStartConfig``."""
        return {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": name} for name in self.parents],
            "WarmStartType": api_value(self.kind),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialInstances:
    """Instances that trials may run on, one choice of several.

    Attributes:
        instance_type: Such as ``ml.m5.xlarge``.
        instance_count: The number for each trial.
        volume_size: The size of each instance's volume. Default: 30 GiB.
    """

    instance_type: str
    instance_count: int | str = 1
    volume_size: Size | str | None = None

    def to_request(self) -> dict[str, Any]:
        """An item of ``InstanceConfigs``."""
        size = self.volume_size
        return {
            "InstanceType": self.instance_type,
            "InstanceCount": self.instance_count,
            "VolumeSizeInGB": DEFAULT_VOLUME_GIB if size is None else gibibytes(size),
        }


class TuningProps(ClusterProps, TrainingResourceProps, total=False):
    """Props of tuning jobs in addition to those of every job."""

    trial_instances: Sequence[TrialInstances]
    """Instances that the trials may run on, in order of preference, 1-6. Default: only ``instance_type``."""
    hyperband: Hyperband
    """The resources that the strategy Hyperband may spend on a trial. Default: SageMaker's choice."""
    early_stopping: bool
    """Stops trials that do badly early. Default: no."""
    max_tuning_time: Duration | str
    """The time that all of it may take, 2 minutes to 182.5 days. Default: SageMaker's own limit, 30 days."""
    target_objective_value: float | str
    """The search ends once the objective is this good. Default: it goes on."""
    max_jobs_not_improving: int | str
    """The search ends after so many trials that were not 1 % better, at least 3. Default: it goes on."""
    stop_on_convergence: bool
    """Ends the search once SageMaker sees that it converges. Default: no."""
    random_seed: int | str
    """Makes the search more alike from one run to the next. Default: SageMaker draws one."""
    warm_start: WarmStart
    """Tuning jobs that it learns from. Default: none."""
    autotune: bool
    """Has SageMaker find the ranges, the limits and the rest that are left out. Default: no."""
