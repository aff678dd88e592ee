"""The EventBridge event that tells of a change of a job's status."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from constructs_ml.local.kinds import Kind

# What the event's detail repeats of the Describe response (the sample events of the SageMaker Developer Guide,
# "Events that SageMaker AI sends to Amazon EventBridge").
_DETAIL = {
    Kind.PROCESSING: (
        "ProcessingInputs",
        "ProcessingOutputConfig",
        "ProcessingJobName",
        "ProcessingResources",
        "StoppingCondition",
        "AppSpecification",
        "Environment",
        "NetworkConfig",
        "RoleArn",
        "ExperimentConfig",
        "ProcessingJobArn",
        "ProcessingJobStatus",
        "ExitMessage",
        "FailureReason",
        "LastModifiedTime",
        "CreationTime",
        "ProcessingStartTime",
        "ProcessingEndTime",
    ),
    Kind.TRAINING: (
        "TrainingJobName",
        "TrainingJobArn",
        "TrainingJobStatus",
        "SecondaryStatus",
        "FailureReason",
        "HyperParameters",
        "AlgorithmSpecification",
        "RoleArn",
        "InputDataConfig",
        "OutputDataConfig",
        "ModelArtifacts",
        "ResourceConfig",
        "VpcConfig",
        "StoppingCondition",
        "CreationTime",
        "TrainingStartTime",
        "TrainingEndTime",
        "LastModifiedTime",
        "SecondaryStatusTransitions",
        "FinalMetricDataList",
        "Environment",
    ),
}
# In the detail of a processing job these enumerations are upper case, unlike in the API.
_UPPER = frozenset({"S3InputMode", "S3DataType", "S3DataDistributionType", "S3CompressionType", "S3UploadMode"})


def state_change(kind: Kind, response: dict[str, Any]) -> dict[str, Any]:
    """The event of a job's present status.

    Args:
        kind: The kind of job.
        response: Its Describe response, times as datetimes.

    Returns:
        An entry for PutEvents, its source ``aws.sagemaker``.
    """
    detail = {name: _spelt(kind, response[name]) for name in _DETAIL[kind] if name in response}
    if kind is Kind.TRAINING:
        detail.setdefault("HyperParameters", {})
    return {
        "Source": "aws.sagemaker",
        "DetailType": f"SageMaker {kind.value} Job State Change",
        "Resources": [response[f"{kind.job}Arn"]],
        "Detail": json.dumps(detail),
    }


def _spelt(kind: Kind, value: Any, member: str = "") -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, datetime):
        # Epoch milliseconds; the samples of training jobs have them as strings.
        milliseconds = int(value.timestamp() * 1000)
        return milliseconds if kind is Kind.PROCESSING else str(milliseconds)
    if isinstance(value, dict):
        return {name: _spelt(kind, item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_spelt(kind, item, member) for item in value]
    if kind is Kind.PROCESSING and member in _UPPER and isinstance(value, str):
        return value.upper()
    return value
