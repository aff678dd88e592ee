"""CML231."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML231",
    title="Numbers are within the limits that the API documents, alone and in relation to each other",
    reason="SageMaker refuses the request with a ValidationException. Source: the API reference; each relation of the "
    "table in constructs_ml/sagemaker/relations cites its page.",
    bad=training(StoppingCondition={"MaxRuntimeInSeconds": 2_592_000}),
    good=training(StoppingCondition={"MaxRuntimeInSeconds": 2_419_200}),
)
def out_of_limits(machine: Machine) -> Iterator[Violation]:
    """Numbers that are too small or too large, by themselves or in relation to others."""
    yield from relation_violations(machine, "limits")
