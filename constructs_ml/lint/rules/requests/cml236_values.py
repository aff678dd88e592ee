"""CML236."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.examples import transform
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


_SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/parts/"}}


@rule(
    "CML236",
    title="A member has a value that is compatible with the others",
    reason="SageMaker refuses the request with a ValidationException. Source: the API reference; each relation of the "
    "table in constructs_ml/sagemaker/relations cites its page.",
    bad=transform(BatchStrategy="MultiRecord"),
    good=transform(BatchStrategy="MultiRecord", TransformInput={"DataSource": _SOURCE, "SplitType": "Line"}),
)
def other_value(machine: Machine) -> Iterator[Violation]:
    """Values that other members do not allow."""
    yield from relation_violations(machine, "values")
