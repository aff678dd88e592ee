"""The instances that a job runs on, and their volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import SizeRoundingBehavior

if TYPE_CHECKING:
    from constructs_ml.jobs.draft import Draft

DEFAULT_INSTANCE_TYPE = "ml.m5.xlarge"
DEFAULT_VOLUME_GIB = 30


def instances_request(draft: Draft) -> dict[str, Any]:
    """The ``ClusterConfig`` of a processing job, or the ``ResourceConfig`` of a training job."""
    key = draft.either("volume_key", None)
    if key is not None:
        draft.access.volume_keys.append(key.key_arn)
    return {
        **_instances(draft),
        "VolumeSizeInGB": _gibibytes(draft),
        "VolumeKmsKeyId": None if key is None else key.key_arn,
    }


def known_instance_type(draft: Draft) -> str | None:
    """The instance type that picks between images for CPUs and GPUs, as far as it is known."""
    preferences = draft.props.get("instance_preferences")
    given = next(iter(preferences)) if preferences else draft.either("instance_type", DEFAULT_INSTANCE_TYPE)
    return given if isinstance(given, str) and given.startswith("ml.") else None


def _instances(draft: Draft) -> dict[str, Any]:
    preferences = draft.props.get("instance_preferences")
    if preferences is None:
        return {
            "InstanceCount": draft.either("instance_count", 1),
            "InstanceType": draft.either("instance_type", DEFAULT_INSTANCE_TYPE),
        }
    counted = isinstance(preferences, Mapping)
    for name in ("instance_type", *(("instance_count",) if counted else ())):
        if name in draft.props:
            draft.faults.add(name, "must not be given beside instance_preferences", "leave one of them out")
    if counted:
        return {
            "InstancePreferences": [
                {"InstanceType": name, "InstanceCount": count}
                for name, count in cast("Mapping[str, int]", preferences).items()
            ]
        }
    return {
        "InstanceCount": draft.either("instance_count", 1),
        "InstancePreferences": [{"InstanceType": name} for name in preferences],
    }


def _gibibytes(draft: Draft) -> Any:  # noqa: ANN401 - a number or a runtime value
    size = draft.either("volume_size", cast("Any", None))
    if size is None:
        return DEFAULT_VOLUME_GIB
    return size if isinstance(size, str) else size.to_gibibytes(rounding=SizeRoundingBehavior.NONE)
