"""CML210."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _with_names(*outputs: str) -> dict[str, Any]:
    made = [
        {
            "OutputName": name,
            "S3Output": {
                "S3Uri": f"s3://churn/{at}/",
                "S3UploadMode": "EndOfJob",
                "LocalPath": f"/opt/ml/processing/{at}",
            },
        }
        for at, name in enumerate(outputs)
    ]
    return processing(ProcessingOutputConfig={"Outputs": made})


@rule(
    "CML210",
    title="The inputs and outputs of a processing job have different names",
    reason="SageMaker refuses the request: 'Input and Output names must be globally unique'. "
    "Source: issue 3484 of aws/sagemaker-python-sdk.",
    bad=_with_names("train", "train"),
    good=_with_names("train", "test"),
)
def same_name(machine: Machine) -> Iterator[Violation]:
    """Names that another input or output of the same job has."""
    yield from relation_violations(machine, "names")
