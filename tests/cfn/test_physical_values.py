"""Resources that are not made have ids and attributes as AWS gives them."""

from __future__ import annotations

import re

import pytest

from constructs_ml.cfn.likely_values import likely_type, likely_values, plain_name, possible_values
from constructs_ml.cfn.physical_values import PhysicalValues, Place

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CHINA = Place("444455556666", "cn-north-1", "aws-cn", "Jobs")


@pytest.mark.parametrize(
    ("resource_type", "form"),
    [
        ("AWS::EC2::SecurityGroup", "sg-[0-9a-f]{17}"),
        ("AWS::KMS::Key", UUID),
        ("AWS::S3::Bucket", "thing"),
        ("AWS::SQS::Queue", r"https://sqs\.us-east-1\.amazonaws\.com/111122223333/thing"),
        ("AWS::SNS::Topic", "arn:aws:sns:us-east-1:111122223333:thing"),
        ("AWS::SageMaker::ModelPackageGroup", "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/thing"),
        ("AWS::SageMaker::Pipeline", "thing"),
        ("AWS::Lambda::Version", "arn:aws:lambda:us-east-1:111122223333:function:thing:1"),
        ("AWS::Serverless::Function", "thing"),
        ("AWS::Batch::JobQueue", "arn:aws:batch:us-east-1:111122223333:job-queue/thing"),
    ],
)
def test_a_reference_has_the_form_of_its_type(resource_type: str, form: str) -> None:
    """As the template reference has it."""
    assert re.fullmatch(form, PhysicalValues(resource_type, "Thing").reference)


@pytest.mark.parametrize(
    ("resource_type", "attribute", "value"),
    [
        ("AWS::SageMaker::Model", "ModelName", "thing"),
        ("AWS::SNS::Topic", "TopicName", "thing"),
        ("AWS::SQS::Queue", "Arn", "arn:aws:sqs:us-east-1:111122223333:thing"),
        ("AWS::ECR::Repository", "RepositoryUri", "111122223333.dkr.ecr.us-east-1.amazonaws.com/thing"),
        ("AWS::SageMaker::Endpoint", "EndpointArn", "arn:aws:sagemaker:us-east-1:111122223333:endpoint/thing"),
        ("AWS::Lambda::Version", "FunctionArn", "arn:aws:lambda:us-east-1:111122223333:function:thing:1"),
    ],
)
def test_an_attribute_has_the_form_of_its_name(resource_type: str, attribute: str, value: str) -> None:
    """As the template reference has it."""
    assert PhysicalValues(resource_type, "Thing").attribute(attribute) == value


def test_a_name_that_properties_give_is_the_name() -> None:
    """In what refers to it and in its ARN."""
    values = PhysicalValues("AWS::S3::Bucket", "Thing", properties={"BucketName": "by-hand"})
    assert (values.reference, values.attribute("Arn")) == ("by-hand", "arn:aws:s3:::by-hand")


def test_names_are_as_long_as_a_bucket_s_at_most() -> None:
    """And differ where they were cut."""
    one, other = (PhysicalValues("AWS::S3::Bucket", "Thing" * 20 + end).reference for end in "ab")
    assert len(one) == len(other) == 63
    assert one != other


def test_a_place_is_in_the_values() -> None:
    """With the domain of its partition."""
    queue = PhysicalValues("AWS::SQS::Queue", "Thing", CHINA)
    assert queue.reference == "https://sqs.cn-north-1.amazonaws.com.cn/444455556666/jobs-thing"
    assert queue.attribute("Arn") == "arn:aws-cn:sqs:cn-north-1:444455556666:jobs-thing"


@pytest.mark.parametrize(
    ("resource_type", "attribute", "known"),
    [
        ("AWS::S3::Bucket", None, True),
        ("AWS::S3::Bucket", "Arn", True),
        ("AWS::S3::Bucket", "WebsiteURL", False),
        ("Some::Other::Thing", None, False),
        ("Some::Other::Thing", "Arn", False),
    ],
)
def test_guesses_are_told_from_documented_forms(resource_type: str, attribute: str | None, known: bool) -> None:
    """So that who knows more can choose another value."""
    assert PhysicalValues(resource_type, "Thing").documents(attribute) is known


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("SharedSubnetIds", "subnet-[0-9a-f]{17}"),
        ("/network/jobs-sg", "sg-[0-9a-f]{17}"),
        ("Vpcs.0.VpcId", "vpc-[0-9a-f]{17}"),
        ("ModelKeyArn", rf"arn:aws:kms:us-east-1:111122223333:key/{UUID}"),
        ("NetworkExportsOutputFnGetAttKey961B73FD5ArnF4E9B6CC", rf"arn:aws:kms:.*:key/{UUID}"),
        ("VolumeKmsKeyId", UUID),
        ("JobsRoleArn", "arn:aws:iam::111122223333:role/it"),
        ("DataBucket", "it"),
        ("OutputS3Uri", "s3://it/data"),
        ("TrainingImage", r"111122223333\.dkr\.ecr\.us-east-1\.amazonaws\.com/it:latest"),
        ("Something", "it"),
    ],
)
def test_a_name_promises_a_value(name: str, form: str) -> None:
    """In camel case, as a path, or as the CDK makes it."""
    assert re.fullmatch(form, next(likely_values(name, "It", Place())))


def test_there_are_values_of_each_form() -> None:
    """For what tells nothing; a plain name is the last resort."""
    assert len(set(possible_values("It", Place()))) > 20
    assert plain_name("It's 1 name", Place()) == "it-s-1-name"
    assert (likely_type("KmsKeyId"), likely_type("Something")) == ("AWS::KMS::Key", "")
