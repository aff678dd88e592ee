"""CML233."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


_VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}


def _from_a_file_system(**rest: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    source = {
        "FileSystemId": "fs-0123456789abcdef0",
        "FileSystemAccessMode": "ro",
        "FileSystemType": "EFS",
        "DirectoryPath": "/churn",
    }
    channel = {"ChannelName": "train", "DataSource": {"FileSystemDataSource": source}}
    return training(InputDataConfig=[channel], **rest)


@rule(
    "CML233",
    title="Members that another member requires are set",
    reason="SageMaker refuses the request with a ValidationException. Source: the API reference; each relation of the "
    "table in constructs_ml/sagemaker/relations cites its page.",
    bad=_from_a_file_system(),
    good=_from_a_file_system(VpcConfig=_VPC),
)
def not_there(machine: Machine) -> Iterator[Violation]:
    """Missing members that another member requires."""
    yield from relation_violations(machine, "requires")
