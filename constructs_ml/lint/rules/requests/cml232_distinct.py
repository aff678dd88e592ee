"""CML232."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import call
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


_VARIANT = {"ModelName": "churn", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}


def _config(*names: str) -> dict[str, Any]:
    variants = [{"VariantName": name, **_VARIANT} for name in names]
    request = {"EndpointConfigName.$": "States.Format('churn-{}', States.UUID())", "ProductionVariants": variants}
    return call("sagemaker:createEndpointConfig", request)


@rule(
    "CML232",
    title="Items of a request that are identified by name have different names",
    reason="SageMaker refuses the request with a ValidationException. Source: the API reference; each relation of the "
    "table in constructs_ml/sagemaker/relations cites its page.",
    bad=_config("all", "all"),
    good=_config("current", "candidate"),
)
def same_twice(machine: Machine) -> Iterator[Violation]:
    """Names that occur twice where they must be unique."""
    yield from relation_violations(machine, "distinct")
