"""A team with functions and tables around its jobs: a lock, a plan, a record; an API to ask for results."""

from __future__ import annotations

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml

_PLAN = """
import os, boto3

def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    table.update_item(Key={"id": "plan"}, UpdateExpression="ADD runs :one", ExpressionAttributeValues={":one": 1})
    files = boto3.client("s3").list_objects_v2(Bucket=os.environ["BUCKET"], Prefix="rows/")["Contents"]
    return {"files": [file["Key"] for file in files]}
"""
_RECORD = """
import json, os, boto3

def handler(event, context):
    for record in event["Records"]:
        body = json.loads(record["body"])
        item = {"id": {"S": "done"}, "model": {"S": body["model"]}}
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
"""


class FunctionsStack(Stack):
    """Functions before, between and after jobs."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        raw, queue = s3.Bucket(self, "Raw"), sqs.Queue(self, "Done", visibility_timeout=Duration.minutes(2))
        table = dynamodb.Table(self, "Runs", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING})
        variables = {"TABLE": table.table_name, "BUCKET": raw.bucket_name}
        plan = self._function("Plan", _PLAN, variables)
        record = self._function("Record", _RECORD, variables)
        table.grant_read_write_data(plan)
        table.grant_write_data(record)
        raw.grant_read(plan)
        record.add_event_source(sources.SqsEventSource(queue, batch_size=1))
        first = prepare(self, inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")})
        second = train(self, channels={"train": first.output("train")})
        failed = sfn.Fail(self, "Locked", error="Locked")
        lock = tasks.DynamoPutItem(
            self,
            "Lock",
            table=table,
            item={"id": tasks.DynamoAttributeValue.from_string("lock")},
            condition_expression="attribute_not_exists(id)",
            result_path=sfn.JsonPath.DISCARD,
        )
        lock.add_catch(failed, errors=["DynamoDB.ConditionalCheckFailedException"])
        asked = tasks.LambdaInvoke(
            self, "Ask for a plan", lambda_function=plan, payload_response_only=True, result_path="$.plan"
        )
        body = sfn.TaskInput.from_object({"model": second.result("ModelArtifacts.S3ModelArtifacts")})
        told = tasks.SqsSendMessage(self, "Tell", queue=queue, message_body=body, result_path=sfn.JsonPath.DISCARD)
        unlock = tasks.DynamoDeleteItem(
            self, "Unlock", table=table, key={"id": tasks.DynamoAttributeValue.from_string("lock")}
        )
        definition = lock.next(asked).next(first).next(second).next(told).next(unlock)
        ml.Workflow(self, "Workflow", definition=definition)
        apigateway.LambdaRestApi(self, "Api", handler=plan)

    def _function(self, name: str, code: str, variables: dict[str, str]) -> lambda_.Function:
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline(code),
            environment=variables,
            timeout=Duration.seconds(30),
        )


def build(app: App) -> None:
    """Defines the app."""
    FunctionsStack(app, "Functions")
