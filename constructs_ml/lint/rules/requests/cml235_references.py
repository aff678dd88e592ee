"""CML235."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _for_group(name: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/train/", "InstanceGroupNames": [name]}
    group = {"InstanceGroupName": "workers", "InstanceType": "ml.m5.xlarge", "InstanceCount": 2}
    return training(
        InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        ResourceConfig={"InstanceGroups": [group], "VolumeSizeInGB": 30},
    )


@rule(
    "CML235",
    title="Names that a member refers to are in the request",
    reason="SageMaker refuses the request with a ValidationException. Source: the API reference; each relation of the "
    "table in constructs_ml/sagemaker/relations cites its page.",
    bad=_for_group("loaders"),
    good=_for_group("workers"),
)
def not_named(machine: Machine) -> Iterator[Violation]:
    """References to names that the request does not have."""
    yield from relation_violations(machine, "references")
