"""CML234."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import call
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _config(**variant: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    variants = [{"VariantName": "all", "ModelName": "churn", "ServerlessConfig": serverless, **variant}]
    request = {"EndpointConfigName.$": "States.Format('churn-{}', States.UUID())", "ProductionVariants": variants}
    return call("sagemaker:createEndpointConfig", request)


@rule(
    "CML234",
    title="No member is combined with one that excludes it",
    reason="SageMaker refuses the request with a ValidationException. Source: the API reference; each relation of the "
    "table in constructs_ml/sagemaker/relations cites its page.",
    bad=_config(InstanceType="ml.m5.xlarge"),
    good=_config(),
)
def excluded(machine: Machine) -> Iterator[Violation]:
    """Members that cannot be combined with others."""
    yield from relation_violations(machine, "excludes")
