"""A team with two environments, each a stage with its own account and region, and its own settings."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Environment, Stack, Stage, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml


class ChurnStack(Stack):
    """The workflow of one environment."""

    def __init__(self, scope: Stage, construct_id: str, *, instance_type: str) -> None:
        super().__init__(scope, construct_id)
        key = kms.Key(self, "Key")
        raw = s3.Bucket(self, "Raw", encryption_key=key)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        ml.JobDefaults(vpc=vpc, volume_key=key, instance_type=instance_type).apply_to(self)
        threshold = ssm.StringParameter(self, "Threshold", parameter_name="/churn/threshold", string_value="0.7")
        secretsmanager.Secret(self, "Token")
        first = prepare(
            self, inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")}, arguments=[threshold.string_value, instance_type]
        )
        second = train(self, channels={"train": first.output("train")})
        read = tasks.CallAwsService(
            self,
            "Threshold of today",
            service="ssm",
            action="getParameter",
            parameters={"Name": threshold.parameter_name},
            iam_resources=[threshold.parameter_arn],
            result_selector={"value": sfn.JsonPath.string_at("$.Parameter.Value")},
            result_path="$.threshold",
        )
        ml.Workflow(self, "Workflow", definition=read.next(first).next(second))
        ml.JobStateChangeRule(self, "Alert", jobs=[first, second], targets=[sns.Topic(self, "Alerts")])
        Tags.of(self).add("team", "churn")


class Environments(Stage):
    """One environment."""

    def __init__(self, scope: App, construct_id: str, *, instance_type: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        ChurnStack(self, "Churn", instance_type=instance_type)


def build(app: App) -> None:
    """Defines the app."""
    development = Environment(account="111122223333", region="eu-central-1")
    production = Environment(account="444455556666", region="us-west-2")
    Environments(app, "Dev", instance_type="ml.t3.medium", env=development)
    Environments(app, "Prod", instance_type="ml.m5.2xlarge", env=production)
