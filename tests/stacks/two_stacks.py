"""A team that keeps its data in one stack and its workflow in another, which imports from the first."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Fn, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml


class DataStack(Stack):
    """What outlives workflows."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(self, "Key", removal_policy=RemovalPolicy.DESTROY)
        self.raw = s3.Bucket(self, "Raw", encryption_key=self.key)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0)
        self.runs = dynamodb.TableV2(self, "Runs", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING})
        CfnOutput(self, "Prefix", value="rows/", export_name="rows-prefix")


class WorkflowStack(Stack):
    """The workflow, by references and by an export that it knows by name."""

    def __init__(self, scope: App, construct_id: str, *, data: DataStack) -> None:
        super().__init__(scope, construct_id)
        ml.JobDefaults(vpc=data.vpc).apply_to(self)
        prefix = Fn.import_value("rows-prefix")
        first = prepare(self, inputs={"raw": ml.S3Data.from_bucket(data.raw, prefix)}, arguments=[data.runs.table_name])
        second = train(self, channels={"train": first.output("train")})
        item = {
            "id": tasks.DynamoAttributeValue.from_string(sfn.JsonPath.execution_name),
            "model": tasks.DynamoAttributeValue.from_string(second.result("ModelArtifacts.S3ModelArtifacts")),
        }
        record = tasks.DynamoPutItem(self, "Record", table=data.runs, item=item, result_path=sfn.JsonPath.DISCARD)
        ml.Workflow(self, "Workflow", definition=first.next(second).next(record))
        ml.JobStateChangeRule(self, "Alert", jobs=[first, second], targets=[sns.Topic(self, "Alerts")])


def build(app: App) -> None:
    """Defines the app."""
    data = DataStack(app, "Data")
    WorkflowStack(app, "Churn", data=data).add_dependency(data)
