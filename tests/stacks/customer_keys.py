"""A team that encrypts everything with keys of its own: data, volumes, outputs, logs, queues, topics, tables."""

from __future__ import annotations

from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml


class EncryptedStack(Stack):
    """A workflow whose data is never without a key."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        data = kms.Key(self, "DataKey", enable_key_rotation=True, alias="churn/data")
        jobs = kms.Key(self, "JobKey", enable_key_rotation=True, alias="churn/jobs")
        logging = kms.Key(self, "LogKey", enable_key_rotation=True)
        logging.grant_encrypt_decrypt(iam.ServicePrincipal("logs.amazonaws.com"))
        raw = s3.Bucket(self, "Raw", encryption_key=data, bucket_key_enabled=True, enforce_ssl=True)
        artifacts = s3.Bucket(self, "Artifacts", encryption_key=jobs, enforce_ssl=True)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        ml.JobDefaults(vpc=vpc, volume_key=jobs, output_key=jobs, bucket=artifacts).apply_to(self)
        queue = sqs.Queue(self, "Done", encryption_master_key=data)
        topic = sns.Topic(self, "Alerts", master_key=data)
        table = dynamodb.Table(
            self,
            "Runs",
            partition_key={"name": "id", "type": dynamodb.AttributeType.STRING},
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=data,
        )
        secretsmanager.Secret(self, "Token", encryption_key=data)
        notify = lambda_.Function(
            self,
            "Notify",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return {'told': True}"),
            environment_encryption=data,
            log_group=logs.LogGroup(self, "NotifyLogs", encryption_key=logging),
            vpc=vpc,
        )
        first = prepare(
            self,
            inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")},
            encrypt_inter_container_traffic=True,
        )
        second = train(self, channels={"train": first.output("train")})
        record = tasks.DynamoPutItem(
            self,
            "Record",
            table=table,
            item={"id": tasks.DynamoAttributeValue.from_string("run")},
            result_path=sfn.JsonPath.DISCARD,
        )
        told = tasks.LambdaInvoke(
            self, "Tell", lambda_function=notify, payload_response_only=True, result_path="$.told"
        )
        sent = tasks.SqsSendMessage(
            self, "Send", queue=queue, message_body=sfn.TaskInput.from_json_path_at("$.told"), result_path="$.sent"
        )
        ml.Workflow(self, "Workflow", definition=first.next(second).next(record).next(told).next(sent))
        ml.JobStateChangeRule(self, "Changes", jobs=[first, second], targets=[topic])


def build(app: App) -> None:
    """Defines the app."""
    EncryptedStack(app, "Encrypted")
