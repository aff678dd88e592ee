"""The Describe…Job response of a job, as Step Functions hands it on."""

from __future__ import annotations

import functools
from datetime import datetime, timezone
from typing import Any

from constructs_ml.local.kinds import Kind

# Members of the request that SageMaker fills in where the request is silent.
_DEFAULTS: dict[Kind, dict[str, Any]] = {
    Kind.PROCESSING: {"StoppingCondition": {"MaxRuntimeInSeconds": 86400}},
    Kind.TRAINING: {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
    },
}


@functools.lru_cache(maxsize=1)
def sagemaker_model() -> Any:  # noqa: ANN401 - botocore ships no types
    """Botocore's model of the SageMaker API."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


@functools.lru_cache(maxsize=2)
def _members(kind: Kind) -> frozenset[str]:
    return frozenset(sagemaker_model().operation_model(f"Describe{kind.job}").output_shape.members)


def described(kind: Kind, request: dict[str, Any], arn: str, created: datetime) -> dict[str, Any]:
    """What Describe…Job says of a job that was just created.

    Args:
        kind: The kind of job.
        request: The Create…Job request.
        arn: The job's ARN.
        created: When it was created.

    Returns:
        The response: the request's members that Describe repeats, and the job's ARN, times and status.
    """
    response = {name: value for name, value in request.items() if name in _members(kind)}
    for name, value in _DEFAULTS[kind].items():
        response.setdefault(name, value)
    response |= {
        f"{kind.job}Arn": arn,
        f"{kind.job}Status": "InProgress",
        "CreationTime": created,
        "LastModifiedTime": created,
    }
    if kind is Kind.TRAINING:
        response |= {
            "ModelArtifacts": {"S3ModelArtifacts": model_artifacts(request)},
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": [],
        }
    return response


def model_artifacts(request: dict[str, Any]) -> str:
    """Where a training job's model.tar.gz is put."""
    return f"{output_prefix(request)}/model.tar.gz"


def output_prefix(request: dict[str, Any]) -> str:
    """Where a training job's archives are put."""
    return f"{request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{request['TrainingJobName']}/output"


def now() -> datetime:
    """This moment, with a time zone."""
    return datetime.now(timezone.utc)


def as_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A response with its times as epoch milliseconds, as Step Functions writes them."""
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value
