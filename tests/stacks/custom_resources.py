"""A team that has CDK do things at deployment: seed files, empty buckets, look values up, keep logs for a while."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from aws_cdk import custom_resources as custom
from parts import SCRIPTS, prepare, train

import constructs_ml as ml

_MAKE = """
def handler(event, context):
    return {"PhysicalResourceId": "made", "Data": {"Depth": "7"}}
"""


class SeededStack(Stack):
    """A workflow over what the deployment put there."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0, restrict_default_security_group=True)
        raw = s3.Bucket(self, "Raw", removal_policy=RemovalPolicy.DESTROY, auto_delete_objects=True)
        ecr.Repository(self, "Images", removal_policy=RemovalPolicy.DESTROY, empty_on_delete=True)
        uploads = sqs.Queue(self, "Uploads")
        raw.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SqsDestination(uploads))
        table = dynamodb.Table(self, "Settings", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING})
        rows = deployment.Source.data("rows.csv", f"bucket,{raw.bucket_name}\n1,2\n3,4\n")
        seeds = deployment.BucketDeployment(
            self,
            "Seeds",
            sources=[rows, deployment.Source.asset(str(Path(SCRIPTS)))],
            destination_bucket=raw,
            destination_key_prefix="rows",
            exclude=["*.py"],
            retain_on_delete=False,
        )
        item = {"id": {"S": "depth"}, "value": {"N": "6"}}
        call = custom.AwsSdkCall(
            service="DynamoDB",
            action="putItem",
            parameters={"TableName": table.table_name, "Item": item},
            physical_resource_id=custom.PhysicalResourceId.of("depth"),
        )
        allowed = custom.AwsCustomResourcePolicy.from_sdk_calls(resources=[table.table_arn])
        put = custom.AwsCustomResource(self, "Put", on_create=call, policy=allowed)
        read = custom.AwsCustomResource(
            self,
            "Read",
            on_update=custom.AwsSdkCall(
                service="DynamoDB",
                action="getItem",
                parameters={"TableName": table.table_name, "Key": {"id": {"S": "depth"}}},
                physical_resource_id=custom.PhysicalResourceId.of("read"),
            ),
            policy=allowed,
        )
        read.node.add_dependency(put)
        maker = lambda_.Function(
            self,
            "Maker",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline(_MAKE),
            timeout=Duration.seconds(20),
            log_retention=logs.RetentionDays.ONE_WEEK,
        )
        provider = custom.Provider(self, "Provider", on_event_handler=maker)
        made = CustomResource(self, "Made", service_token=provider.service_token)
        first = prepare(
            self,
            inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")},
            arguments=[read.get_response_field("Item.value.N"), made.get_att_string("Depth")],
            vpc=vpc,
        )
        second = train(self, channels={"train": first.output("train")}, vpc=vpc)
        sent = tasks.SqsSendMessage(
            self, "Send", queue=uploads, message_body=sfn.TaskInput.from_text("trained"), result_path="$.sent"
        )
        workflow = ml.Workflow(self, "Workflow", definition=first.next(second).next(sent))
        workflow.node.add_dependency(seeds)


def build(app: App) -> None:
    """Defines the app."""
    SeededStack(app, "Seeded")
