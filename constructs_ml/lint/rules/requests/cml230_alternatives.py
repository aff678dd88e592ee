"""CML230."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import call
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


_CONTAINER = {"Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"}


def _model(**containers: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    request = {
        "ModelName.$": "States.Format('churn-{}', States.UUID())",
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/Jobs",
    }
    return call("sagemaker:createModel", {**request, **containers})


@rule(
    "CML230",
    title="Of alternative members, exactly as many are set as the API requires",
    reason="SageMaker refuses the request with a ValidationException. Source: the API reference; each relation of the "
    "table in constructs_ml/sagemaker/relations cites its page.",
    bad=_model(PrimaryContainer=_CONTAINER, Containers=[_CONTAINER]),
    good=_model(PrimaryContainer=_CONTAINER),
)
def not_one_way(machine: Machine) -> Iterator[Violation]:
    """Alternatives of which none or several are set."""
    yield from relation_violations(machine, "alternatives")
