"""The Describe…Job response of a job, as Step Functions passes it on."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.model import output_shape

_NO_TRIALS = {
    "TrainingJobStatusCounters": {
        "Completed": 0,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 0,
    },
    "ObjectiveStatusCounters": {"Succeeded": 0, "Pending": 0, "Failed": 0},
}
# Members of the request that SageMaker fills in where the request is silent.
_DEFAULTS: dict[JobKind, dict[str, Any]] = {
    JobKind.PROCESSING: {"StoppingCondition": {"MaxRuntimeInSeconds": 86400}},
    JobKind.TRAINING: {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
    },
    JobKind.TRANSFORM: {"DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}},
    JobKind.TUNING: _NO_TRIALS,
    JobKind.LABELING: {
        "LabelCounters": {
            "TotalLabeled": 0,
            "HumanLabeled": 0,
            "MachineLabeled": 0,
            "FailedNonRetryableError": 0,
            "Unlabeled": 0,
        },
        "JobReferenceCode": "local",
    },
}


def known(kind: JobKind, members: dict[str, Any]) -> dict[str, Any]:
    """Return the members that Describe…Job has."""
    shape = output_shape(kind.describe_operation)
    return {name: value for name, value in members.items() if name in shape.members}


def described(kind: JobKind, request: dict[str, Any], arn: str, created: datetime) -> dict[str, Any]:
    """The Describe…Job response of a job that was just created.

    Args:
        kind: The kind of job.
        request: The Create…Job request.
        arn: The job's ARN.
        created: The time of its creation.

    Returns:
        The response: the request's members that Describe repeats, and the job's ARN, times and status.
    """
    response = {
        **_DEFAULTS[kind],
        **request,
        kind.arn_member: arn,
        kind.status_member: "InProgress",
        "CreationTime": created,
        "LastModifiedTime": created,
    }
    if kind is JobKind.TRAINING:
        response |= {
            "ModelArtifacts": {"S3ModelArtifacts": model_artifacts(request)},
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": [],
        }
    return known(kind, response)


def model_artifacts(request: dict[str, Any]) -> str:
    """The URI of a training job's model.tar.gz, or, without compression, of its files."""
    compressed = request["OutputDataConfig"].get("CompressionType") != "NONE"
    return f"{output_prefix(request)}/{'model.tar.gz' if compressed else 'model/'}"


def output_prefix(request: dict[str, Any]) -> str:
    """The prefix of a training job's archives."""
    return f"{request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{request['TrainingJobName']}/output"


def now() -> datetime:
    """Return the current time, with a time zone."""
    return datetime.now(timezone.utc)


def as_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A response with its times as epoch milliseconds, as an optimized integration gives them."""
    return _converted(value, lambda time: int(time.timestamp() * 1000))


def as_text_times(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A response with its times as ISO 8601, as an integration with the AWS SDK gives them."""
    return _converted(value, lambda time: time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z")


def as_seconds(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A response with its times as epoch seconds, as the API itself gives them."""
    return _converted(value, lambda time: time.timestamp())


def _converted(value: Any, written: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, dict):
        return {key: _converted(item, written) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_converted(item, written) for item in value]
    return value
