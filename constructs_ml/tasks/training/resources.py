"""The instances that a training job runs on: groups of them, warm pools, reserved capacity, placement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from constructs_ml.core.job_spec import gibibytes, instances_request, volume_key_arn
from constructs_ml.core.values import parse_text
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration

    from constructs_ml.core.job_spec import JobSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceGroup:
    """Instances of one type in a cluster of several types.

    Attributes:
        name: Its name in channels and in the container.
        instance_type: Such as ``ml.c5.xlarge``.
        instance_count: The number of instances.
    """

    name: str
    instance_type: str
    instance_count: int | str = 1

    def to_request(self) -> dict[str, Any]:
        """An item of ``InstanceGroups``."""
        return {
            "InstanceGroupName": self.name,
            "InstanceType": self.instance_type,
            "InstanceCount": self.instance_count,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UltraServerPlacement:
    """The placement of the instances on UltraServers.

    Attributes:
        instances: How many instances stand together on each UltraServer, by its id; at most 10.
        shared: Whether other jobs may use the same UltraServers. Default: no.
    """

    instances: Mapping[str, int | str] | None = None
    shared: bool | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``InstancePlacementConfig``."""
        return {
            "EnableMultipleJobs": self.shared,
            "PlacementSpecifications": [
                {"UltraServerId": name, "InstanceCount": count} for name, count in (self.instances or {}).items()
            ]
            or None,
        }


class TrainingResourceProps(TypedDict, total=False):
    """Props of training jobs and tuning jobs in addition to those of every job."""

    instance_groups: Sequence[InstanceGroup]
    """A cluster of several instance types, at most 5, instead of ``instance_type``. Default: all are alike."""
    keep_alive: Duration | str
    """The time that the instances are kept for the next job, at most 6 hours. Default: none."""
    training_plan: str
    """The ARN of a training plan whose reserved capacity is used. Default: none."""
    placement: UltraServerPlacement
    """The placement of the instances on UltraServers. Default: SageMaker's choice."""
    max_pending: Duration | str
    """The time that the job may wait for capacity, 30 minutes to 28 days. Default: SageMaker's own limit."""


def resources_request(spec: JobSpec) -> dict[str, Any]:
    """The ``ResourceConfig`` of a training job."""
    groups, placement = spec.props.get("instance_groups"), spec.props.get("placement")
    if groups is None:
        instances = instances_request(spec)
        if instances["InstanceCount"] == 0:
            # The API's model takes it, as instance_groups have counts of their own.
            spec.faults.add("instance_count", "must be at least 1, got 0", "leave it out for one instance")
    else:
        for name in ("instance_type", "instance_count", "instance_preferences"):
            if spec.props.get(name) is not None:
                spec.faults.add(name, "cannot be combined with instance_groups", "leave one of them out")
        instances = {
            "InstanceGroups": [group.to_request() for group in groups],
            "VolumeSizeInGB": gibibytes(spec),
            "VolumeKmsKeyId": volume_key_arn(spec, [group.instance_type for group in groups]),
        }
    return {
        **instances,
        "KeepAlivePeriodInSeconds": spec.seconds("keep_alive"),
        "TrainingPlanArn": spec.props.get("training_plan"),
        "InstancePlacementConfig": None if placement is None else placement.to_request(),
    }


def plan_statements(spec: JobSpec) -> list[Statement]:
    """Return the statements for starting a job on the capacity of training plans; none without a plan.

    Source: "AllowUseOfTrainingPlanResources" of the managed policy AmazonSageMakerFullAccess.
    """
    preferences = spec.props.get("instance_preferences") or ()
    asked = [spec.props.get("training_plan"), *(getattr(item, "training_plan", None) for item in preferences)]
    plans = [parse_text(plan) for plan in asked if plan is not None]
    if not plans:
        return []
    place = spec.context.of_stack.place
    arns = (plan if isinstance(plan, str) else place.arn("sagemaker", "training-plan/*") for plan in plans)
    # Which reserved capacity belongs to a plan is known only to SageMaker.
    capacity = place.arn("sagemaker", "reserved-capacity/*")
    return [Statement(("sagemaker:CreateTrainingJob",), (*dict.fromkeys(arns), capacity))]
