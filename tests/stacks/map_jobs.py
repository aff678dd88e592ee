"""A team with a model for each country: a Map over jobs, a Choice in each, and a report at the end."""

from __future__ import annotations

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml

_REPORT = """
import json, os, boto3

def handler(event, context):
    body = json.dumps([found["country"] for found in event["countries"]])
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key="reports/countries.json", Body=body)
    return {"countries": len(event["countries"])}
"""


class CountriesStack(Stack):
    """Jobs in a Map."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        raw = s3.Bucket(self, "Raw")
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        ml.JobDefaults(vpc=vpc).apply_to(self)
        table = dynamodb.Table(self, "Models", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING})
        country = sfn.JsonPath.string_at("$.country")
        each = ml.Map(self, "EachCountry", items_path="$.countries", max_concurrency=3, result_path="$.countries")
        first = prepare(
            each,
            inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")},
            arguments=[country],
        )
        second = train(each, channels={"train": first.output("train")})
        item = {
            "id": tasks.DynamoAttributeValue.from_string(country),
            "model": tasks.DynamoAttributeValue.from_string(second.result("ModelArtifacts.S3ModelArtifacts")),
        }
        record = tasks.DynamoPutItem(each, "Record", table=table, item=item, result_path=sfn.JsonPath.DISCARD)
        skip = sfn.Pass(each, "Skip")
        wanted = sfn.Choice(each, "Wanted?").when(sfn.Condition.boolean_equals("$.wanted", value=True), first)
        first.next(second).next(record)
        wanted.otherwise(skip)
        each.item_processor(wanted)
        report = lambda_.Function(
            self,
            "Reporter",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline(_REPORT),
            environment={"BUCKET": raw.bucket_name},
            timeout=Duration.seconds(20),
        )
        raw.grant_write(report)
        told = tasks.LambdaInvoke(self, "Report", lambda_function=report, payload_response_only=True)
        workflow = ml.Workflow(self, "Workflow", definition=each.next(told))
        ml.JobStateChangeRule(self, "Changes", jobs=[first, second], targets=[sns.Topic(self, "Alerts")])
        cloudwatch.Alarm(self, "Slow", metric=workflow.metric_time(), threshold=3_600_000, evaluation_periods=1)


def build(app: App) -> None:
    """Defines the app."""
    CountriesStack(app, "Countries")
