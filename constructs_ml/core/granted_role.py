"""Roles that get no policy in the template: what they need goes into aws-cdk-lib's policy report, for who grants it.

Under ``iam.Role.customize_roles(...)`` aws-cdk-lib writes a report, ``iam-policy-report.json``, in the place of policies. Of an
imported role that is not to be changed (``mutable=False``, or one of another account) it drops the statements; here such a role is
granted by way of one of the same ARN that the report has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_ml.core.app_context import reference

if TYPE_CHECKING:
    from constructs_ml.core.context import ScopeContext

CUSTOMIZED = "@aws-cdk/iam:customizeRoles"
"""The context by which ``iam.Role.customize_roles`` reaches the roles below a scope."""
_PROBE = "GrantedRoleProbe"


def customized_at(construct: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any construct
    """Return how ``iam.Role.customize_roles`` is set at a construct; None if it is not."""
    found: dict[str, Any] | None = construct.node.try_get_context(CUSTOMIZED)
    return found


def granted_role(context: ScopeContext, role: iam.IRole) -> iam.IRole:
    """Return the role to grant to in the place of one that is passed.

    Args:
        context: Where it is used.
        role: The role.

    Returns:
        The role itself if the template or the report has what is granted to it, else a role of the same ARN that the report has.
    """
    shared = context.of_stack.shared
    key = ("granted role", reference(role))
    if key not in shared:
        shared[key] = role if _keeps_statements(context, role) else _reported(context, role)
    return cast("iam.IRole", shared[key])


def _keeps_statements(context: ScopeContext, role: iam.IRole) -> bool:
    # aws-cdk-lib's classes of imported roles are not exported: a policy tells whether it would be attached.
    if isinstance(role, (iam.Role, iam.LazyRole)) or customized_at(role) is not None:
        return True
    scope = context.of_stack.scope
    probe = iam.Policy(scope, _PROBE)
    role.attach_inline_policy(probe)
    attached = Stack.of(scope).resolve(cast("iam.CfnPolicy", probe.node.default_child).roles)
    scope.node.try_remove_child(_PROBE)
    return bool(attached)


def _reported(context: ScopeContext, role: iam.IRole) -> iam.IRole:
    scope = Construct(context.of_stack.scope, f"Granted{role.node.addr[-8:]}")
    scope.node.set_context(CUSTOMIZED, {"preventSynthesis": True, "usePrecreatedRoles": {}})
    return iam.Role.from_role_arn(scope, "Role", role.role_arn)
