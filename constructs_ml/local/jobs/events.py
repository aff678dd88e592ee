"""The EventBridge event about a change of a job's status."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from constructs_ml.local.aws.describe import as_json
from constructs_ml.sagemaker.kinds import JobKind

# What the event's detail repeats of the Describe response (the sample events of the SageMaker Developer Guide,
# "Events that SageMaker AI sends to Amazon EventBridge").
_DETAIL = {
    JobKind.PROCESSING: (
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
    JobKind.TRAINING: (
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
        "TuningJobArn",
    ),
    JobKind.TRANSFORM: (
        "TransformJobName",
        "TransformJobArn",
        "TransformJobStatus",
        "FailureReason",
        "ModelName",
        "MaxConcurrentTransforms",
        "MaxPayloadInMB",
        "BatchStrategy",
        "Environment",
        "TransformInput",
        "TransformOutput",
        "TransformResources",
        "DataProcessing",
        "CreationTime",
        "TransformStartTime",
        "TransformEndTime",
    ),
    JobKind.TUNING: (
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobArn",
        "HyperParameterTuningJobStatus",
        "FailureReason",
        "HyperParameterTuningJobConfig",
        "TrainingJobDefinition",
        "TrainingJobDefinitions",
        "CreationTime",
        "LastModifiedTime",
        "HyperParameterTuningEndTime",
        "TrainingJobStatusCounters",
        "ObjectiveStatusCounters",
        "BestTrainingJob",
    ),
    JobKind.LABELING: ("LabelingJobName", "LabelingJobArn", "LabelingJobStatus", "FailureReason", "LabelCounters"),
}
# In the detail of a processing job these enumerations are upper case, unlike in the API.
_UPPER = frozenset({"S3InputMode", "S3DataType", "S3DataDistributionType", "S3CompressionType", "S3UploadMode"})

# Times are epoch milliseconds; the samples of these kinds have them as strings.
_TEXT_TIMES = frozenset({JobKind.TRAINING, JobKind.TUNING})


def state_change(kind: JobKind, response: dict[str, Any]) -> dict[str, Any]:
    """Return the event about a job's current status.

    Args:
        kind: The kind of job.
        response: Its Describe response, times as datetimes.

    Returns:
        An entry for PutEvents, its source ``aws.sagemaker``.
    """
    detail = {name: _spelt(kind, response[name]) for name in _DETAIL[kind] if name in response}
    if kind is JobKind.TRAINING:
        detail.setdefault("HyperParameters", {})
    return {
        "Source": "aws.sagemaker",
        "DetailType": kind.event_type,
        "Resources": [response[kind.arn_member]],
        "Detail": json.dumps(detail),
    }


def entry(detail_type: str, resources: list[str], detail: dict[str, Any]) -> dict[str, Any]:
    """Return an event of SageMaker, with times as epoch milliseconds.

    Args:
        detail_type: As ``SageMaker Endpoint State Change``.
        resources: The ARNs that it is about.
        detail: Its detail.
    """
    return {
        "Source": "aws.sagemaker",
        "DetailType": detail_type,
        "Resources": resources,
        "Detail": json.dumps(as_json(detail)),
    }


def _spelt(kind: JobKind, value: Any, member: str = "") -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, datetime):
        milliseconds = int(value.timestamp() * 1000)
        return str(milliseconds) if kind in _TEXT_TIMES else milliseconds
    if isinstance(value, dict):
        return {name: _spelt(kind, item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_spelt(kind, item, member) for item in value]
    if kind is JobKind.PROCESSING and member in _UPPER and isinstance(value, str):
        return value.upper()
    return value
