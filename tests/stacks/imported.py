"""A team whose platform owns everything: bucket, roles, network, keys, parameters and secrets are imported by name."""

from __future__ import annotations

from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml


class TenantStack(Stack):
    """A workflow of a tenant of the platform."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        shared = s3.Bucket.from_bucket_name(self, "Shared", "platform-shared-data")
        role = iam.Role.from_role_arn(self, "JobRole", "arn:aws:iam::111122223333:role/platform/ml-execution")
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=["us-east-1a", "us-east-1b"],
            private_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        )
        group = ec2.SecurityGroup(self, "Jobs", vpc=vpc)
        table = dynamodb.Table.from_table_name(self, "Registry", "platform-registry")
        alerts = sns.Topic.from_topic_arn(self, "Alerts", "arn:aws:sns:us-east-1:111122223333:platform-alerts")
        depth = ssm.StringParameter.value_for_string_parameter(self, "/platform/depth")
        secretsmanager.Secret.from_secret_name_v2(self, "Token", "platform-token")
        own = s3.Bucket(self, "Own")
        prop = {"role": role, "vpc": vpc, "security_groups": [group]}
        first = prepare(self, inputs={"raw": ml.S3Data.from_bucket(shared, "rows/")}, arguments=[depth], **prop)
        second = train(self, channels={"train": first.output("train")}, hyperparameters={"max_depth": depth}, **prop)
        key = {"id": tasks.DynamoAttributeValue.from_string("churn")}
        found = tasks.DynamoGetItem(self, "Settings", table=table, key=key, result_path="$.settings")
        token = tasks.CallAwsService(
            self,
            "Token of the platform",
            service="secretsmanager",
            action="getSecretValue",
            parameters={"SecretId": "platform-token"},
            iam_resources=["*"],
            result_selector={"known": sfn.JsonPath.string_at("$.Name")},
            result_path="$.token",
        )
        tell = tasks.SnsPublish(
            self, "Tell", topic=alerts, message=sfn.TaskInput.from_text("done"), result_path=sfn.JsonPath.DISCARD
        )
        log_group = logs.LogGroup(self, "Logs", retention=logs.RetentionDays.ONE_WEEK)
        definition = found.next(token).next(first).next(second).next(tell)
        workflow = ml.Workflow(self, "Workflow", definition=definition)
        weekly = events.Rule(self, "Weekly", schedule=events.Schedule.expression("rate(7 days)"))
        weekly.add_target(targets.SfnStateMachine(workflow, dead_letter_queue=sqs.Queue(self, "Missed")))
        ml.JobStateChangeRule(self, "Changes", jobs=[first, second], targets=[alerts])
        own.grant_read(role)
        log_group.grant_write(role)


def build(app: App) -> None:
    """Defines the app."""
    TenantStack(app, "Tenant")
