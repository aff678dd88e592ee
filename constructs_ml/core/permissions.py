"""The statements that a state machine's role gets for running jobs, one set for all jobs of a kind in a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_iam as iam

from constructs_ml.core.known_values import check_known
from constructs_ml.core.native_task import Policies
from constructs_ml.iam.resources import run_job_statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.iam.statements import Statement
    from constructs_ml.sagemaker.kinds import JobKind


def run_job_policies(
    context: ScopeContext, kind: JobKind, names: str, role_arn: str | None, *, wait: bool, tags: bool
) -> Policies:
    """The statements; jobs that need the same ones share the objects, as each takes a call to jsii.

    Names that are drawn for the stack's jobs are allowed in addition to a job's own: it may have had such a one in the
    version before, of which executions are under way.
    """
    shared = context.of_stack.shared
    both = tuple(dict.fromkeys((names, context.of_stack.own_names)))
    key = ("policies", kind, names, role_arn, wait, wait or tags)
    if key not in shared:
        statements = run_job_statements(kind, both, role_arn, context.of_stack.place, wait=wait, tags=tags)
        shared[key] = policies_of(context, statements)
    return cast("Policies", shared[key])


def policies_of(context: ScopeContext, statements: Iterable[Statement], path: str = "") -> Policies:
    """Return the policies of any statements; equal ones are one object.

    Args:
        context: The context of the state's scope.
        statements: The statements.
        path: The state that they are for.
    """
    found = list(statements)
    check_known(path or context.path, found)
    return Policies([_policy_statement(context, statement) for statement in found], tuple(found))


def joined_policies(*policies: Policies | None) -> Policies:
    """Join policies, each statement once."""
    found = [each for each in policies if each is not None]
    statements = {id(statement): statement for each in found for statement in each.statements}
    return Policies(list(statements.values()), tuple(item for each in found for item in each.plain))


def _policy_statement(context: ScopeContext, statement: Statement) -> iam.PolicyStatement:
    shared = context.of_stack.shared
    key = ("statement", repr(statement))
    if key not in shared:
        shared[key] = iam.PolicyStatement(
            actions=list(statement.actions),
            resources=list(statement.resources),
            conditions=dict(statement.conditions) or None,
        )
    return cast("iam.PolicyStatement", shared[key])
