"""Stacks that the tests of whole templates synthesize, and how."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Duration, Environment, RemovalPolicy, Size, Stack
from aws_cdk import aws_stepfunctions as sfn
from support.versions import without_nag

import constructs_ml as ml
from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "example" / "scripts"
CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]
REGIONS = {"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""A region of each partition."""


def template_of(stack: Callable[..., Stack], region: str | None = None) -> dict[str, Any]:
    """The template of a stack, alone in an app with the flags of ``cdk.json``.

    Args:
        stack: Makes the stack.
        region: Its region. By default it is deployed to any.
    """
    app = App(context=CONTEXT)
    made = stack(app, "Penguins", env=Environment(region=region) if region else None)
    return without_nag(app.synth().get_stack_by_name(made.stack_name).template)


@cache
def _example(region: str | None) -> str:
    return json.dumps(template_of(PenguinsStack, region))


def example_template(region: str | None = None) -> dict[str, Any]:
    """The template of the example, synthesized once for each region; the caller may change it."""
    template: dict[str, Any] = json.loads(_example(region))
    return template


class JsonataStack(Stack):
    """The example's jobs with JSONata as the query language."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        ml.JobDefaults(query_language=sfn.QueryLanguage.JSONATA).apply_to(self)
        sklearn = ml.ContainerImage.sklearn("1.2-1")
        preprocess = ml.ProcessingJob(
            self,
            "Preprocess",
            image=sklearn,
            code=ml.Code.from_asset(SCRIPTS / "preprocess.py"),
            arguments=["--train-test-split-ratio", "{% $string($states.input.ratio) %}"],
            outputs=["train", "test"],
        )
        train = ml.TrainingJob(
            self,
            "Train",
            image=sklearn,
            code=ml.Code.from_asset(SCRIPTS / "train.py"),
            channels={"train": preprocess.output("train"), "test": preprocess.output("test")},
            hyperparameters={"max_depth": "{% $string($states.input.depth) %}"},
        )
        failed = sfn.Fail(self, "Failed")
        preprocess.add_catch(failed, errors=["States.TaskFailed"])
        preprocessed = sfn.Choice(self, "Preprocessed?", query_language=sfn.QueryLanguage.JSONATA)
        preprocessed.when(preprocess.status_is("Completed"), train).otherwise(failed)
        ml.Workflow(
            self,
            "Workflow",
            definition=preprocess.next(preprocessed),
            query_language=sfn.QueryLanguage.JSONATA,
        )


class RichStack(Stack):
    """As much as the library has: a VPC, keys, spot training, checkpoints, datasets, targets of every kind."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        from aws_cdk import aws_ec2 as ec2
        from aws_cdk import aws_kms as kms
        from aws_cdk import aws_s3 as s3

        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", nat_gateways=0, max_azs=2, flow_logs={"all": ec2.FlowLogOptions()})
        self.volume_key = kms.Key(self, "VolumeKey", enable_key_rotation=True)
        self.data_key = kms.Key(self, "DataKey", enable_key_rotation=True)
        self.raw = s3.Bucket(
            self,
            "Raw",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.data_key,
            enforce_ssl=True,
            server_access_logs_prefix="logs/",
            removal_policy=RemovalPolicy.DESTROY,
        )
        ml.JobDefaults(
            vpc=self.vpc,
            volume_key=self.volume_key,
            output_key=self.data_key,
            encrypt_inter_container_traffic=True,
            tags={"team": "risk"},
            environment={"STAGE": "test"},
        ).apply_to(self)
        query = self._query()
        prepare = self._prepare(query)
        train = self._train(prepare)
        self.workflow = ml.Workflow(
            self,
            "Workflow",
            definition=query.next(prepare).next(train),
            encryption_key=self.data_key,
            timeout=Duration.hours(12),
        )
        self.rule = ml.JobStateChangeRule(
            self, "Changes", jobs=[query, prepare, train], statuses=["Failed", "Stopped"], targets=self._targets()
        )

    def _query(self) -> ml.ProcessingJob:
        from aws_cdk import aws_ecr as ecr
        from aws_cdk import aws_iam as iam

        repository = ecr.Repository(self, "Repository", image_scan_on_push=True)
        unloading = iam.Role(self, "Unloading", assumed_by=iam.ServicePrincipal("redshift.amazonaws.com"))
        results = ml.S3Data.from_bucket(self.raw, "results/")
        athena = ml.processing.AthenaDataset(
            database="sales",
            query="SELECT * FROM orders",
            output=results,
            key=self.data_key,
            reads=[ml.S3Data.from_bucket(self.raw, "orders/")],
        )
        redshift = ml.processing.RedshiftDataset(
            cluster_id="warehouse",
            database="sales",
            db_user="reader",
            query="SELECT * FROM customers",
            cluster_role=unloading,
            output=results,
        )
        return ml.ProcessingJob(
            self,
            "Query",
            image=ml.ContainerImage.from_ecr_repository(repository),
            inputs={"orders": ml.ProcessingInput(source=athena), "customers": ml.ProcessingInput(source=redshift)},
            outputs={"joined": ml.S3Data.from_bucket(self.raw, "joined/")},
        )

    def _prepare(self, query: ml.ProcessingJob) -> ml.ProcessingJob:
        return ml.ProcessingJob(
            self,
            "Prepare",
            image=ml.ContainerImage.spark("3.3"),
            code=ml.Code.from_asset(SCRIPTS, entry_point="preprocess.py"),
            arguments=["--date", ml.execution_input("date")],
            inputs={"joined": query.output("joined")},
            outputs=["train"],
            instance_count=2,
            volume_size=Size.gibibytes(100),
            result=ml.Result.FULL,
        )

    def _train(self, prepare: ml.ProcessingJob) -> ml.TrainingJob:
        return ml.TrainingJob(
            self,
            "Train",
            image=ml.ContainerImage.xgboost("1.7-1"),
            code=ml.Code.from_asset(SCRIPTS, entry_point="train.py"),
            channels={
                "train": ml.TrainingChannel(source=prepare.output("train"), input_mode=ml.data.InputMode.FAST_FILE),
            },
            hyperparameters={"rounds": 100},
            metric_definitions={"auc": "auc=([0-9.]+)"},
            spot=True,
            checkpoint_path="/opt/ml/checkpoints",
            max_runtime=Duration.hours(2),
            retry_attempts=2,
        )

    def _targets(self) -> list[Any]:
        from aws_cdk import aws_iam as iam
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_logs as logs
        from aws_cdk import aws_sns as sns
        from aws_cdk import aws_sqs as sqs

        dead = sqs.DeadLetterQueue(queue=sqs.Queue(self, "Unread", enforce_ssl=True), max_receive_count=3)
        return [
            sns.Topic(self, "Topic", enforce_ssl=True),
            sqs.Queue(self, "Queue", enforce_ssl=True, dead_letter_queue=dead),
            lambda_.Function(
                self,
                "Function",
                # cdk-nag wants the newest that aws-cdk-lib knows.
                runtime=getattr(lambda_.Runtime, "PYTHON_3_14", lambda_.Runtime.PYTHON_3_13),
                handler="index.handler",
                code=lambda_.Code.from_inline("def handler(event, context):\n    return event\n"),
                role=iam.Role(self, "FunctionRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")),
            ),
            ml.Workflow(self, "Alert", definition=sfn.Pass(self, "Told")),
            logs.LogGroup(self, "Log", retention=logs.RetentionDays.ONE_YEAR),
        ]
