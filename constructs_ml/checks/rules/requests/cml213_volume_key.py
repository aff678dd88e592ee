"""CML213."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.checks.examples import processing
from constructs_ml.checks.requests import LATER, get, requests_of
from constructs_ml.checks.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.violation import Violation

# The places of instances in requests of jobs. Endpoint configurations are none: there a key just does not matter.
_RESOURCES = {
    "CreateProcessingJob": ("ProcessingResources.ClusterConfig",),
    "CreateTrainingJob": ("ResourceConfig",),
    "CreateTransformJob": ("TransformResources",),
    "CreateHyperParameterTuningJob": (
        "TrainingJobDefinition.ResourceConfig",
        "TrainingJobDefinition.HyperParameterTuningResourceConfig",
    ),
}
_LOCAL_STORAGE = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|g5|g6|g6e|p5|p5e|p5en|trn1|trn1n|trn2)\.[a-z0-9-]+")


def _cluster(instance_type: str, **rest: str) -> dict[str, Any]:
    cluster = {"InstanceCount": 1, "InstanceType": instance_type, "VolumeSizeInGB": 30}
    return processing(ProcessingResources={"ClusterConfig": {**cluster, **rest}})


@rule(
    "CML213",
    title="No volume key is given for instances that have local storage",
    reason="SageMaker refuses the request: local storage is encrypted by the instance's hardware, and no volume is made. "
    "Source: VolumeKmsKeyId of ProcessingClusterConfig, ResourceConfig and TransformResources in the API ('You can't request "
    "a VolumeKmsKeyId when using an instance type with local storage'); the types are those that the SageMaker SDK takes for it.",
    bad=_cluster("ml.g5.xlarge", VolumeKmsKeyId="alias/jobs"),
    good=_cluster("ml.m5.xlarge", VolumeKmsKeyId="alias/jobs"),
)
def volume_key(machine: Machine) -> Iterator[Violation]:
    """Keys for the volumes of instances that have none."""
    for request in requests_of(machine):
        for member in _RESOURCES.get(request.operation, ()):
            cluster = request.get(*member.split("."))
            if cluster in (None, LATER) or get(cluster, "VolumeKmsKeyId") is None:
                continue
            for instance_type in _types(cluster):
                if _LOCAL_STORAGE.fullmatch(instance_type):
                    problem = f"cannot be given for {instance_type}, which has local storage"
                    yield request.violation(f"{member}.VolumeKmsKeyId", problem, "leave it out")
                    break


def _types(cluster: Mapping[str, Any]) -> Iterator[str]:
    one = get(cluster, "InstanceType")
    if isinstance(one, str):
        yield one
