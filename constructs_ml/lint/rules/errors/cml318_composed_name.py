"""CML318."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.integration import integration_of
from constructs_ml.errors import Violation
from constructs_ml.lint.examples import training
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.composed_names import name_parts
from constructs_ml.lint.rules.errors.job_names import name_of
from constructs_ml.sagemaker.composed import check_composed
from constructs_ml.sagemaker.model import input_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine


@rule(
    "CML318",
    title="A name that is composed at run time is valid",
    reason="SageMaker refuses a name that is too long or has characters other than letters, digits and hyphens, in "
    "every execution: a UUID takes 36 of a job name's 63 characters, and does not fit into the 32 of a tuning job's; "
    "a time of the context object has colons. The rule reports a name that no values of its other parts can make "
    "valid. Source: CreateTrainingJob and the like in the SageMaker API; 'Intrinsic functions for JSONPath states' of "
    "the Step Functions developer guide.",
    bad=training(**{"TrainingJobName.$": "States.Format('churn_{}', States.UUID())"}),
    good=training(**{"TrainingJobName.$": "States.Format('churn-{}', States.UUID())"}),
)
def composed_name(machine: Machine) -> Iterator[Violation]:
    """Names that cannot be valid, whatever the values of their parts."""
    for state in machine.states:
        named, call = name_of(state), integration_of(state)
        if named is None or call is None:
            continue
        member, value = named
        parts = name_parts(member, value, state.name)
        # A literal is checked with the request.
        if all(isinstance(part, str) for part in parts) and not member.endswith(".$") and "{%" not in value:
            continue
        shape = input_shape(call.operation).members[member.removesuffix(".$")]
        field = "Arguments" if state.payload is state.body.get("Arguments") else "Parameters"
        for found in check_composed(shape, parts, member):
            yield Violation(state.name, f"{field}.{member}", found.problem, found.fix)
