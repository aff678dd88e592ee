"""CML203."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import violations
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.requests.runtime_types import mistyped
from constructs_ml.lint.service_requests import service_violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML203",
    title="Members have the types that the API expects",
    reason="The call fails before it reaches SageMaker: numbers, strings and booleans are not converted. Environment "
    "variables and hyperparameters are strings. For a value that is computed at run time, the rule uses the type that "
    "is certain: States.Format returns a string, States.MathAdd and $x + 1 a number. Source: botocore's model of the "
    "SageMaker API; 'Intrinsic functions for JSONPath states' of the Step Functions developer guide.",
    bad=processing(Environment={"EPOCHS": 10}),
    good=processing(Environment={"EPOCHS": "10"}),
)
def wrong_type(machine: Machine) -> Iterator[Violation]:
    """Values whose type is not the member's."""
    yield from violations(machine, FindingKind.TYPE)
    yield from service_violations(machine, FindingKind.TYPE)
    yield from mistyped(machine)
