"""CML238."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries
from constructs_ml.lint.examples import training
from constructs_ml.lint.rule import rule
from constructs_ml.sagemaker.script_mode import CODE_CHANNEL_FOLDER, SUBMIT_DIRECTORY
from constructs_ml.sagemaker.task_requests import get, requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation
    from constructs_ml.sagemaker.task_requests import Request


@dataclass(frozen=True, slots=True)
class Training:
    """A training job.

    Attributes:
        request: The request that it is in.
        prefix: Its path in the request, with a dot at the end: ``TrainingJobDefinition.``; empty if it is the request.
        body: Its members.
    """

    request: Request
    prefix: str
    body: Mapping[str, Any]

    def get(self, *names: str) -> Any:  # noqa: ANN401 - JSON
        """Return a member; see :func:`constructs_ml.lint.requests.get`."""
        return get(self.body, *names)

    def violation(self, member: str, problem: str, fix: str = "") -> Violation:
        """Return a violation at a member."""
        return self.request.violation(f"{self.prefix}{member}", problem, fix)


def trainings(machine: Machine) -> Iterator[Training]:
    """Yield all known training jobs."""
    for request in requests_of(machine):
        if request.operation == "CreateTrainingJob":
            yield Training(request, "", request.body)
        elif request.operation == "CreateHyperParameterTuningJob":
            yield from _trials(request)


def _trials(request: Request) -> Iterator[Training]:
    for _, one in entries([request.get("TrainingJobDefinition")]):
        yield Training(request, "TrainingJobDefinition.", one)
    for at, one in entries(request.get("TrainingJobDefinitions")):
        yield Training(request, f"TrainingJobDefinitions[{at}].", one)


_FIX = f"provide it through a channel, and set {CODE_CHANNEL_FOLDER}/sourcedir.tar.gz"
_MODEL_FIX = "put the script into code/ of the model's archive, and set /opt/ml/model/code"
_VARIABLE = "SAGEMAKER_SUBMIT_DIRECTORY"


def _isolated(submitted: str) -> dict[str, Any]:
    program = {"sagemaker_program": '"train.py"', SUBMIT_DIRECTORY: f'"{submitted}"'}
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/code/sourcedir.tar.gz"}}
    return training(
        EnableNetworkIsolation=True,
        HyperParameters=program,
        InputDataConfig=[{"ChannelName": "code", "DataSource": source}],
    )


@rule(
    "CML238",
    title="A container without a network gets its code through a channel, or with the model",
    reason="The toolkit in SageMaker's framework images downloads sagemaker_submit_directory from S3 inside the "
    "container, where there is no network: the job fails after its instances have started. Source: 'Run Training and "
    "Inference Containers in Internet-Free Mode' of the developer guide; pull request 791 of "
    "aws/sagemaker-python-sdk.",
    bad=_isolated("s3://churn/code/sourcedir.tar.gz"),
    good=_isolated(f"{CODE_CHANNEL_FOLDER}/sourcedir.tar.gz"),
)
def code_over_the_network(machine: Machine) -> Iterator[Violation]:
    """Code in S3 that a container without a network would have to download."""
    for job in trainings(machine):
        if job.get("EnableNetworkIsolation") is not True:
            continue
        for member in ("HyperParameters", "StaticHyperParameters"):
            if _in_s3(job.get(member, SUBMIT_DIRECTORY)):
                yield job.violation(f"{member}.{SUBMIT_DIRECTORY}", "is in S3, which needs a network", _FIX)
    for request in requests_of(machine):
        if request.operation != "CreateModel" or request.get("EnableNetworkIsolation") is not True:
            continue
        several = [(f"Containers[{at}]", one) for at, one in entries(request.get("Containers"))]
        for where, container in [*several, ("PrimaryContainer", request.get("PrimaryContainer"))]:
            if container is not None and _in_s3(get(container, "Environment", _VARIABLE)):
                problem = "is in S3, which needs a network"
                yield request.violation(f"{where}.Environment.{_VARIABLE}", problem, _MODEL_FIX)


def _in_s3(value: object) -> bool:
    return isinstance(value, str) and value.strip('"').startswith("s3://")
