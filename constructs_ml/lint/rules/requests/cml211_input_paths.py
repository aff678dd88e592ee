"""CML211."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _with_paths(*paths: str) -> dict[str, Any]:
    made = [
        {
            "InputName": f"part{at}",
            "S3Input": {
                "S3Uri": f"s3://churn/{at}/",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
                "LocalPath": path,
            },
        }
        for at, path in enumerate(paths)
    ]
    return processing(ProcessingInputs=made)


@rule(
    "CML211",
    title="The inputs of a processing job have different local paths",
    reason="SageMaker refuses a request with two inputs at one path, with an empty message. "
    "Source: issue 4939 of aws/sagemaker-python-sdk.",
    bad=_with_paths("/opt/ml/processing/input", "/opt/ml/processing/input"),
    good=_with_paths("/opt/ml/processing/input/a", "/opt/ml/processing/input/b"),
)
def same_place(machine: Machine) -> Iterator[Violation]:
    """Inputs at the path of another input of the same job."""
    yield from relation_violations(machine, "places")
