"""What few training jobs need: Debugger, file systems, registries, instance groups, serverless training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_fsx as fsx
from aws_cdk import aws_lambda as lambda_
from support.each import each
from support.full_world import FUNCTION, HUB, PLAN, SAGEMAKER, World
from support.granted import actions, allowing, statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
RULE = ml.training.DebuggerRule(name="Loss", image=IMAGE)
USUAL = {
    "cloudwatch:PutMetricData",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "s3:AbortMultipartUpload",
    "s3:PutObject",
}
"""What a training job needs that reads nothing."""


def train(stack: Stack, **props: Any) -> ml.TrainingJob:
    given = {"image": IMAGE, **props} if "serverless" not in props and "algorithm" not in props else props
    return ml.TrainingJob(stack, "Train", **given)


def granted(stack: Stack, synth: Callable[..., Any], **props: Any) -> list[dict[str, Any]]:
    ml.Workflow(stack, "Workflow", definition=train(stack, **props))
    return statements(synth(stack), of_jobs=True)


NEEDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, set()),
    "remote debugging": (
        {"remote_debug": True},
        {
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        },
    ),
    "no remote debugging": ({"remote_debug": False}, set()),
    "a data set of a hub": (
        {"channels": {"train": ml.training.HubDataset(dataset_arn=f"{HUB}/DataSet/a/1.0.0")}},
        {"sagemaker:DescribeHubContent"},
    ),
    "a model of a private hub": (
        {
            "channels": {
                "model": ml.TrainingChannel(
                    source=ml.S3Data.from_uri("s3://jumpstart/llm/"), hub_content_arn=f"{HUB}/ModelReference/a/1.0.0"
                )
            }
        },
        {"s3:GetObject", "s3:ListBucket", "sagemaker:DescribeHubContent"},
    ),
    "a package group": (
        {
            "serverless": ml.training.ServerlessTraining(base_model_arn=f"{HUB}/Model/a/1.0.0", evaluator_arn=FUNCTION),
            "model_package": ml.training.ModelPackageOutput(group_arn=f"{SAGEMAKER}:model-package-group/churn"),
        },
        {
            "lambda:InvokeFunction",
            "sagemaker:AccessModelPackage",
            "sagemaker:CreateModelPackage",
            "sagemaker:DescribeHubContent",
            "sagemaker:DescribeModelPackage",
            "sagemaker:DescribeModelPackageGroup",
        },
    ),
}


@pytest.mark.parametrize("need", list(NEEDS))
def test_the_role_gets_what_a_need_takes_and_no_more(stack: Stack, synth: Callable[..., Any], need: str) -> None:
    props, more = NEEDS[need]
    found = actions(granted(stack, synth, **props))
    image = set() if "serverless" not in props else {name for name in USUAL if name.startswith("ecr:")}
    assert found == (USUAL | more) - image


def test_mlflow_is_written_to_and_nothing_is_deleted(stack: Stack, synth: Callable[..., Any]) -> None:
    server = f"{SAGEMAKER}:mlflow-tracking-server/runs"
    found = granted(stack, synth, mlflow=ml.training.MlflowTracking(resource_arn=server))
    tracking = allowing(found, "sagemaker-mlflow:LogMetric")
    assert tracking["Resource"] == server
    assert not any("Delete" in action or "*" in action for action in each(tracking["Action"]))


def test_what_is_recorded_goes_to_places_of_the_execution_s_own(stack: Stack, asl: Callable[..., Any]) -> None:
    job = train(
        stack,
        debug_hook=ml.training.DebugHook(),
        tensorboard=ml.training.TensorBoard(),
        profiler=ml.training.Profiler(),
    )

    parameters = asl(stack, job)["Train"]["Parameters"]

    for member, name in (
        ("DebugHookConfig", "debug"),
        ("TensorBoardOutputConfig", "tensorboard"),
        ("ProfilerConfig", "profiler"),
    ):
        assert parameters[member]["S3OutputPath.$"].endswith(f"/Train/{name}/{{}}/', $$.Execution.Name)")


def test_what_is_recorded_may_be_written(stack: Stack, synth: Callable[..., Any]) -> None:
    """With the output key of the job."""
    world = World(stack)
    hook = ml.training.DebugHook(output=world.data("debug/"))
    rule = ml.training.DebuggerRule(name="Loss", image=IMAGE, output=world.data("rules/"))
    found = granted(stack, synth, debug_hook=hook, debug_rules=[rule], output_key=world.key)
    places = str(allowing(found, "s3:PutObject")["Resource"])
    assert "/debug/*" in places
    assert "/rules/*" in places
    assert "kms:GenerateDataKey" in actions(found)


def test_a_profiler_that_is_off_writes_nowhere(stack: Stack, asl: Callable[..., Any]) -> None:
    job = train(stack, profiler=ml.training.Profiler(disabled=True))
    assert asl(stack, job)["Train"]["Parameters"]["ProfilerConfig"] == {"DisableProfiler": True}


def test_file_systems(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """They are constructs or ids; the role may mount those that ask for it, and write where it may."""
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    shared = efs.FileSystem(stack, "Shared", vpc=vpc)
    lustre = fsx.LustreFileSystem(
        stack,
        "Lustre",
        vpc=vpc,
        vpc_subnet=vpc.isolated_subnets[0] if vpc.isolated_subnets else vpc.public_subnets[0],
        lustre_configuration=fsx.LustreConfiguration(deployment_type=fsx.LustreDeploymentType.SCRATCH_2),
        storage_capacity_gib=1200,
    )
    job = train(
        stack,
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
        channels={
            "shared": ml.training.FileSystem.efs(shared, "/train", writable=True),
            "read": ml.training.FileSystem.efs("fs-0123456789"),
            "fast": ml.training.FileSystem.lustre(lustre, "/fsx/train"),
        },
    )
    shared.connections.allow_default_port_from(job)

    channels = asl(stack, job)["Train"]["Parameters"]["InputDataConfig"]

    sources = [channel["DataSource"]["FileSystemDataSource"] for channel in channels]
    assert [source["FileSystemType"] for source in sources] == ["EFS", "EFS", "FSxLustre"]
    assert [source["FileSystemAccessMode"] for source in sources] == ["rw", "ro", "ro"]
    assert not any("CompressionType" in channel for channel in channels)
    found = statements(synth(stack), of_jobs=True)
    assert "fs-0123456789" not in str(allowing(found, "elasticfilesystem:ClientWrite"))
    assert "elasticfilesystem:ClientRootAccess" not in actions(found)
    assert allowing(found, "fsx:DescribeFileSystems")["Resource"] == "*"
    assert "ec2:CreateNetworkInterface" in actions(found)


def test_instance_groups(stack: Stack, asl: Callable[..., Any]) -> None:
    """They take the place of the type and the count, platform defaults too."""
    ml.JobDefaults(instance_type="ml.c5.xlarge", instance_count=3).apply_to(stack)
    group = ml.training.InstanceGroup(name="workers", instance_type="ml.m5.xlarge", instance_count=2)

    resources = asl(stack, train(stack, instance_groups=[group]))["Train"]["Parameters"]["ResourceConfig"]

    assert resources == {
        "InstanceGroups": [{"InstanceGroupName": "workers", "InstanceType": "ml.m5.xlarge", "InstanceCount": 2}],
        "VolumeSizeInGB": 30,
    }


def test_serverless_training_has_no_image_and_no_instances(stack: Stack, asl: Callable[..., Any]) -> None:
    job = train(
        stack, serverless=ml.training.ServerlessTraining(base_model_arn=f"{HUB}/Model/a/1.0.0", technique="SFT")
    )

    parameters = asl(stack, job)["Train"]["Parameters"]

    assert parameters["ServerlessJobConfig"]["JobType"] == "FineTuning"
    assert "AlgorithmSpecification" not in parameters
    assert "ResourceConfig" not in parameters


def test_a_registry_without_credentials(stack: Stack, asl: Callable[..., Any]) -> None:
    world = World(stack)
    job = train(stack, private_registry=ml.training.PrivateRegistry(), **world.network())
    config = asl(stack, job)["Train"]["Parameters"]["AlgorithmSpecification"]["TrainingImageConfig"]
    assert config == {"TrainingRepositoryAccessMode": "Vpc"}


def test_the_function_that_gives_credentials_may_be_invoked(stack: Stack, synth: Callable[..., Any]) -> None:
    world = World(stack)
    function = lambda_.Function.from_function_arn(stack, "Login", FUNCTION)
    found = granted(stack, synth, private_registry=ml.training.PrivateRegistry(credentials=function), **world.network())
    assert allowing(found, "lambda:InvokeFunction")["Resource"] == FUNCTION


FILES = ml.training.FileSystem.efs("fs-0123456789")
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a file system without a network": (
        {"channels": {"train": FILES}},
        "channels['train'] is on a file system, which requires a VPC, got none; pass vpc=",
    ),
    "attributes of a file system": (
        {
            "channels": {
                "train": ml.TrainingChannel(
                    source=ml.training.HubDataset(dataset_arn=f"{HUB}/DataSet/a/1.0.0"), attribute_names=["a"]
                )
            }
        },
        "channels['train'].attribute_names is for data in S3 only, got ['a']; leave it out",
    ),
    "a registry without a network": (
        {"private_registry": ml.training.PrivateRegistry()},
        "private_registry requires a VPC, got none; pass vpc=",
    ),
    "two kinds of instances": (
        {
            "instance_type": "ml.m5.xlarge",
            "instance_groups": [ml.training.InstanceGroup(name="a", instance_type="ml.m5.xlarge")],
        },
        "instance_type cannot be combined with instance_groups; leave one of them out",
    ),
    "serverless on instances": (
        {
            "serverless": ml.training.ServerlessTraining(base_model_arn=f"{HUB}/Model/a/1.0.0"),
            "instance_type": "ml.m5.xlarge",
        },
        "instance_type cannot be combined with serverless; leave one of them out",
    ),
    "an evaluation of no type": (
        {"serverless": ml.training.ServerlessTraining(base_model_arn=f"{HUB}/Model/a/1.0.0", job_type="Evaluation")},
        "serverless.evaluation_type is required for an evaluation",
    ),
    "an interval that Profiler has not": (
        {"profiler": ml.training.Profiler(interval=Duration.seconds(2))},
        "profiler.interval must be 100, 200, 500, 1000, 5000, 60000 ms, got 2000 ms; pass Duration.millis(500)",
    ),
    "kept alive too long": ({"keep_alive": Duration.hours(7)}, "keep_alive must be 0-21600, got 25200"),
    "too little patience": ({"max_pending": Duration.minutes(10)}, "max_pending must be 1800-2419200, got 600"),
    "a plan that is none": ({"training_plan": "my-plan"}, "training_plan must have 50-2048 characters, got 7"),
    "too many rules": ({"debug_rules": [RULE] * 21}, "debug_rules must have 0-20 items, got 21"),
    "a dataset that is known at run time": (
        {"channels": {"train": ml.training.HubDataset(dataset_arn=ml.execution_input("arn"))}},
        "channels['train'] is known only at run time, so no permission can be derived from it",
    ),
    "a record of nowhere": (
        {"debug_hook": ml.training.DebugHook(output=ml.S3Data.from_uri(ml.execution_input("debug")))},
        "debug_hook has a location that is known only at run time",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_input(stack: Stack, case: str) -> None:
    props, message = BAD[case]
    with pytest.raises(ml.InvalidPropsError) as caught:
        train(stack, **props)

    assert str(caught.value).splitlines()[0].startswith(f"Census/Train: {message}")


def test_a_plan_for_each_preference(stack: Stack, asl: Callable[..., Any]) -> None:
    """Or none; a count for all of them stands for the job."""
    preferences = [ml.props.InstancePreference(instance_type="ml.p5.48xlarge", training_plan=PLAN), "ml.p4d.24xlarge"]

    resources = asl(stack, train(stack, instance_preferences=preferences, instance_count=4))["Train"]["Parameters"]

    assert resources["ResourceConfig"]["InstancePreferences"] == [
        {"InstanceType": "ml.p5.48xlarge", "TrainingPlanArns": [PLAN]},
        {"InstanceType": "ml.p4d.24xlarge"},
    ]
    assert resources["ResourceConfig"]["InstanceCount"] == 4
