"""CML201."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import violations
from constructs_ml.lint.rule import rule
from constructs_ml.lint.service_requests import service_violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML201",
    title="Requests have only members that the API has",
    reason="The service does not have the member: Step Functions refuses the state machine, or the call fails at run "
    "time. In calls of services other than SageMaker, names begin with a capital letter whatever the API's spelling, "
    "and a leading acronym is a word: DbInstanceIdentifier. A name that is only probably wrong, or that may be newer "
    "than the model, is a warning. Source: botocore's models; 'Learning to use AWS service SDK integrations in Step "
    "Functions'.",
    bad=training(StopingCondition={"MaxRuntimeInSeconds": 3600}),
    good=training(StoppingCondition={"MaxRuntimeInSeconds": 3600}),
)
def unknown_member(machine: Machine) -> Iterator[Violation]:
    """Members that their structure does not have."""
    yield from violations(machine, FindingKind.UNKNOWN)
    yield from service_violations(machine, FindingKind.UNKNOWN)
