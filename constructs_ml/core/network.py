"""The network that a job runs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import jsii

from constructs_ml.core.app_context import reference
from constructs_ml.core.nag import acknowledge_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_ec2 as ec2

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.errors import Faults
    from constructs_ml.iam.job_role import JobAccess


@dataclass(frozen=True, slots=True)
class Network:
    """The subnets and security groups of a job.

    Attributes:
        subnets: The ids of the subnets.
        groups: The security groups.
    """

    subnets: tuple[str, ...]
    groups: tuple[ec2.ISecurityGroup, ...]

    def to_request(self) -> dict[str, Any]:
        """The ``VpcConfig`` of a request."""
        return {"SecurityGroupIds": [group.security_group_id for group in self.groups], "Subnets": list(self.subnets)}

    def allow(self, access: JobAccess) -> None:
        """Declare the permissions to run in the network."""
        access.subnets += self.subnets
        access.security_groups += [group.security_group_id for group in self.groups]


def vpc_members(path: str) -> dict[str, str]:
    """The props that the members of a ``VpcConfig`` come from; as a whole it goes by the API's name."""
    return {path: path, f"{path}.SecurityGroupIds": "security_groups", f"{path}.Subnets": "vpc_subnets"}


def network_of(
    context: ScopeContext,
    vpc: ec2.IVpc | None,
    subnets: ec2.SubnetSelection | None,
    groups: Sequence[ec2.ISecurityGroup] | None,
    faults: Faults,
) -> Network | None:
    """The network that a job asks for, else the one of its defaults, else None.

    Subnets and security groups of the defaults belong to the VPC of the defaults: a job with another VPC has neither.
    Jobs of a stack that run in the same VPC share a security group unless they name their own.
    """
    if vpc is None or vpc is context.defaults.vpc:
        vpc, subnets, groups = _with_default_vpc(context, subnets, groups, faults)
    if vpc is None:
        return _of_ids(subnets, groups)
    return Network(_subnet_ids(context, vpc, subnets), tuple(groups or ()) or (_shared_group(context, vpc),))


def _of_ids(subnets: ec2.SubnetSelection | None, groups: Sequence[ec2.ISecurityGroup] | None) -> Network | None:
    """Subnets and groups that are known by their ids, in a VPC that nobody has to name."""
    if subnets is None or not subnets.subnets or not groups:
        return None
    return Network(tuple(subnet.subnet_id for subnet in subnets.subnets), tuple(groups))


def _with_default_vpc(
    context: ScopeContext,
    subnets: ec2.SubnetSelection | None,
    groups: Sequence[ec2.ISecurityGroup] | None,
    faults: Faults,
) -> tuple[ec2.IVpc | None, ec2.SubnetSelection | None, Sequence[ec2.ISecurityGroup] | None]:
    vpc, own = context.defaults.vpc, {"vpc_subnets": subnets, "security_groups": groups}
    subnets = subnets or context.defaults.vpc_subnets
    groups = context.defaults.security_groups if groups is None else groups
    by_ids = subnets is not None and bool(subnets.subnets)
    if vpc is None and not (by_ids and groups):
        fix = (
            "pass security_groups= too, or vpc=" if by_ids else "pass vpc=, or subnets and security groups by their ids"
        )
        for name, given in own.items():
            if given is not None:
                faults.add(name, "needs a vpc, got none", fix)
    return vpc, subnets, groups


def _subnet_ids(context: ScopeContext, vpc: ec2.IVpc, subnets: ec2.SubnetSelection | None) -> tuple[str, ...]:
    shared = context.of_stack.shared
    # The selection is kept with its subnets, so that no other gets its id.
    key = ("subnets", reference(vpc), id(subnets))
    if key not in shared:
        values = {} if subnets is None else subnets._values  # noqa: SLF001 - how jsii spreads a struct
        shared[key] = (subnets, tuple(vpc.select_subnets(**values).subnet_ids))
    return cast("tuple[str, ...]", shared[key][1])


def _shared_group(context: ScopeContext, vpc: ec2.IVpc) -> ec2.ISecurityGroup:
    from aws_cdk import aws_ec2 as ec2

    key = ("group", reference(vpc))
    shared = context.of_stack.shared
    if key not in shared:
        group = ec2.SecurityGroup(
            context.of_stack.scope,
            f"JobSecurityGroup{vpc.node.addr[-8:]}",
            vpc=vpc,
            description=f"The SageMaker jobs of {context.of_stack.path}",
            allow_all_outbound=True,
        )
        # The instances of one job talk to each other.
        group.add_ingress_rule(group, ec2.Port.all_traffic(), "between the instances of a job")
        acknowledge_findings(
            group, {"EC2RestrictedCommonPorts": "only members of the group itself may connect to its members"}
        )
        shared[key] = group
    return cast("ec2.ISecurityGroup", shared[key])


# ``ec2.IConnectable`` without importing aws_ec2, which takes a fifth of a second.
#
# ``jsii.implements`` needs the interface's class; the jsii kernel needs only its name, and the members that stand for it.

T = TypeVar("T", bound="type[Any]")


class _Connectable:
    """The members that the jsii runtime asks of an interface."""

    __jsii_type__ = "aws-cdk-lib.aws_ec2.IConnectable"

    @property
    @jsii.member(jsii_name="connections")
    def connections(self) -> Any:  # noqa: ANN401 - an ec2.Connections
        """The security groups to connect to."""
        raise NotImplementedError


def connectable(cls: T) -> T:
    """Allow instances of a class to be passed as ``ec2.IConnectable``."""
    return jsii.implements(_Connectable)(cls)
