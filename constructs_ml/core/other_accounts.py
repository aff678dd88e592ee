"""Buckets, keys and repositories of other accounts: what their own policies must allow, as a role's policy alone does not do.

aws-cdk-lib's ``grant_read`` compares the accounts of the resource and of the role, and adds to the resource's policy where they
differ. Here a role's policy is written from plain statements, so the comparison is made where they are added. The policy
names the role by a condition: a principal has to exist when a policy is written, and the role may be deployed later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from constructs_ml.core.app_context import reference
from constructs_ml.core.context import pseudo
from constructs_ml.core.suppressions import warn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.iam.statements import Statement

ID = "constructs-ml:other-account"
"""The id that the warning is acknowledged by."""
MOST = 20
"""The number of locations that a bucket's policy names one by one."""
_LONGEST = 51
"""A role's name has at most 64 characters, 13 of them drawn by CloudFormation; longer names are cut."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A bucket, key or repository that a job uses.

    Attributes:
        construct: Its construct.
        arn: Its ARN.
        account: The account that it is in; a token if that is known only at deployment.
    """

    construct: Any
    arn: str
    account: str

    @property
    def is_bucket(self) -> bool:
        """True for a bucket, whose policy names objects."""
        return hasattr(self.construct, "bucket_arn")

    @property
    def is_key(self) -> bool:
        """True for a key, whose policy is for the key alone."""
        return hasattr(self.construct, "key_arn")


_by_arn: dict[str, Resource] = {}
_arns: dict[str, str] = {}


def arn_of(construct: Any, member: str) -> str:  # noqa: ANN401 - a bucket, a key or a repository
    """The ARN of a resource, which is noted with its account; asked for once, as each question is a call to jsii."""
    ref = reference(construct)
    if ref not in _arns:
        arn: str = getattr(construct, member)
        _arns[ref] = arn
        _by_arn[arn] = Resource(construct, arn, construct.env.account)
    return _arns[ref]


@dataclass
class OtherAccounts:
    """The resources of other accounts that a role uses.

    Attributes:
        context: Where the first job stands that runs under the role.
        role: The role.
        account: The account that it is in.
    """

    context: ScopeContext
    role: iam.IRole
    account: str
    _used: dict[str, dict[tuple[str, ...], _Use]] = field(default_factory=dict)
    _principal: tuple[str, str] | None = None

    def allow(self, statements: Iterable[Statement]) -> None:
        """Extend the policies of resources in other accounts that the role is allowed to use."""
        for statement in statements:
            for arn in statement.resources:
                resource = _by_arn.get(arn) or _by_arn.get(arn.partition("/")[0])
                if resource is not None and _differ(resource, self.account):
                    self._add(resource, statement, arn)

    def _add(self, resource: Resource, statement: Statement, arn: str) -> None:
        uses = self._used.setdefault(resource.arn, {})
        use = uses.get(statement.actions)
        if use is None:
            use = uses[statement.actions] = _Use(resource, self._conditions(statement), statement.actions)
        use.add(arn)

    def warn(self) -> None:
        """Warn of resources whose policies are not the app's, with the statements to add to each."""
        for uses in self._used.values():
            missing = [use for use in uses.values() if not use.added]
            if missing:
                resource = missing[0].resource
                statements = [use.to_json(self) for use in missing]
                text = (
                    f"{resource.construct.node.path} is in account {self.shown(resource.account)} and its policy is not this "
                    f"app's: jobs under {self.role.node.path} fail with AccessDenied unless it has "
                    f"{json.dumps(statements[0] if len(statements) == 1 else statements)}"
                )
                warn(resource.construct, ID, text)

    def _conditions(self, statement: Statement) -> dict[str, Any]:
        name, operator = self.principal[1], "ArnLike"
        # The role's own policy narrows what it lists.
        kept = (
            {}
            if "s3:ListBucket" in statement.actions
            else {key: dict(value) for key, value in statement.conditions.items()}
        )
        return {**kept, operator: {"aws:PrincipalArn": name}}

    @property
    def principal(self) -> tuple[str, str]:
        """The account of the role as a principal, and the pattern of the role's ARN."""
        if self._principal is None:
            iam_of = f"arn:{pseudo('PARTITION')}:iam::{self.account}"
            self._principal = (f"{iam_of}:root", self._pattern(iam_of))
        return self._principal

    def _pattern(self, iam_of: str) -> str:
        resource: Any = getattr(self.role.node, "default_child", None)
        if not isinstance(resource, iam.CfnRole):
            return self.role.role_arn
        path = (resource.path or "/").lstrip("/")
        if resource.role_name and "{Token[" not in resource.role_name:
            return f"{iam_of}:role/{path}{resource.role_name}"
        stack = Stack.of(self.role)
        while stack.nested_stack_parent is not None:
            stack = stack.nested_stack_parent
        name = f"{stack.stack_name}-{Stack.of(resource).resolve(resource.logical_id)}"
        nested = Stack.of(resource).nested_stack_parent is not None
        return f"{iam_of}:role/{path}{f'{stack.stack_name[:20]}' if nested or len(name) > _LONGEST else f'{name}-'}*"

    def shown(self, text: str) -> str:
        """A string with the pseudo parameters that are known."""
        region = self.context.of_stack.region or ""
        partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
        unknown = f"<account of {self.context.of_stack.path}>"
        return text.replace(pseudo("PARTITION"), partition).replace(pseudo("ACCOUNT_ID"), unknown)


class _Use:
    """Actions on one resource.

    Attributes:
        resource: The resource.
        added: Whether the resource's own policy has them.
    """

    def __init__(self, resource: Resource, conditions: dict[str, Any], actions: tuple[str, ...]) -> None:
        self.resource = resource
        self._conditions = conditions
        self._actions = actions
        self._arns: dict[str, None] = {}
        self._statement: iam.PolicyStatement | None = None
        self.added = False

    def add(self, arn: str) -> None:
        if arn in self._arns or (len(self._arns) > MOST and self.resource.is_bucket):
            return
        if len(self._arns) == MOST and self.resource.is_bucket:
            arn = f"{self.resource.arn}/*"
        self._arns[arn] = None
        if self._statement is None:
            self._begin()
        elif self.resource.is_bucket:
            self._statement.add_resources(arn)

    def _begin(self) -> None:
        account = self._conditions["ArnLike"]["aws:PrincipalArn"].split(":")[4]
        self._statement = iam.PolicyStatement(
            actions=list(self._actions),
            principals=[cast("iam.IPrincipal", iam.AccountPrincipal(account))],
            conditions=self._conditions,
            resources=list(self._arns) if self.resource.is_bucket else ["*"] if self.resource.is_key else None,
        )
        # A key that is imported refuses a statement unless it may ignore it.
        more = (True,) if self.resource.is_key else ()
        self.added = self.resource.construct.add_to_resource_policy(self._statement, *more).statement_added

    def to_json(self, others: OtherAccounts) -> dict[str, Any]:
        """The statement in the JSON form of a policy document."""
        principal, name = others.principal
        conditions = {**self._conditions, "ArnLike": {"aws:PrincipalArn": name}}
        out: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": list(self._actions),
            "Resource": list(self._arns) if self.resource.is_bucket else "*",
            "Condition": conditions,
        }
        if not self.resource.is_bucket and not self.resource.is_key:
            del out["Resource"]
        written: dict[str, Any] = json.loads(others.shown(json.dumps(out)))
        return written


def _differ(resource: Resource, account: str) -> bool:
    """Return whether a resource is in another account than a role, as far as that is known.

    A bucket's account is passed only to say that it is another one: the ARNs of buckets have none. Those of keys and
    repositories always have one, which a stack that may be deployed anywhere may be deployed to.
    """
    if resource.account == account or "{Token[" in resource.account:
        return False
    return resource.is_bucket or "{Token[" not in account
