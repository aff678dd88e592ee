"""Defaults that come down the construct tree: the organisation's choices, made once."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.core.app_context import app_context, known_context, reference
from constructs_ml.core.prop_checks import check_fields
from constructs_ml.core.prop_types import type_faults
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration, Size
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn
    from constructs import Construct, IConstruct

    from constructs_ml.asl.retry import RetryPolicy
    from constructs_ml.core.cache import Cache
    from constructs_ml.core.cdk_types import AnyKey, AnyRole
    from constructs_ml.core.result import Result


class PolicySubject(Protocol):
    """A state as a policy sees it: the policy may change its request and refuse it, and nothing else."""

    @property
    def operation(self) -> str:
        """The operation of the API that it calls, such as ``CreateTrainingJob``."""

    @property
    def props(self) -> Mapping[str, Any]:
        """The props that the user passed. The defaults are in the request."""

    request: Any
    """The request as the API has it, with runtime values in it; members may be added."""

    def refuse(self, member: str, problem: str, fix: str = "") -> None:
        """Refuse the state: ``refuse("instance_type", "must be in the m5 family, got ml.p5.48xlarge")``."""

    def instance_types(self) -> list[Any]:
        """Return all instance types that the request names: strings, or what an execution decides."""

    def add_tag(self, key: str, value: str) -> None:
        """Tag the resources that the state makes, replacing a tag of that key; does nothing if it makes none."""


class JobPolicy(Protocol):
    """An organisation's rule for all states below a scope: ``JobDefaults(policy=...)``."""

    def apply(self, spec: PolicySubject) -> None:
        """Refuse a state, or adds members to its request."""


@check_fields
@dataclass(frozen=True, slots=True, kw_only=True)
class JobDefaults:
    """Defaults of jobs below a scope, for props that they do not set themselves.

    The nearest scope wins, prop by prop; tags and environment are joined, name by name. Apply the defaults before the
    first job below the scope is defined::

        JobDefaults(vpc=vpc, volume_key=key, tags={"team": "risk"}).apply_to(self)

    Attributes:
        bucket: Where jobs write to and where results are kept. Default: one bucket a stack, encrypted, retained.
        cache: Whether jobs that have run with the same data, code and settings are not run again; see
            :class:`~constructs_ml.Cache`. Default: jobs always run.
        code_bucket: Where code of this machine is put, below ``code/<stack>/``, when the stack is deployed. Default: the
            bucket of the account's assets, which all stacks share (docs/permissions.md).
        role: The role that jobs run under. Default: one role a stack, allowed what its jobs declare.
        permissions_boundary: The boundary of roles that the library makes.
        vpc: The VPC that jobs run in. Default: none.
        vpc_subnets: The subnets of the VPC. Default: its private subnets.
        security_groups: The security groups of the jobs. Default: one a stack and VPC.
        network_isolation: Whether containers have no network. Default: no.
        encrypt_inter_container_traffic: Whether traffic between the instances of a job is encrypted. Default: no.
        volume_key: The KMS key of the instances' volumes; jobs on instances that have disks of their own, such as
            ``ml.g5.xlarge``, leave it out. Default: SageMaker's own key.
        output_key: The KMS key of what jobs write. Default: the bucket's encryption.
        instance_type: Default: ``ml.m5.xlarge``.
        instance_count: Default: 1.
        volume_size: The size of each instance's volume. Default: 30 GiB.
        max_runtime: The maximum run time of a job. Default: SageMaker's own limit, 24 hours.
        environment: Environment variables of the containers.
        tags: Tags of the jobs.
        tree_tags: Whether tags of the construct tree, ``Tags.of(stack).add(...)``, reach what the states make.
            Default: yes; tags of the states themselves win.
        job_name_prefix: The start of generated job names. Default: the names of the stack and the job.
        name_prefix: The same for models, endpoint configurations and endpoints.
        result: How much of its response a state passes on. Default: ``Result.SUMMARY``.
        result_path: Where in the state's input the result is put. Default: under the state's name. States in JSONata, which
            have none, leave it out.
        retry: The retry policy. Default: :meth:`RetryPolicy.default`.
        query_language: The query language of the jobs' states. Default: the state machine's.
        policy: The organisation's policy for every state, however it is defined: an object whose ``apply(spec)`` may
            refuse it,
            ``spec.refuse("instance_type", "must be in the m5 family, got ...")``, or add members to ``spec.request``. Those of
            outer scopes are applied last.
    """

    bucket: s3.IBucket | None = None
    cache: Cache | bool | None = None
    code_bucket: s3.IBucket | None = None
    role: AnyRole | None = None
    permissions_boundary: iam.IManagedPolicy | None = None
    vpc: ec2.IVpc | None = None
    vpc_subnets: ec2.SubnetSelection | None = None
    security_groups: Sequence[ec2.ISecurityGroup] | None = None
    network_isolation: bool | None = None
    encrypt_inter_container_traffic: bool | None = None
    volume_key: AnyKey | None = None
    output_key: AnyKey | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    volume_size: Size | None = None
    max_runtime: Duration | None = None
    environment: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None
    tree_tags: bool | None = None
    job_name_prefix: str | None = None
    name_prefix: str | None = None
    result: Result | None = None
    result_path: str | None = None
    retry: RetryPolicy | None = None
    query_language: sfn.QueryLanguage | None = None
    policy: JobPolicy | None = None

    def apply_to(self, scope: Construct) -> None:
        """Make these the defaults of all jobs below a scope.

        Args:
            scope: An app, a stage, a stack or any other construct.

        Raises:
            InvalidPropsError: If a job below the scope has been defined already, since it did not see them, or if a default
                is of the wrong kind.
        """
        ref, app = reference(scope), known_context(scope) or app_context(scope.node.scopes)
        faults = list(type_faults({field.name: field.type for field in fields(self)}, _values_of(self)))
        if ref in app.looked_up:
            faults.append(Fault("JobDefaults", "must be applied before the first job below the scope is defined"))
        if faults:
            raise InvalidPropsError(scope.node.path or "App", faults)
        earlier = app.defaults.get(ref)
        app.defaults[ref] = self if earlier is None else self.over(earlier)

    def over(self, outer: JobDefaults) -> JobDefaults:
        """Complete these defaults with outer ones."""
        own = {name: value for name, value in _values_of(self).items() if value is not None}
        for name in ("tags", "environment"):
            inherited = getattr(outer, name)
            if name in own and inherited is not None:
                own[name] = {**inherited, **own[name]}
        if self.policy is not None and outer.policy is not None:
            own["policy"] = _Policies((*outer.policies, *self.policies))
        return replace(outer, **own)

    @property
    def policies(self) -> tuple[JobPolicy, ...]:
        """The policies of all scopes, the outermost first."""
        if isinstance(self.policy, _Policies):
            return self.policy.each
        return () if self.policy is None else (self.policy,)


@dataclass(frozen=True, slots=True)
class _Policies:
    """The policies of several scopes, one within the other."""

    each: tuple[JobPolicy, ...]

    def apply(self, spec: PolicySubject) -> None:
        for policy in self.each:
            policy.apply(spec)


def _values_of(defaults: JobDefaults) -> dict[str, Any]:
    return {field.name: getattr(defaults, field.name) for field in fields(defaults)}


def defaults_at(scopes: Sequence[IConstruct]) -> JobDefaults:
    """The defaults at a place in the tree.

    Args:
        scopes: The constructs from the root to the place.
    """
    found, app = JobDefaults(), app_context(scopes)
    for scope in scopes:
        ref = reference(scope)
        app.looked_up.add(ref)
        applied = app.defaults.get(ref)
        if applied is not None:
            found = applied.over(found)
    return found
