"""No default makes a step fail that takes less than the others: it is left out where the step has no use for it."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.public import PUBLIC
from support.smallest import STEPS

import constructs_ml as ml
from constructs_ml.core.task import SageMakerTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack
    from constructs import Construct

ACCOUNT = "111122223333"


class Tagging:
    """A policy that changes something."""

    def apply(self, spec: Any) -> None:
        spec.add_tag("cost-center", "1234")


def _vpc(scope: Construct) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        scope, "Vpc", vpc_id="vpc-1", availability_zones=["us-east-1a"], private_subnet_ids=["subnet-1"]
    )


def _subnet(scope: Construct) -> ec2.ISubnet:
    return ec2.Subnet.from_subnet_attributes(scope, "Subnet", subnet_id="subnet-2", availability_zone="us-east-1a")


def _group(scope: Construct) -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(scope, "Group", "sg-1")


def _key(scope: Construct) -> kms.IKey:
    return kms.Key.from_key_arn(scope, "Key", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1")


VALUES: dict[str, Callable[[Construct], dict[str, Any]]] = {
    "bucket": lambda scope: {"bucket": s3.Bucket.from_bucket_name(scope, "Bucket", "mine")},
    "code_bucket": lambda scope: {"code_bucket": s3.Bucket.from_bucket_name(scope, "Bucket", "mine")},
    "role": lambda scope: {"role": iam.Role.from_role_arn(scope, "Role", f"arn:aws:iam::{ACCOUNT}:role/mine")},
    "permissions_boundary": lambda scope: {
        "permissions_boundary": iam.ManagedPolicy.from_managed_policy_name(scope, "Boundary", "mine")
    },
    "vpc": lambda scope: {"vpc": _vpc(scope)},
    "vpc_subnets": lambda scope: {
        "vpc": _vpc(scope),
        "vpc_subnets": ec2.SubnetSelection(subnets=[_subnet(scope)]),
    },
    "security_groups": lambda scope: {"vpc": _vpc(scope), "security_groups": [_group(scope)]},
    "network_isolation": lambda _: {"network_isolation": True},
    "encrypt_inter_container_traffic": lambda _: {"encrypt_inter_container_traffic": True},
    "volume_key": lambda scope: {"volume_key": _key(scope)},
    "output_key": lambda scope: {"output_key": _key(scope)},
    "cache": lambda _: {"cache": ml.Cache()},
    "instance_type": lambda _: {"instance_type": "ml.c5.xlarge"},
    "instance_count": lambda _: {"instance_count": 2},
    "volume_size": lambda _: {"volume_size": Size.gibibytes(50)},
    "max_runtime": lambda _: {"max_runtime": Duration.hours(2)},
    "environment": lambda _: {"environment": {"STAGE": "prod"}},
    "tags": lambda _: {"tags": {"team": "risk"}},
    "tree_tags": lambda _: {"tree_tags": False},
    "job_name_prefix": lambda _: {"job_name_prefix": "nightly-"},
    "name_prefix": lambda _: {"name_prefix": "nightly-"},
    "result": lambda _: {"result": ml.Result.FULL},
    "result_path": lambda _: {"result_path": "$.made"},
    "retry": lambda _: {"retry": ml.RetryPolicy.none()},
    "query_language": lambda _: {"query_language": sfn.QueryLanguage.JSONATA},
    "policy": lambda _: {"policy": Tagging()},
}
"""The defaults with a value of each; a network needs its VPC."""


def test_every_step_and_every_default_is_here() -> None:
    steps = {name for name, value in PUBLIC.items() if inspect.isclass(value) and issubclass(value, SageMakerTask)}
    assert set(STEPS) == steps
    assert set(VALUES) == {field.name for field in fields(ml.JobDefaults)}


@pytest.mark.parametrize("default", VALUES)
def test_a_default_makes_no_step_fail(stack: Stack, default: str) -> None:
    """Neither when the step is defined nor when its workflow is written."""
    ml.JobDefaults(**VALUES[default](stack)).apply_to(stack)

    made = [make(stack, name) for name, make in STEPS.items()]
    ml.Workflow(stack, "Workflow", definition=sfn.Parallel(stack, "All").branch(*made))

    assert [type(step).__name__ for step in made] == list(STEPS)
