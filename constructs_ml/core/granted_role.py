"""Roles that get no policy in the template: what they need goes into aws-cdk-lib's policy report, for who grants it.

Under ``iam.Role.customize_roles(...)`` aws-cdk-lib writes a report, ``iam-policy-report.json``, in the place of policies. Of an
imported role that is not to be changed (``mutable=False``, or one of another account) it drops the statements; here such a role is
granted by way of one of the same ARN that the report has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_ml.core.app_context import reference
from constructs_ml.core.suppressions import warn
from constructs_ml.iam.statements import POLICY_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_stepfunctions as sfn

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.iam.statements import Statement

CUSTOMIZED = "@aws-cdk/iam:customizeRoles"
"""The context by which ``iam.Role.customize_roles`` reaches the roles below a scope."""
DROPPED = "constructs-ml:grants-dropped"
"""The id that the warning of a role without policy updates is acknowledged by."""
_DROPPED_TEXT = (
    ".without_policy_updates() leaves out of the template what the role must be allowed; `constructs-ml policy` prints it: "
    "grant it yourself, or pass the role itself"
)
_VIEW = "ImmutableRole"
_PROBE = "GrantedRoleProbe"
_TOKEN = re.compile(r"\$\{Token\[TOKEN\.\d+\]\}")
"""A token that the report shows by its number."""
_PSEUDO = {"${AWS::AccountId}": "(ACCOUNT)", "${AWS::Partition}": "(PARTITION)", "${AWS::Region}": "(REGION)"}


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
    found = iam.Role.from_role_arn(scope, "Role", role.role_arn)
    made = _without_policy_updates(role)
    if made is not None:
        warn(role, DROPPED, f"{made.node.path}{_DROPPED_TEXT}")
        # The report has the name of the role as a number, as CloudFormation takes it out of the ARN.
        _note(scope, {token[8:-2]: role.role_arn for token in _TOKEN.findall(found.role_name)})
    return found


def _without_policy_updates(role: iam.IRole) -> iam.Role | None:
    """Return the role of the app that a role without policy updates is a view of; None if it is none."""
    # aws-cdk-lib makes it beside the role, by its id.
    beside = cast("Construct | None", role.node.scope)
    found = None if beside is None else beside.node.try_find_child(role.node.id.removeprefix(_VIEW))
    return found if isinstance(found, iam.Role) else None


def report(role: iam.IRole, scope: Construct, statements: Iterable[Mapping[str, Any]], **known: str) -> None:
    """Add statements to the report of a role.

    The report shows references and pseudo parameters by their names, and other tokens by a number: entries of mappings
    and strings with
    pseudo parameters in them are written as it writes references, and the values of the rest are noted with the scope.

    Args:
        role: The role.
        scope: The construct that they are for.
        statements: The statements, as a policy document has them.
        known: The replacement for a function of CloudFormation, by its name.
    """
    stack, told, left = Stack.of(scope), dict[str, str](), dict[str, str]()

    def shown(found: re.Match[str]) -> str:
        token = found[0]
        if token not in told:
            told[token] = _shown(stack.resolve(token), known) or token
            if told[token] == token:
                left[token[8:-2]] = token
        return told[token]

    def written(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str):
            return _TOKEN.sub(shown, value)
        if isinstance(value, dict):
            return {name: written(item) for name, item in value.items()}
        return [written(item) for item in value] if isinstance(value, list) else value

    for statement in statements:
        role.add_to_principal_policy(iam.PolicyStatement.from_json(written(dict(statement))))
    _note(scope, left)


def report_machine(machine: sfn.StateMachine, calls: Iterable[Statement]) -> None:
    """Add to the report the statements of a state machine's role that aws-cdk-lib leaves out.

    Args:
        machine: The state machine.
        calls: The statements that the states of this library need.
    """
    if customized_at(machine.role) is None:
        return
    # aws-cdk-lib attaches the policy of Distributed Maps while it is still empty.
    policy = cast("iam.Policy | None", machine.node.try_find_child("DistributedMapPolicy"))
    if policy is not None:
        statements = policy.document.to_json()["Statement"]
        report(machine.role, machine, statements, Select=machine.state_machine_name)
    _note(machine, {token[8:-2]: token for token in _TOKEN.findall(repr(list(calls)))})


def _shown(value: Any, known: Mapping[str, str]) -> str | None:  # noqa: ANN401 - JSON
    match value:
        case str(text):
            return text
        case {"Fn::Sub": str(text)}:
            for one, other in _PSEUDO.items():
                text = text.replace(one, other)
            return None if "${" in text else text
        case {"Fn::FindInMap": [str(mapping), {"Ref": "AWS::Region"}, str(key)]}:
            return f"({mapping}.{key})"
        case {**functions}:
            return known.get(str(next(iter(functions), "")).removeprefix("Fn::"))
    return None


def _note(scope: Construct, tokens: Mapping[str, str]) -> None:
    if tokens:
        scope.node.add_metadata(POLICY_TOKENS, dict(tokens))
