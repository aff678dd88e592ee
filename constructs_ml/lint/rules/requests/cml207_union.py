"""CML207."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import call
from constructs_ml.lint.requests import violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation

_TABULAR = {"TargetAttributeName": "churned"}


def _automl(problem: dict[str, Any]) -> dict[str, Any]:
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/train/"}}
    request = {
        "AutoMLJobName.$": "$.name",
        "AutoMLJobInputDataConfig": [{"DataSource": data}],
        "OutputDataConfig": {"S3OutputPath": "s3://churn/models/"},
        "AutoMLProblemTypeConfig": problem,
        "RoleArn": "arn:aws:iam::111122223333:role/Jobs",
    }
    return call("aws-sdk:sagemaker:createAutoMLJobV2", request)


@rule(
    "CML207",
    title="Exactly one member of a union is set",
    reason="SageMaker refuses the request with a ValidationException. Source: botocore's model of the SageMaker API.",
    bad=_automl({"TabularJobConfig": _TABULAR, "ImageClassificationJobConfig": {}}),
    good=_automl({"TabularJobConfig": _TABULAR}),
)
def not_one_of(machine: Machine) -> Iterator[Violation]:
    """Unions with none or several of their members set."""
    yield from violations(machine, FindingKind.UNION)
