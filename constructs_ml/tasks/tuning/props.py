"""The props of a tuning job that most have no need of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.props import ClusterProps
from constructs_ml.tasks.training.resources import TrainingResourceProps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration

    from constructs_ml.tasks.tuning.options import Hyperband, TrialInstances, WarmStart


class TuningProps(ClusterProps, TrainingResourceProps, total=False):
    """What tuning jobs take beside the props of every job."""

    trial_instances: Sequence[TrialInstances]
    """Instances that the trials may run on, in order of preference, 1-6. Default: only ``instance_type``."""
    hyperband: Hyperband
    """What the strategy Hyperband may spend on a trial. Default: SageMaker's choice."""
    early_stopping: bool
    """Whether trials that do badly are stopped early. Default: they are not."""
    max_tuning_time: Duration | str
    """How long all of it may take, 2 minutes to 182.5 days. Default: SageMaker's own limit, 30 days."""
    target_objective_value: float | str
    """The search ends once the objective is this good. Default: it goes on."""
    max_jobs_not_improving: int | str
    """The search ends after so many trials that were not 1 % better, at least 3. Default: it goes on."""
    stop_on_convergence: bool
    """Whether the search ends once SageMaker sees that it converges. Default: it goes on."""
    random_seed: int | str
    """Makes the search more alike from one run to the next. Default: SageMaker draws one."""
    warm_start: WarmStart
    """Tuning jobs that it learns from. Default: none."""
    autotune: bool
    """Whether SageMaker finds the ranges, the limits and the rest that are left out. Default: it does not."""
