"""CML203."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.checks.examples import processing
from constructs_ml.checks.reading.requests import violations
from constructs_ml.checks.reading.service_requests import service_violations
from constructs_ml.checks.rule import rule
from constructs_ml.checks.rules.requests.runtime_types import mistyped
from constructs_ml.sagemaker.finding import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.violation import Violation


@rule(
    "CML203",
    title="Members have the types that the API takes",
    reason="The call fails before it reaches SageMaker: numbers, texts and booleans are not converted. Environment "
    "variables and hyperparameters are texts. Of a value that is computed when the workflow runs, what is certain is its type: "
    "States.Format gives a text, States.MathAdd and $x + 1 a number. Source: botocore's model of the SageMaker API; 'Intrinsic "
    "functions for JSONPath states' of the Step Functions developer guide.",
    bad=processing(Environment={"EPOCHS": 10}),
    good=processing(Environment={"EPOCHS": "10"}),
)
def wrong_type(machine: Machine) -> Iterator[Violation]:
    """Values of another type than their shape's."""
    yield from violations(machine, Rule.TYPE)
    yield from service_violations(machine, Rule.TYPE)
    yield from mistyped(machine)
