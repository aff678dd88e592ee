"""CML220."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _with_channels(*names: str) -> dict[str, Any]:
    channels = [
        {
            "ChannelName": name,
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://churn/{at}/"}},
        }
        for at, name in enumerate(names)
    ]
    return training(InputDataConfig=channels)


@rule(
    "CML220",
    title="The channels of a training job have different names",
    reason="A channel's name is its folder in the container, /opt/ml/input/data/NAME: two channels of the same name "
    "share one. Source: 'Amazon SageMaker AI Training Storage Folders' of the SageMaker developer guide.",
    bad=_with_channels("train", "train"),
    good=_with_channels("train", "validation"),
)
def same_channel(machine: Machine) -> Iterator[Violation]:
    """Channels with the name of another channel of the same job."""
    yield from relation_violations(machine, "channels")
