"""The statements that a state machine's role gets for running jobs, one set for all jobs of a kind in a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aws_cdk import aws_iam as iam

from constructs_ml.access.state_machine import run_job_statements

if TYPE_CHECKING:
    from constructs_ml.jobs.home import Home
    from constructs_ml.sagemaker.kinds import JobKind


@dataclass(frozen=True, slots=True)
class RunJobPolicies:
    """What a state machine needs to run a job.

    Attributes:
        statements: The statements as objects of CDK's.
        resources: The ARNs in them.
    """

    statements: list[iam.PolicyStatement]
    resources: tuple[str, ...]


def run_job_policies(home: Home, kind: JobKind, names: str, role_arn: str, *, wait: bool) -> RunJobPolicies:
    """The statements; jobs that need the same ones share the objects, as each takes a call to jsii."""
    shared = home.of_stack.shared
    key = ("policies", kind, names, role_arn, wait)
    if key not in shared:
        statements = run_job_statements(kind, names, role_arn, home.of_stack.place, wait=wait)
        shared[key] = RunJobPolicies(
            [
                iam.PolicyStatement(
                    actions=list(statement.actions),
                    resources=list(statement.resources),
                    conditions=dict(statement.conditions) or None,
                )
                for statement in statements
            ],
            tuple(resource for statement in statements for resource in statement.resources),
        )
    return cast("RunJobPolicies", shared[key])
