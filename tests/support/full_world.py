"""What the props refer to that set every member of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

import constructs_ml as ml

if TYPE_CHECKING:
    from constructs import Construct

REGISTRY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"
RULES = "222233334444.dkr.ecr.us-east-1.amazonaws.com/rules:1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
ROLE = "arn:aws:iam::111122223333:role/mine"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:mine"
SAGEMAKER = "arn:aws:sagemaker:us-east-1:111122223333"
ALARM = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:errors"
PLAN = f"{SAGEMAKER}:training-plan/a-plan-with-a-name"
HUB = f"{SAGEMAKER}:hub-content/hub"


class World:
    """What the states of a scope refer to."""

    def __init__(self, scope: Construct) -> None:
        self.bucket = s3.Bucket.from_bucket_name(scope, "Data", "data")
        self.key = kms.Key.from_key_arn(scope, "Key", KEY)
        self.role = iam.Role.from_role_arn(scope, "Role", ROLE, mutable=False)
        self.function = lambda_.Function.from_function_arn(scope, "Function", FUNCTION)
        self.group = ec2.SecurityGroup.from_security_group_id(scope, "Group", "sg-1")
        self.alarm = cloudwatch.Alarm.from_alarm_arn(scope, "Errors", ALARM)
        self.topic = sns.Topic.from_topic_arn(scope, "Topic", "arn:aws:sns:us-east-1:111122223333:topic")
        self.vpc = ec2.Vpc.from_vpc_attributes(
            scope,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["us-east-1a", "us-east-1b"],
            private_subnet_ids=["subnet-2", "subnet-1"],
        )
        self.experiment = ml.props.Experiment(
            experiment_name="exp", trial_name="trial", trial_component_display_name="shown", run_name="run"
        )

    def data(self, prefix: str) -> ml.S3Data:
        return ml.S3Data.from_bucket(self.bucket, prefix)

    def network(self) -> dict[str, Any]:
        subnets = ec2.SubnetSelection(subnets=self.vpc.private_subnets[1:])
        return {"vpc": self.vpc, "vpc_subnets": subnets, "security_groups": [self.group]}
