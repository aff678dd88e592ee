"""CML213."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation

# Endpoint configurations are not covered: their key merely has no effect then.


def _cluster(instance_type: str, **rest: str) -> dict[str, Any]:
    cluster = {"InstanceCount": 1, "InstanceType": instance_type, "VolumeSizeInGB": 30}
    return processing(ProcessingResources={"ClusterConfig": {**cluster, **rest}})


@rule(
    "CML213",
    title="Instances with local storage have no volume key",
    reason="SageMaker refuses the request: local storage is encrypted by the instance's hardware, and no volume is "
    "created. Source: VolumeKmsKeyId of ProcessingClusterConfig, ResourceConfig and TransformResources in the API "
    "('You can't request a VolumeKmsKeyId when using an instance type with local storage'); the families are those "
    "for which the SageMaker SDK omits the key.",
    bad=_cluster("ml.g5.xlarge", VolumeKmsKeyId="alias/jobs"),
    good=_cluster("ml.m5.xlarge", VolumeKmsKeyId="alias/jobs"),
)
def volume_key(machine: Machine) -> Iterator[Violation]:
    """Volume keys for instances that have no volumes."""
    yield from relation_violations(machine, "volume_key")
