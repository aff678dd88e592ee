"""The training jobs that a tuning job starts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from constructs_ml.tasks.training.request import TrainingParts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration, Size

    from constructs_ml.core.props import InstancePreference
    from constructs_ml.core.requests import Whole
    from constructs_ml.tasks.training.resources import InstanceGroup, UltraServerPlacement
    from constructs_ml.tasks.tuning.options import Objective, TrialInstances
    from constructs_ml.tasks.tuning.ranges import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingDefinition(TrainingParts):
    """The training jobs that a tuning job starts. The members are those of :class:`~constructs_ml.TrainingJob`.

    Attributes:
        image: The image that they run in; or else an algorithm.
        algorithm: The name or ARN of an algorithm resource, instead of an image.
        code: The script that a framework image runs (script mode). Default: what the image runs.
        channels: The data that they read, by name; found at ``/opt/ml/input/data/<name>``.
        input_mode: How the channels reach the container.
        hyperparameters: Those that are the same in all of them, at most 100.
        metric_definitions: Regular expressions that find metrics in the log, by the metric's name, at most 40. The
            objective's is among them, but for algorithms of SageMaker's own.
        output: Where ``<job name>/output/model.tar.gz`` goes. Default: a location unique to the execution.
        output_compression: ``GZIP`` or ``NONE``. Default: ``GZIP``.
        spot: Whether they run on spot instances, and go on from their checkpoint after an interruption.
        max_wait: The maximum time for waiting for spot instances and running. Default: twice ``max_runtime``.
        checkpoint: Where checkpoints are kept. Default: with spot, a location unique to the execution; else none.
        checkpoint_path: Where the container keeps them. Default: ``/opt/ml/checkpoints``.
        retry_attempts: The number of times that SageMaker itself restarts a job after an internal error, 1-30. Default:
            never.
        instance_type: Default: the tuning job's.
        instance_count: Default: the tuning job's.
        instance_preferences: Default: the tuning job's.
        instance_groups: Default: the tuning job's.
        trial_instances: Instances in order of preference, 1-6, instead of all of the above. Default: none.
        volume_size: Default: the tuning job's.
        max_runtime: How long each may run. Default: the tuning job's.
        max_pending: Default: the tuning job's.
        keep_alive: Default: the tuning job's.
        training_plan: Default: the tuning job's.
        placement: Default: the tuning job's.
        environment: Added to the tuning job's.
        name: The name of the definition. Default: its number, if there are several.
        objective: Its objective. Default: the tuning job's objective.
        ranges: The ranges of its hyperparameters. Default: the tuning job's ranges.
    """

    instance_type: str | None = None
    instance_count: int | str | None = None
    instance_preferences: Sequence[str | InstancePreference] | Mapping[str, int] | None = None
    instance_groups: Sequence[InstanceGroup] | None = None
    trial_instances: Sequence[TrialInstances] | None = None
    volume_size: Size | str | None = None
    max_runtime: Duration | str | None = None
    max_pending: Duration | str | None = None
    keep_alive: Duration | str | None = None
    training_plan: str | None = None
    placement: UltraServerPlacement | None = None
    environment: Mapping[str, str] | Whole | None = None
    name: str | None = None
    objective: Objective | None = None
    ranges: Mapping[str, Range] | None = None

    def props_over(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """The props of the tuning job with those that the definition sets itself."""
        own = {item.name: getattr(self, item.name) for item in fields(self) if item.name in OF_BOTH}
        own = {name: value for name, value in own.items() if value is not None}
        kept = {name: value for name, value in props.items() if not (name in INSTANCES and INSTANCES & own.keys())}
        if "environment" in own:
            own["environment"] = {**(props.get("environment") or {}), **own["environment"]}
        return {**kept, **own}


INSTANCES = frozenset({"instance_type", "instance_preferences", "instance_groups", "trial_instances"})
"""Props that exclude each other: a definition that sets one does not take another from the tuning job."""
OF_BOTH = INSTANCES | {
    "environment",
    "instance_count",
    "keep_alive",
    "max_pending",
    "max_runtime",
    "placement",
    "training_plan",
    "volume_size",
}
"""Props that a definition may set for itself, and else takes from its tuning job."""
