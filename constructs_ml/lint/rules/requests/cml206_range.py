"""CML206."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML206",
    title="Numbers are within the API's limits",
    reason="SageMaker refuses the request with a ValidationException. Source: botocore's model of the SageMaker API.",
    bad=training(StoppingCondition={"MaxRuntimeInSeconds": 0}),
    good=training(StoppingCondition={"MaxRuntimeInSeconds": 3600}),
)
def out_of_range(machine: Machine) -> Iterator[Violation]:
    """Numbers that are too small or too large."""
    yield from violations(machine, FindingKind.RANGE)
