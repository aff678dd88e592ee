"""The forms of ids and attributes that stand-ins of a local run have."""

from __future__ import annotations

import re

import pytest

from constructs_ml.cfn.physical_values import PhysicalValues, Place

PLACE = Place("111122223333", "eu-west-1", "aws", "Stack")


@pytest.mark.parametrize(
    ("resource_type", "pattern"),
    [
        ("AWS::EC2::VPC", r"vpc-[0-9a-f]{17}"),
        ("AWS::EC2::Subnet", r"subnet-[0-9a-f]{17}"),
        ("AWS::EC2::SecurityGroup", r"sg-[0-9a-f]{17}"),
        ("AWS::EC2::NatGateway", r"nat-[0-9a-f]{17}"),
        ("AWS::EC2::EIP", r"203\.0\.113\.\d{1,3}"),
        ("AWS::KMS::Key", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("AWS::SQS::Queue", r"https://sqs\.eu-west-1\.amazonaws\.com/111122223333/stack-it"),
        ("AWS::SNS::Topic", r"arn:aws:sns:eu-west-1:111122223333:stack-it"),
        ("AWS::S3::Bucket", r"stack-it"),
        ("AWS::Unknown::Thing", r"stack-it"),
    ],
)
def test_a_reference_has_its_types_form(resource_type: str, pattern: str) -> None:
    assert re.fullmatch(pattern, PhysicalValues(resource_type, "It", PLACE).reference)


@pytest.mark.parametrize(
    ("resource_type", "attribute", "pattern"),
    [
        ("AWS::EC2::SecurityGroup", "GroupId", r"sg-[0-9a-f]{17}"),
        ("AWS::EC2::VPC", "DefaultSecurityGroup", r"sg-[0-9a-f]{17}"),
        ("AWS::EC2::VPC", "CidrBlock", r"10\.0\.0\.0/16"),
        ("AWS::EC2::EIP", "AllocationId", r"eipalloc-[0-9a-f]{17}"),
        ("AWS::EC2::Subnet", "AvailabilityZone", "eu-west-1a"),
        ("AWS::RDS::DBInstance", "Endpoint.Address", r"stack-it\.eu-west-1\.amazonaws\.com"),
        ("AWS::RDS::DBInstance", "Endpoint.Port", "5432"),
        ("AWS::KMS::Key", "Arn", r"arn:aws:kms:eu-west-1:111122223333:key/[0-9a-f-]{36}"),
        ("AWS::Lambda::Function", "Arn", "arn:aws:lambda:eu-west-1:111122223333:function:stack-it"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerArn", r"arn:aws:elasticloadbalancing:.*"),
        ("AWS::SQS::Queue", "QueueName", "stack-it"),
    ],
)
def test_an_attribute_has_its_form(resource_type: str, attribute: str, pattern: str) -> None:
    found = PhysicalValues(resource_type, "It", PLACE).attribute(attribute)
    assert isinstance(found, str)
    assert re.fullmatch(pattern, found), found


def test_lists_are_lists() -> None:
    assert isinstance(PhysicalValues("AWS::EC2::VPCEndpoint", "It", PLACE).attribute("DnsEntries"), list)


def test_values_are_the_same_each_time_and_others_for_others() -> None:
    one, again = (PhysicalValues("AWS::EC2::Subnet", "A", PLACE) for _ in range(2))
    assert one.reference == again.reference
    assert one.reference != PhysicalValues("AWS::EC2::Subnet", "B", PLACE).reference
    assert one.reference != PhysicalValues("AWS::EC2::Subnet", "A", Place(stack="Other")).reference


def test_what_a_property_says_is_what_an_attribute_gives() -> None:
    values = PhysicalValues("AWS::EC2::Subnet", "A", PLACE, {"CidrBlock": "10.1.0.0/24"})
    assert values.attribute("CidrBlock") == "10.1.0.0/24"
