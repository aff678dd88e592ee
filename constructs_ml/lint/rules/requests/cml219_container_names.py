"""CML219."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import call
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation

_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"


def _model(*containers: dict[str, str]) -> dict[str, Any]:
    request = {
        "ModelName.$": "$.name",
        "Containers": [{"Image": _IMAGE, **container} for container in containers],
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/Jobs",
    }
    return call("sagemaker:createModel", request)


@rule(
    "CML219",
    title="Either all containers of a pipeline have host names, or none has one",
    reason="SageMaker refuses the model. Source: ContainerDefinition of the API: with a ContainerHostname for any container of "
    "an inference pipeline, 'you must specify a value for the ContainerHostName parameter of every ContainerDefinition'.",
    bad=_model({"ContainerHostname": "prepare"}, {}),
    good=_model({"ContainerHostname": "prepare"}, {"ContainerHostname": "predict"}),
)
def container_names(machine: Machine) -> Iterator[Violation]:
    """Containers without a host name in a pipeline in which others have one."""
    yield from relation_violations(machine, "container_names")
