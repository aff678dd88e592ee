"""What the jobs of the tables declare."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from support.calls.place import KEY, VOLUME_KEY


def declared_bucket(stack: Any) -> Any:
    """The bucket of the data, with its key."""
    key = kms.Key.from_key_arn(stack, "DataKey", KEY)
    return s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="data", encryption_key=key)


def volume_key(stack: Any) -> Any:
    return kms.Key.from_key_arn(stack, "VolumeKey", VOLUME_KEY)


def vpc(stack: Any) -> dict[str, Any]:
    """Props of a job in a VPC."""
    zones, subnets = ["us-east-1a", "us-east-1b"], ["subnet-1", "subnet-2"]
    found = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=zones, private_subnet_ids=subnets
    )
    return {"vpc": found, "security_groups": [ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")]}
