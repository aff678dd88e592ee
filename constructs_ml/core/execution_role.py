"""The role that jobs run under, and the policy that grows with what they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import IStableAnyProducer, Lazy
from aws_cdk import aws_iam as iam

from constructs_ml.core.app_context import reference
from constructs_ml.core.defaults import defaults_at
from constructs_ml.core.granted_role import customized_at, granted_role, report
from constructs_ml.core.known_values import check_known, check_role
from constructs_ml.core.nag import NAMED_BY_SAGEMAKER, OF_ONE_ROLE, acknowledge_findings, acknowledge_wildcards
from constructs_ml.core.other_accounts import OtherAccounts
from constructs_ml.core.suppressions import warn
from constructs_ml.iam.statements import document, merge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.iam.statements import Statement


UNNAMED = "constructs-ml:role-without-a-name"
"""The id that the warning of a role without a name is acknowledged by."""
_UNNAMED_TEXT = (
    "customize_roles(prevent_synthesis=False) leaves the policies of the role out of the template, which cannot be "
    "deployed so; read the report, and then leave customize_roles out or pass use_precreated_roles"
)


class JobPermissions:
    """The permissions of the jobs that share a role, written as one policy when the template is.

    Attributes:
        role: The role.
        role_arn: Its ARN.
        granted: The role that takes statements for it; see ``granted_role``.
        policy: The policy in the template; None if only aws-cdk-lib's policy report has what the role needs.
    """

    def __init__(self, context: ScopeContext, role: iam.IRole, scope: Any, construct_id: str, account: str) -> None:  # noqa: ANN401 - any construct
        self._path = context.path
        self._others = OtherAccounts(context, role, account)
        context.of_stack.told_at_synth.append(self._others.warn)
        self.role = role
        self.role_arn = _named(role)
        check_role(self._path, self.role_arn)
        self._statements: list[Statement] = []
        self._merged: list[Statement] | None = None
        self.granted = granted_role(context, role)
        self._scope = scope
        self.policy: iam.CfnPolicy | None = None
        customized = customized_at(self.granted)
        if customized is None:
            self._write(scope, construct_id)
            return
        context.of_stack.told_at_synth.append(self._report)
        if customized.get("preventSynthesis") is False:
            warn(role, UNNAMED, _UNNAMED_TEXT)

    def _write(self, scope: Any, construct_id: str) -> None:  # noqa: ANN401 - any construct
        # The document is replaced below; a policy without a statement would be left out of the template.
        first = iam.PolicyStatement(actions=["sagemaker:DescribeProcessingJob"], resources=["*"])
        policy = iam.Policy(scope, construct_id, statements=[first])
        # Not by roles=[role], which would attach it to an imported role that is not to be changed too.
        self.role.attach_inline_policy(policy)
        self.policy = cast("iam.CfnPolicy", policy.node.default_child)
        self.policy.policy_document = Lazy.any(cast("IStableAnyProducer", _Document(self)))
        acknowledge_findings(policy, {"IAMNoInlinePolicy": OF_ONE_ROLE})
        acknowledge_wildcards(policy, self._resources, more=NAMED_BY_SAGEMAKER)

    def _report(self) -> None:
        """Add the statements to the policy report, once all jobs are defined."""
        report(self.granted, self._scope, (item.to_json() for item in self.statements()))

    def allow(self, statements: Iterable[Statement]) -> None:
        """Add the permissions that a job needs."""
        added = list(statements)
        check_known(self._path, added)
        self._statements += added
        self._merged = None
        self._others.allow(added)

    def _resources(self) -> list[str]:
        return [arn for item in self.statements() for arn in item.resources]

    def statements(self) -> list[Statement]:
        """The statements of all jobs that were defined so far."""
        if self._merged is None:
            self._merged = merge(self._statements)
        return self._merged


def _named(role: iam.IRole) -> str:
    """The ARN of a role; of one for which customize_roles has no name, one that says so, as aws-cdk-lib does."""
    arn = role.role_arn
    return f"{arn}/missing-{role.node.id}" if arn.endswith(":role") else arn


@jsii.implements(IStableAnyProducer)
class _Document:
    def __init__(self, permissions: JobPermissions) -> None:
        self._permissions = permissions

    def produce(self) -> Any:  # noqa: ANN401 - JSON
        return document(self._permissions.statements())


def permissions_for(context: ScopeContext, role: iam.IRole | None) -> JobPermissions:
    """The permissions of the jobs that run under a role.

    Args:
        context: The context of the job's scope.
        role: The role that it asks for; None for the one that its stack's jobs share.
    """
    role = role or context.defaults.role
    shared = context.of_stack.shared
    boundary = context.defaults.permissions_boundary
    key = ("role", reference(role)) if role is not None else ("role of", boundary and reference(boundary))
    if key not in shared:
        stack = context.of_stack.scope
        if role is None:
            own = _role(context, f"JobRole{_other_boundary(context)}", "jobs")
            shared[key] = JobPermissions(context, cast("iam.IRole", own), own, "Jobs", context.of_stack.place.account)
        else:
            account = role.principal_account or context.of_stack.place.account
            shared[key] = JobPermissions(context, role, stack, f"JobsOf{role.node.addr[-8:]}", account)
    return cast("JobPermissions", shared[key])


def role_of_kind(context: ScopeContext, kind: str) -> iam.IRole:
    """The role of a stack's jobs of one kind, for what needs more than other jobs should have, or is not known to be trusted so."""
    boundary = context.defaults.permissions_boundary
    key = ("role of kind", kind, boundary and reference(boundary))
    shared = context.of_stack.shared
    if key not in shared:
        shared[key] = _role(context, f"{kind}JobRole{_other_boundary(context)}", f"{kind} jobs", narrowed=False)
    return cast("iam.IRole", shared[key])


def _role(context: ScopeContext, construct_id: str, of_what: str, *, narrowed: bool = True) -> iam.Role:
    sagemaker = iam.ServicePrincipal("sagemaker.amazonaws.com")
    return iam.Role(
        context.of_stack.scope,
        construct_id,
        description=f"What the SageMaker {of_what} of {context.of_stack.path} run under",
        assumed_by=_sagemaker_for(context.of_stack.place.account) if narrowed else cast("iam.IPrincipal", sagemaker),
        permissions_boundary=context.defaults.permissions_boundary,
    )


def _other_boundary(context: ScopeContext) -> str:
    """Return a suffix that keeps the role of a scope with its own boundary apart from the stack's."""
    boundary = context.defaults.permissions_boundary
    if boundary is None:
        return ""
    of_stack = defaults_at(context.of_stack.node.scopes).permissions_boundary
    return "" if boundary is of_stack else boundary.node.addr[-8:]


def _sagemaker_for(account: str) -> iam.IPrincipal:
    """SageMaker, on behalf of this account only.

    Source: "Cross-service confused deputy prevention" of the SageMaker developer guide. Of labeling and AutoML jobs no page of AWS's
    says that SageMaker sends the account when it assumes their role, so there it is left out.
    """
    of_account = {"StringEquals": {"aws:SourceAccount": account}}
    return cast("iam.IPrincipal", iam.ServicePrincipal("sagemaker.amazonaws.com", conditions=of_account))
