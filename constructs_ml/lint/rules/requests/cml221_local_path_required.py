"""CML221."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _raw(**rest: str) -> dict[str, Any]:
    source = {"S3Uri": "s3://churn/raw/", "S3DataType": "S3Prefix", "S3InputMode": "File", **rest}
    return processing(ProcessingInputs=[{"InputName": "raw", "S3Input": source}])


@rule(
    "CML221",
    title="Inputs of processing jobs that SageMaker downloads have a local path",
    reason="SageMaker refuses the request. Source: ProcessingS3Input of the API: 'LocalPath is a required parameter when "
    "AppManaged is False (default)'.",
    bad=_raw(),
    good=_raw(LocalPath="/opt/ml/processing/raw"),
)
def no_local_path(machine: Machine) -> Iterator[Violation]:
    """Inputs from S3 without a path in the container."""
    yield from relation_violations(machine, "local_path_required")
