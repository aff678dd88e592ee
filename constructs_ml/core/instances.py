"""The instances that a job runs on, and their volumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.core.requests import gibibytes as gibibytes_of
from constructs_ml.core.requests import key_arn
from constructs_ml.sagemaker.kinds import has_local_storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_ml.core.job_spec import JobDraft

DEFAULT_INSTANCE_TYPE = "ml.m5.xlarge"
DEFAULT_VOLUME_GIB = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePreference:
    """An instance type that a job may run on.

    Attributes:
        instance_type: Such as ``ml.m5.xlarge``.
        instance_count: How many of them the job then needs. Default: the job's ``instance_count``.
        training_plan: The ARN of a training plan whose capacity is then used; training jobs only. Default: none.
    """

    instance_type: str
    instance_count: int | str | None = None
    training_plan: str | None = None

    def to_request(self) -> dict[str, Any]:
        """An item of ``InstancePreferences``."""
        return {
            "InstanceType": self.instance_type,
            "InstanceCount": self.instance_count,
            "TrainingPlanArns": None if self.training_plan is None else [self.training_plan],
        }


def instances_request(draft: JobDraft) -> dict[str, Any]:
    """The ``ClusterConfig`` of a processing job, or the ``ResourceConfig`` of a training job."""
    instances = _instances(draft)
    types = [item["InstanceType"] for item in instances.get("InstancePreferences", [instances])]
    return {**instances, "VolumeSizeInGB": gibibytes(draft), "VolumeKmsKeyId": volume_key_arn(draft, types)}


def volume_key_arn(draft: JobDraft, instance_types: Sequence[str] = ()) -> str | None:
    """The KMS key of the volumes; what using it needs is declared.

    A default is for volumes: SageMaker takes no key for instances that have disks of their own instead.

    Args:
        draft: The job.
        instance_types: What it may run on, as far as that is known.
    """
    key = draft.props.get("volume_key")
    if key is None and not _have_disks(instance_types):
        key = draft.either("volume_key", None)
    arn = key_arn(key)
    if arn is not None:
        draft.access.volume_keys.append(arn)
    return arn


def _have_disks(instance_types: Sequence[str]) -> bool:
    known = [isinstance(name, str) and has_local_storage(name) for name in instance_types]
    return bool(known) and all(known)


def known_instance_type(draft: JobDraft) -> str | None:
    """The instance type that picks between images for CPUs and GPUs, as far as it is known."""
    several = draft.props.get("instance_preferences") or draft.props.get("instance_groups")
    first = next(iter(several)) if several else draft.either("instance_type", DEFAULT_INSTANCE_TYPE)
    given = getattr(first, "instance_type", first)
    return given if isinstance(given, str) and given.startswith("ml.") else None


def _instances(draft: JobDraft) -> dict[str, Any]:
    given = draft.props.get("instance_preferences")
    if given is None:
        return {
            "InstanceCount": draft.either("instance_count", 1),
            "InstanceType": draft.either("instance_type", DEFAULT_INSTANCE_TYPE),
        }
    preferences = _preferences(given)
    counted = any(item.instance_count is not None for item in preferences)
    for name in ("instance_type", *(("instance_count",) if counted else ())):
        if draft.props.get(name) is not None:
            draft.faults.add(name, "must not be given beside instance_preferences", "leave one of them out")
    return {
        "InstanceCount": None if counted else draft.either("instance_count", 1),
        "InstancePreferences": [item.to_request() for item in preferences],
    }


def _preferences(given: Sequence[str | InstancePreference] | Mapping[str, int]) -> list[InstancePreference]:
    if isinstance(given, Mapping):
        return [InstancePreference(instance_type=name, instance_count=count) for name, count in given.items()]
    return [InstancePreference(instance_type=item) if isinstance(item, str) else item for item in given]


def gibibytes(draft: JobDraft) -> Any:  # noqa: ANN401 - a number or a runtime value
    """The size of the volumes."""
    size = draft.either("volume_size", cast("Any", None))
    if size is None:
        return DEFAULT_VOLUME_GIB
    return gibibytes_of(size)
