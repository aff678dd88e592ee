"""CML224."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _manifest(mode: str) -> dict[str, Any]:
    source = {
        "S3DataType": "AugmentedManifestFile",
        "S3Uri": "s3://churn/labels.manifest",
        "AttributeNames": ["source-ref"],
    }
    return training(
        InputDataConfig=[{"ChannelName": "train", "InputMode": mode, "DataSource": {"S3DataSource": source}}]
    )


@rule(
    "CML224",
    title="Augmented manifests are read in Pipe mode",
    reason="SageMaker refuses the request. Source: S3DataSource of the API: 'AugmentedManifestFile can only be used if the "
    "Channel's input mode is Pipe'.",
    bad=_manifest("File"),
    good=_manifest("Pipe"),
)
def manifest_as_file(machine: Machine) -> Iterator[Violation]:
    """Augmented manifests that are read as files."""
    yield from relation_violations(machine, "augmented_manifest")
