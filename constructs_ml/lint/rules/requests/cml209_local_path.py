"""CML209."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _with_path(path: str) -> dict[str, Any]:
    source = {"S3Uri": "s3://churn/raw/", "S3DataType": "S3Prefix", "S3InputMode": "File", "LocalPath": path}
    return processing(ProcessingInputs=[{"InputName": "raw", "S3Input": source}])


@rule(
    "CML209",
    title="Local paths of processing jobs are below /opt/ml/processing",
    reason="SageMaker refuses other paths. Source: 'How Amazon SageMaker Processing Configures Input and Output For "
    "Your Processing Container' of the SageMaker developer guide: the path must begin with /opt/ml/processing/.",
    bad=_with_path("/data/raw"),
    good=_with_path("/opt/ml/processing/input/raw"),
)
def local_path(machine: Machine) -> Iterator[Violation]:
    """Inputs and outputs elsewhere in the container."""
    yield from relation_violations(machine, "local_path")
