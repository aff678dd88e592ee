"""Tasks of aws-cdk-lib's own before and after the library's jobs: it has no copies of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from support.templates import statements

import constructs_ml as ml
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local import Deployment

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"
WRITE = """
import pathlib, sys
pathlib.Path("/opt/ml/processing/output/train", "rows.csv").write_text(sys.argv[1])
"""
CHECK = """
def handler(event, context):
    return {"limit": event.get("limit", "7"), "seen": event.get("data", "")}
"""


def small(stack: Stack, code: ml.Code | None = None) -> sfn.Chain:
    """A job between tasks that this machine can run too: Lambda, DynamoDB, SNS, SQS and EventBridge."""
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline(CHECK),
    )
    table = dynamodb.Table(
        stack, "Table", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    )
    queue = sqs.Queue(stack, "Queue")
    topic = sns.Topic(stack, "Topic")
    before = tasks.LambdaInvoke(
        stack,
        "Before",
        lambda_function=function,
        payload=sfn.TaskInput.from_object({"limit": "12"}),
        result_selector={"limit": sfn.JsonPath.string_at("$.Payload.limit")},
        result_path="$.Before",
    )
    prepare = ml.ProcessingJob(
        stack,
        "Prepare",
        image=ml.ContainerImage.from_registry(IMAGE),
        code=code,
        arguments=[sfn.JsonPath.string_at("$.Before.limit")],
        outputs=["train"],
    )
    place, arn = prepare.output("train").uri, prepare.result("ProcessingJobArn")
    after = tasks.LambdaInvoke(
        stack,
        "After",
        lambda_function=function,
        payload=sfn.TaskInput.from_object({"data": place, "job": arn}),
        result_selector={"seen": sfn.JsonPath.string_at("$.Payload.seen")},
        result_path="$.After",
    )
    put = tasks.DynamoPutItem(
        stack,
        "Record",
        table=table,
        item={
            "id": tasks.DynamoAttributeValue.from_string(arn),
            "data": tasks.DynamoAttributeValue.from_string(place),
        },
        result_path=sfn.JsonPath.DISCARD,
    )
    publish = tasks.SnsPublish(
        stack, "Publish", topic=topic, message=sfn.TaskInput.from_text(place), result_path=sfn.JsonPath.DISCARD
    )
    send = tasks.SqsSendMessage(
        stack,
        "Send",
        queue=queue,
        message_body=sfn.TaskInput.from_object({"data": place, "status": prepare.result("ProcessingJobStatus")}),
        result_path=sfn.JsonPath.DISCARD,
    )
    entry = tasks.EventBridgePutEventsEntry(
        detail=sfn.TaskInput.from_object({"data": place}), detail_type="Prepared", source="my.workflow"
    )
    emit = tasks.EventBridgePutEvents(stack, "Emit", entries=[entry], result_path=sfn.JsonPath.DISCARD)
    return before.next(prepare).next(after).next(put).next(publish).next(send).next(emit)


def big(stack: Stack, prepare: ml.ProcessingJob) -> list[sfn.TaskStateBase]:
    """Tasks that run elsewhere on what a job wrote: Glue, Batch, ECS and EMR."""
    place = prepare.output("train").uri
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["us-east-1a"], private_subnet_ids=["subnet-1"]
    )
    cluster = ecs.Cluster.from_cluster_attributes(stack, "Cluster", cluster_name="mine", vpc=vpc)
    definition = ecs.FargateTaskDefinition(stack, "TaskDefinition")
    container = definition.add_container("Main", image=ecs.ContainerImage.from_registry("mine"))
    role = iam.Role.from_role_arn(stack, "EmrRole", "arn:aws:iam::111122223333:role/emr", mutable=False)
    return [
        tasks.GlueStartJobRun(
            stack,
            "Glue",
            glue_job_name="clean",
            integration_pattern=sfn.IntegrationPattern.RUN_JOB,
            arguments=sfn.TaskInput.from_object({"--data": place}),
            result_path="$.Glue",
        ),
        tasks.BatchSubmitJob(
            stack,
            "Batch",
            job_definition_arn="arn:aws:batch:us-east-1:111122223333:job-definition/mine:1",
            job_name="score",
            job_queue_arn="arn:aws:batch:us-east-1:111122223333:job-queue/mine",
            payload=sfn.TaskInput.from_object({"data": place}),
            result_path="$.Batch",
        ),
        tasks.EcsRunTask(
            stack,
            "Ecs",
            cluster=cluster,
            task_definition=definition,
            launch_target=tasks.EcsFargateLaunchTarget(platform_version=ecs.FargatePlatformVersion.LATEST),
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")],
            container_overrides=[
                tasks.ContainerOverride(
                    container_definition=container,
                    environment=[tasks.TaskEnvironmentVariable(name="DATA", value=place)],
                )
            ],
            result_path="$.Ecs",
        ),
        tasks.EmrCreateCluster(
            stack,
            "Emr",
            name="features",
            instances=tasks.EmrCreateCluster.InstancesConfigProperty(instance_count=1),
            cluster_role=role,
            service_role=role,
            log_uri=place,
            result_path="$.Emr",
        ),
    ]


@pytest.fixture
def chained(stack: Stack, asl: Callable[..., Any]) -> dict[str, Any]:
    """All of them in one workflow, with a training job at the end that takes what Lambda said."""
    chain = small(stack)
    prepare = stack.node.find_child("Prepare")
    assert isinstance(prepare, ml.ProcessingJob)
    for task in big(stack, prepare):
        chain = chain.next(task)
    train = ml.TrainingJob(
        stack,
        "Train",
        image=ml.ContainerImage.from_registry(IMAGE),
        channels={"train": prepare.output("train")},
        hyperparameters={"limit": sfn.JsonPath.string_at("$.Before.limit")},
    )
    ml.Workflow(stack, "Machine", definition=chain.next(train))
    states: dict[str, Any] = asl(stack)
    return states


OTHERS = ["After", "Record", "Publish", "Send", "Emit", "Glue", "Batch", "Ecs", "Emr"]


@pytest.mark.parametrize("name", OTHERS)
def test_each_task_is_handed_the_place_that_the_job_wrote(chained: dict[str, Any], name: str) -> None:
    """The very expression that the job itself writes to."""
    output = chained["Prepare"]["Parameters"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri.$"]
    assert output in _values(chained[name]["Parameters"])


def test_jobs_take_what_other_tasks_said(chained: dict[str, Any]) -> None:
    arguments = chained["Prepare"]["Parameters"]["AppSpecification"]["ContainerArguments.$"]
    assert arguments == "States.Array($.Before.limit)"
    assert chained["Train"]["Parameters"]["HyperParameters"]["limit.$"] == "$.Before.limit"


def test_results_reach_other_tasks(chained: dict[str, Any]) -> None:
    assert chained["Record"]["Parameters"]["Item"]["id"]["S.$"] == "$.Prepare.ProcessingJobArn"
    assert chained["Send"]["Parameters"]["MessageBody"]["status.$"] == "$.Prepare.ProcessingJobStatus"


def test_all_of_them_are_granted_to_one_role(
    stack: Stack,
    synth: Callable[..., Any],
    chained: dict[str, Any],  # noqa: ARG001 - makes the workflow
) -> None:
    granted = {action for found in statements(synth(stack), "Machine") for action in found["Action"]}
    assert granted >= {
        "batch:SubmitJob",
        "dynamodb:PutItem",
        "ecs:RunTask",
        "elasticmapreduce:RunJobFlow",
        "events:PutEvents",
        "glue:StartJobRun",
        "lambda:InvokeFunction",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sns:Publish",
        "sqs:SendMessage",
    }


@pytest.mark.local
def test_a_job_runs_between_other_tasks(tmp_path: Path) -> None:
    """On this machine: what Lambda says reaches the job, and what the job wrote reaches all others."""
    script = tmp_path / "prepare.py"
    script.write_text(WRITE)
    app = App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    stack = Stack(app, "Services")
    ml.Workflow(stack, "Machine", definition=small(stack, ml.Code.from_asset(script)))
    with LocalAws() as aws:
        deployed = aws.deploy(Path(app.synth().directory))
        execution = deployed.start({}).wait(120)
        assert execution.status == "SUCCEEDED", execution.cause
        (made,) = execution.jobs
        place = made.request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
        bucket, _, key = place.removeprefix("s3://").partition("/")
        rows = aws.client("s3").get_object(Bucket=bucket, Key=f"{key}rows.csv")["Body"].read()
        assert rows == b"12"
        assert execution.output["After"]["seen"] == place
        (item,) = aws.client("dynamodb").scan(TableName=_named(deployed, "Table"))["Items"]
        assert item["data"]["S"] == place
        messages = aws.client("sqs").receive_message(QueueUrl=_named(deployed, "Queue"))["Messages"]
        assert json.loads(messages[0]["Body"]) == {"data": place, "status": "Completed"}


def _named(deployed: Deployment, construct_id: str) -> str:
    (found,) = (
        made for name, made in deployed.physical_ids.items() if re.fullmatch(rf"{construct_id}[0-9A-F]{{8}}", name)
    )
    return found


def _values(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [found for item in value.values() for found in _values(item)]
    if isinstance(value, list):
        return [found for item in value for found in _values(item)]
    return [value]
