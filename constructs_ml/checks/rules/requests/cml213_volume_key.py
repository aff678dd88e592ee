"""CML213."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.checks.examples import processing
from constructs_ml.checks.reading.requests import get, requests_of
from constructs_ml.checks.rule import rule
from constructs_ml.checks.rules.requests.training import trainings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.requests import Request
    from constructs_ml.checks.rules.requests.training import Training
    from constructs_ml.checks.violation import Violation

# Endpoint configurations are not here: their key is just of no use then.
_CLUSTERS = {
    "CreateProcessingJob": "ProcessingResources.ClusterConfig",
    "CreateTransformJob": "TransformResources",
}
_OF_TRAINING = ("ResourceConfig", "HyperParameterTuningResourceConfig")
_LOCAL_STORAGE = ("g5", "g6", "g7e", "p5", "p6-b200", "trn1", "trn2")


def _cluster(instance_type: str, **rest: str) -> dict[str, Any]:
    cluster = {"InstanceCount": 1, "InstanceType": instance_type, "VolumeSizeInGB": 30}
    return processing(ProcessingResources={"ClusterConfig": {**cluster, **rest}})


@rule(
    "CML213",
    title="No volume key is given for instances that have local storage",
    reason="SageMaker refuses the request: local storage is encrypted by the instance's hardware, and no volume is made. "
    "Source: VolumeKmsKeyId of ProcessingClusterConfig, ResourceConfig and TransformResources in the API ('You can't request "
    "a VolumeKmsKeyId when using an instance type with local storage'); the families are those for which the SageMaker SDK "
    "leaves the key out.",
    bad=_cluster("ml.g5.xlarge", VolumeKmsKeyId="alias/jobs"),
    good=_cluster("ml.m5.xlarge", VolumeKmsKeyId="alias/jobs"),
)
def volume_key(machine: Machine) -> Iterator[Violation]:
    """Keys for the volumes of instances that have none."""
    for request in requests_of(machine):
        if request.operation in _CLUSTERS:
            yield from _of_cluster(request, _CLUSTERS[request.operation])
    for job in trainings(machine):
        for member in _OF_TRAINING:
            yield from _of_cluster(job, member)


def _of_cluster(owner: Request | Training, member: str) -> Iterator[Violation]:
    cluster = owner.get(*member.split("."))
    key, instance_type = get(cluster, "VolumeKmsKeyId"), get(cluster, "InstanceType")
    if isinstance(cluster, dict) and key is not None and isinstance(instance_type, str) and _is_local(instance_type):
        problem = f"cannot be given for {instance_type}, which has local storage"
        yield owner.violation(f"{member}.VolumeKmsKeyId", problem, "leave it out")


def _is_local(instance_type: str) -> bool:
    """Whether instances have local storage: those with a ``d`` in their family (c5d, g4dn, p4d), and some others."""
    parts = instance_type.split(".")
    family = parts[1] if len(parts) == 3 and parts[0] == "ml" else ""  # noqa: PLR2004 - ml.FAMILY.SIZE
    return "d" in family or family.startswith(_LOCAL_STORAGE)
