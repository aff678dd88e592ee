"""A team that has grown out of one template: storage and workflow are nested stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import App, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml

if TYPE_CHECKING:
    from constructs import Construct


class Storage(NestedStack):
    """Buckets and a queue."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.raw = s3.Bucket(self, "Raw")
        self.done = sqs.Queue(self, "Done")
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)


class Training(NestedStack):
    """The workflow."""

    def __init__(self, scope: Construct, construct_id: str, *, storage: Storage) -> None:
        super().__init__(scope, construct_id)
        first = prepare(self, inputs={"raw": ml.S3Data.from_bucket(storage.raw, "rows/")}, vpc=storage.vpc)
        second = train(self, channels={"train": first.output("train")}, vpc=storage.vpc)
        counted = tasks.LambdaInvoke(
            self,
            "Count",
            lambda_function=lambda_.Function(
                self,
                "Counter",
                runtime=lambda_.Runtime.PYTHON_3_12,
                handler="index.handler",
                code=lambda_.Code.from_inline("def handler(event, context): return {'counted': len(event)}"),
            ),
            payload_response_only=True,
            result_path="$.counter",
        )
        body = sfn.TaskInput.from_json_path_at("$.counter")
        tell = tasks.SqsSendMessage(
            self, "Tell", queue=storage.done, message_body=body, result_path=sfn.JsonPath.DISCARD
        )
        ml.Workflow(self, "Workflow", definition=first.next(second).next(counted).next(tell))


def build(app: App) -> None:
    """Defines the app."""
    stack = Stack(app, "Grown")
    Training(stack, "Training", storage=Storage(stack, "Storage"))
