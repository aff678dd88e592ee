"""CML218."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _cluster(**rest: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    cluster = {"InstanceCount": 1, "VolumeSizeInGB": 30, "InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}]}
    return processing(ProcessingResources={"ClusterConfig": {**cluster, **rest}})


@rule(
    "CML218",
    title="Instances have either a type or a list of preferred types",
    reason="SageMaker refuses the request. Source: InstancePreferences of ProcessingClusterConfig and ResourceConfig in the "
    "API: it 'is mutually exclusive with InstanceType', and in training with InstanceGroups, InstancePlacementConfig and spot "
    "training too.",
    bad=_cluster(InstanceType="ml.m5.xlarge"),
    good=_cluster(),
)
def instance_choice(machine: Machine) -> Iterator[Violation]:
    """Members that cannot be combined with a list of preferred types."""
    yield from relation_violations(machine, "instance_choice")
