"""The members of CreateTrainingJob that have typed props reach the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from support.requests import members

import constructs_ml as ml
from constructs_ml.sagemaker.leaves import leaves

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

REGISTRY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

WRITTEN = {
    "TrainingJobName": ["my-job"],
    "RoleArn": ["arn:aws:iam::111122223333:role/mine"],
    "AlgorithmSpecification.TrainingImage": [REGISTRY],
    "AlgorithmSpecification.TrainingInputMode": ["FastFile"],
    "AlgorithmSpecification.MetricDefinitions[].Name": ["loss"],
    "AlgorithmSpecification.MetricDefinitions[].Regex": ["loss=(.*)"],
    "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": [True],
    "AlgorithmSpecification.ContainerEntrypoint[]": ["python3", "/opt/run.py"],
    "AlgorithmSpecification.ContainerArguments[]": ["--mode", "full"],
    "InputDataConfig[].ChannelName": ["piped", "fast"],
    "InputDataConfig[].DataSource.S3DataSource.S3DataType": ["AugmentedManifestFile", "S3Prefix"],
    "InputDataConfig[].DataSource.S3DataSource.S3Uri": ["s3://data/m.jsonl", "s3://data/in/"],
    "InputDataConfig[].DataSource.S3DataSource.S3DataDistributionType": ["ShardedByS3Key", "FullyReplicated"],
    "InputDataConfig[].DataSource.S3DataSource.AttributeNames[]": ["image-ref"],
    "InputDataConfig[].ContentType": ["application/x-recordio"],
    "InputDataConfig[].CompressionType": ["Gzip", "None"],
    "InputDataConfig[].RecordWrapperType": ["RecordIO"],
    "InputDataConfig[].InputMode": ["Pipe", "FastFile"],
    "InputDataConfig[].ShuffleConfig.Seed": [7],
    "OutputDataConfig.KmsKeyId": [KEY],
    "OutputDataConfig.S3OutputPath": ["s3://data/out/"],
    "OutputDataConfig.CompressionType": ["NONE"],
    "ResourceConfig.InstanceCount": [2],
    "ResourceConfig.InstanceType": ["ml.p3.2xlarge"],
    "ResourceConfig.VolumeSizeInGB": [100],
    "ResourceConfig.VolumeKmsKeyId": [KEY],
    "VpcConfig.SecurityGroupIds[]": ["sg-1"],
    "VpcConfig.Subnets[]": ["subnet-1"],
    "StoppingCondition.MaxRuntimeInSeconds": [3600],
    "StoppingCondition.MaxWaitTimeInSeconds": [7200],
    "HyperParameters.*": ["6", "0.1", "true", "gbtree"],
    "Environment.*": ["prod"],
    "EnableNetworkIsolation": [True],
    "EnableInterContainerTrafficEncryption": [True],
    "EnableManagedSpotTraining": [True],
    "CheckpointConfig.S3Uri": ["s3://data/checkpoints/"],
    "CheckpointConfig.LocalPath": ["/opt/ml/kept"],
    "RetryStrategy.MaximumRetryAttempts": [3],
    "ExperimentConfig.ExperimentName": ["exp"],
    "ExperimentConfig.TrialName": ["trial"],
    "ExperimentConfig.TrialComponentDisplayName": ["fit"],
    "ExperimentConfig.RunName": ["run"],
    "Tags[].Key": ["team"],
    "Tags[].Value": ["ml"],
}
IN_OTHER_JOBS = {
    "AlgorithmSpecification.AlgorithmName",
    "ResourceConfig.InstancePreferences[].InstanceType",
    "ResourceConfig.InstancePreferences[].InstanceCount",
}


def job_with_everything(stack: Stack) -> ml.TrainingJob:
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    data = ml.S3Data.from_bucket(bucket, "in/")
    return ml.TrainingJob(
        stack,
        "Train",
        image=ml.ContainerImage.from_registry(REGISTRY),
        job_name="my-job",
        role=iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine", mutable=False),
        entrypoint=["python3", "/opt/run.py"],
        arguments=["--mode", "full"],
        input_mode=ml.data.InputMode.FAST_FILE,
        channels={
            "piped": ml.TrainingChannel(
                source=ml.S3Data.from_manifest(bucket, "m.jsonl", lists=[data], augmented=True),
                input_mode=ml.data.InputMode.PIPE,
                content_type="application/x-recordio",
                compression=ml.data.Compression.GZIP,
                distribution=ml.data.Distribution.SHARDED_BY_S3_KEY,
                record_wrapper="RecordIO",
                shuffle_seed=7,
                attribute_names=["image-ref"],
            ),
            "fast": ml.TrainingChannel(source=data, input_mode=ml.data.InputMode.FAST_FILE),
        },
        hyperparameters={"max_depth": 6, "eta": 0.1, "verbose": True, "booster": "gbtree"},
        metric_definitions={"loss": "loss=(.*)"},
        time_series_metrics=True,
        output=ml.S3Data.from_bucket(bucket, "out/"),
        output_compression="NONE",
        output_key=key,
        spot=True,
        max_wait=Duration.hours(2),
        checkpoint=ml.S3Data.from_bucket(bucket, "checkpoints/"),
        checkpoint_path="/opt/ml/kept",
        retry_attempts=3,
        instance_type="ml.p3.2xlarge",
        instance_count=2,
        volume_size=Size.gibibytes(100),
        volume_key=key,
        max_runtime=Duration.hours(1),
        environment={"STAGE": "prod"},
        vpc=ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id="vpc-1", availability_zones=["us-east-1a"], private_subnet_ids=["subnet-1"]
        ),
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")],
        network_isolation=True,
        encrypt_inter_container_traffic=True,
        tags={"team": "ml"},
        experiment=ml.props.Experiment(
            experiment_name="exp", trial_name="trial", trial_component_display_name="fit", run_name="run"
        ),
    )


def test_a_cluster_has_instances(stack: Stack) -> None:
    """The API's model lets none be, for the sake of instance groups."""
    with pytest.raises(ml.InvalidPropsError, match="instance_count must be at least 1, got 0; leave it out"):
        ml.TrainingJob(stack, "None", image=ml.ContainerImage.from_registry("mine"), instance_count=0)


def test_every_typed_member_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """With its value, and every one is a member that the API has."""
    found: dict[str, list[Any]] = {}
    for path, value in members(asl(stack, job_with_everything(stack))["Train"]["Parameters"]):
        found.setdefault(path, []).append(value)

    assert found == WRITTEN
    assert set(found) | IN_OTHER_JOBS <= set(leaves("CreateTrainingJob"))


def test_an_algorithm_instead_of_an_image(stack: Stack, asl: Callable[..., Any]) -> None:
    """By its name or ARN."""
    job = ml.TrainingJob(stack, "Train", algorithm="my-algorithm", instance_preferences={"ml.m5.xlarge": 1})

    parameters = asl(stack, job)["Train"]["Parameters"]

    assert parameters["AlgorithmSpecification"] == {"AlgorithmName": "my-algorithm", "TrainingInputMode": "File"}
    assert parameters["ResourceConfig"] == {
        "InstancePreferences": [{"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}],
        "VolumeSizeInGB": 30,
    }


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """What the API requires is there, and nothing else."""
    state = asl(stack, ml.TrainingJob(stack, "Train", image=ml.ContainerImage.from_registry("mine")))["Train"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createTrainingJob.sync"
    parameters = state["Parameters"]
    assert parameters["OutputDataConfig"]["S3OutputPath.$"].endswith("/Train/{}/', $$.Execution.Name)")
    assert parameters["StoppingCondition"] == {"MaxRuntimeInSeconds": 86_400}
    assert sorted(parameters) == [
        "AlgorithmSpecification",
        "OutputDataConfig",
        "ResourceConfig",
        "RoleArn",
        "StoppingCondition",
        "TrainingJobName.$",
    ]


def test_spot_training_goes_on_from_its_checkpoint(stack: Stack, asl: Callable[..., Any]) -> None:
    """It gets a place for checkpoints and twice its runtime to wait, unless they are named."""
    job = ml.TrainingJob(
        stack, "Train", image=ml.ContainerImage.from_registry("mine"), spot=True, max_runtime=Duration.hours(1)
    )

    parameters = asl(stack, job)["Train"]["Parameters"]

    assert parameters["EnableManagedSpotTraining"] is True
    assert parameters["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert "/Train/checkpoints/" in parameters["CheckpointConfig"]["S3Uri.$"]


@pytest.mark.parametrize(("value", "text"), [(6, "6"), (0.5, "0.5"), (True, "true"), (False, "false"), ("x", "x")])
def test_hyperparameters_are_texts(stack: Stack, asl: Callable[..., Any], value: Any, text: str) -> None:
    """As the API takes them; booleans as JSON writes them."""
    job = ml.TrainingJob(
        stack, "Train", image=ml.ContainerImage.from_registry("mine"), hyperparameters={"value": value}
    )

    assert asl(stack, job)["Train"]["Parameters"]["HyperParameters"] == {"value": text}


def test_script_mode(stack: Stack, asl: Callable[..., Any], tmp_path: Any) -> None:
    """The toolkit in a framework image reads each value as JSON."""
    (tmp_path / "train.py").write_text("print('hello')\n")
    job = ml.TrainingJob(
        stack,
        "Train",
        image=ml.ContainerImage.sklearn("1.2-1"),
        code=ml.Code.from_asset(tmp_path / "train.py"),
        hyperparameters={"max_depth": 6},
    )

    written = asl(stack, job)["Train"]["Parameters"]["HyperParameters"]

    assert written["max_depth"] == "6"
    assert written["sagemaker_program"] == '"train.py"'
    assert written["sagemaker_region"] == '"us-east-1"'
    assert written["sagemaker_submit_directory"].startswith('"s3://cdk-hnb659fds-assets-')
    assert written["sagemaker_submit_directory"].endswith('.gz"')
