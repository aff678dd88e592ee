"""CML214."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _with_mode(mode: str) -> dict[str, Any]:
    source = {
        "S3Uri": "s3://churn/raw/",
        "S3DataType": "S3Prefix",
        "S3InputMode": mode,
        "S3CompressionType": "Gzip",
        "LocalPath": "/opt/ml/processing/raw",
    }
    return processing(ProcessingInputs=[{"InputName": "raw", "S3Input": source}])


@rule(
    "CML214",
    title="Processing inputs are decompressed in Pipe mode only",
    reason="SageMaker refuses the request. Source: ProcessingS3Input of the API: 'Gzip can only be used when Pipe mode is "
    "specified as the S3InputMode'.",
    bad=_with_mode("File"),
    good=_with_mode("Pipe"),
)
def unpacked_file(machine: Machine) -> Iterator[Violation]:
    """Inputs with compression in File mode."""
    yield from relation_violations(machine, "gzip")
