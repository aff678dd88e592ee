"""Every member of CreateProcessingJob can be set by a typed prop, and reaches the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_s3 as s3
from support.full_jobs import processing_jobs
from support.full_world import REGISTRY, World
from support.requests import members

import constructs_ml as ml
from constructs_ml.sagemaker.leaves import leaves

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

READ_ONLY = {
    "ProcessingResources.ClusterConfig.SelectedInstanceCount",
    "ProcessingResources.ClusterConfig.SelectedInstanceType",
}
"""Given by DescribeProcessingJob; CreateProcessingJob does not take them, though its shape is the same."""


WRITTEN = {
    "ProcessingJobName": ["my-job"],
    "RoleArn": ["arn:aws:iam::111122223333:role/mine"],
    "AppSpecification.ImageUri": [REGISTRY],
    "AppSpecification.ContainerEntrypoint[]": ["python3", "/opt/run.py"],
    "AppSpecification.ContainerArguments[]": ["--mode", "full"],
    "ProcessingResources.ClusterConfig.InstanceCount": [3],
    "ProcessingResources.ClusterConfig.InstanceType": ["ml.m5.4xlarge"],
    "ProcessingResources.ClusterConfig.InstancePreferences[].InstanceType": ["ml.m5.xlarge", "ml.m5.2xlarge"],
    "ProcessingResources.ClusterConfig.InstancePreferences[].InstanceCount": [1, 2],
    "ProcessingResources.ClusterConfig.VolumeSizeInGB": [100, 30],
    "ProcessingResources.ClusterConfig.VolumeKmsKeyId": ["arn:aws:kms:us-east-1:111122223333:key/1"],
    "ProcessingInputs[].InputName": ["piped", "athena", "redshift"],
    "ProcessingInputs[].AppManaged": [True],
    "ProcessingInputs[].S3Input.S3Uri": ["s3://data/raw/"],
    "ProcessingInputs[].S3Input.LocalPath": ["/opt/ml/processing/raw"],
    "ProcessingInputs[].S3Input.S3DataType": ["S3Prefix"],
    "ProcessingInputs[].S3Input.S3InputMode": ["Pipe"],
    "ProcessingInputs[].S3Input.S3DataDistributionType": ["ShardedByS3Key"],
    "ProcessingInputs[].S3Input.S3CompressionType": ["Gzip"],
    "ProcessingInputs[].DatasetDefinition.LocalPath": [
        "/opt/ml/processing/input/athena",
        "/opt/ml/processing/input/redshift",
    ],
    "ProcessingInputs[].DatasetDefinition.DataDistributionType": ["FullyReplicated"] * 2,
    "ProcessingInputs[].DatasetDefinition.InputMode": ["File"] * 2,
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.Catalog": ["AwsDataCatalog"],
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.Database": ["sales"],
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.QueryString": ["SELECT 1"],
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.WorkGroup": ["team"],
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.OutputS3Uri": ["s3://data/query/"],
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.KmsKeyId": [
        "arn:aws:kms:us-east-1:111122223333:key/1"
    ],
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.OutputFormat": ["JSON"],
    "ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.OutputCompression": ["GZIP"],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterId": ["cluster"],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.Database": ["sales"],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.DbUser": ["reader"],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.QueryString": ["SELECT 2"],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn": [
        "arn:aws:iam::111122223333:role/mine"
    ],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.OutputS3Uri": ["s3://data/query/"],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.KmsKeyId": [
        "arn:aws:kms:us-east-1:111122223333:key/1"
    ],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.OutputFormat": ["CSV"],
    "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.OutputCompression": ["GZIP"],
    "ProcessingOutputConfig.Outputs[].OutputName": ["out", "features"],
    "ProcessingOutputConfig.Outputs[].S3Output.S3Uri": ["s3://data/out/"],
    "ProcessingOutputConfig.Outputs[].S3Output.LocalPath": ["/opt/ml/processing/out"],
    "ProcessingOutputConfig.Outputs[].S3Output.S3UploadMode": ["Continuous"],
    "ProcessingOutputConfig.Outputs[].FeatureStoreOutput.FeatureGroupName": ["customers"],
    "ProcessingOutputConfig.Outputs[].AppManaged": [True],
    "ProcessingOutputConfig.KmsKeyId": ["arn:aws:kms:us-east-1:111122223333:key/1"],
    "StoppingCondition.MaxRuntimeInSeconds": [7200],
    "Environment.*": ["prod"],
    "NetworkConfig.EnableInterContainerTrafficEncryption": [True],
    "NetworkConfig.EnableNetworkIsolation": [True],
    "NetworkConfig.VpcConfig.SecurityGroupIds[]": ["sg-1"],
    "NetworkConfig.VpcConfig.Subnets[]": ["subnet-1"],
    "ExperimentConfig.ExperimentName": ["exp"],
    "ExperimentConfig.TrialName": ["trial"],
    "ExperimentConfig.TrialComponentDisplayName": ["shown"],
    "ExperimentConfig.RunName": ["run"],
    "Tags[].Key": ["team"],
    "Tags[].Value": ["ml"],
}
OF_THE_SECOND = {"ProcessingJobName", "RoleArn", "AppSpecification.ImageUri"}


@pytest.fixture
def found(stack: Stack, asl: Callable[..., Any]) -> dict[str, list[Any]]:
    jobs = [ml.ProcessingJob(stack, f"Job{at}", **props) for at, props in enumerate(processing_jobs(World(stack)))]
    states = asl(stack, jobs[0].next(jobs[1]))
    found: dict[str, list[Any]] = {}
    for at in range(len(jobs)):
        for path, value in members(states[f"Job{at}"]["Parameters"]):
            if not (at and path in OF_THE_SECOND):
                found.setdefault(path, []).append(value)
    return found


@pytest.mark.parametrize("member", [item for item in leaves("CreateProcessingJob") if item not in READ_ONLY])
def test_the_member_has_a_row_in_the_table(member: str) -> None:
    """A member that a newer model adds needs a typed prop."""
    assert member in WRITTEN, f"{member} is new in botocore's model: give it a typed prop and a row here"


def test_every_member_reaches_the_definition_with_its_value(found: dict[str, list[Any]]) -> None:
    """100 % of the members that CreateProcessingJob takes, and none that it does not have."""
    assert found == WRITTEN
    assert set(found) == set(leaves("CreateProcessingJob")) - READ_ONLY


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """An image is enough: no optional member is written for it, but what the API asks for."""
    job = ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry("mine"))

    state = asl(stack, job)["Job"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createProcessingJob.sync"
    parameters = state["Parameters"]
    assert parameters.pop("ProcessingJobName.$").startswith("States.Format('Census-")
    assert parameters.pop("RoleArn").startswith("arn:aws:iam::111122223333:role/constructsmljobrole")
    assert parameters == {
        "AppSpecification": {"ImageUri": "mine"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
    }


def test_preferred_instance_types_with_one_count(stack: Stack, asl: Callable[..., Any]) -> None:
    """The count stands for the job then."""
    job = ml.ProcessingJob(
        stack,
        "Job",
        image=ml.ContainerImage.from_registry("mine"),
        instance_preferences=["ml.m5.xlarge", "ml.c5.xlarge"],
        instance_count=2,
    )

    cluster = asl(stack, job)["Job"]["Parameters"]["ProcessingResources"]["ClusterConfig"]

    assert cluster == {
        "InstanceCount": 2,
        "InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}, {"InstanceType": "ml.c5.xlarge"}],
        "VolumeSizeInGB": 30,
    }


def test_overrides_replace_single_members(stack: Stack, asl: Callable[..., Any]) -> None:
    """A member that is not typed yet is set beside those that are."""
    job = ml.ProcessingJob(
        stack,
        "Job",
        image=ml.ContainerImage.from_registry("mine"),
        request_overrides={"ProcessingResources": {"ClusterConfig": {"VolumeSizeInGB": 99}}, "Environment": {"A": "b"}},
    )

    parameters = asl(stack, job)["Job"]["Parameters"]

    assert parameters["ProcessingResources"]["ClusterConfig"] == {
        "InstanceCount": 1,
        "InstanceType": "ml.m5.xlarge",
        "VolumeSizeInGB": 99,
    }
    assert parameters["Environment"] == {"A": "b"}


def test_a_manifest_and_what_it_lists(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """The job may read both."""
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    listed = ml.S3Data.from_bucket(bucket, "images/")
    manifest = ml.S3Data.from_manifest(bucket, "lists/m.json", lists=[listed])
    job = ml.ProcessingJob(
        stack, "Job", image=ml.ContainerImage.from_registry("mine"), inputs={"m": ml.ProcessingInput(source=manifest)}
    )

    given = asl(stack, job)["Job"]["Parameters"]["ProcessingInputs"][0]["S3Input"]

    assert (given["S3DataType"], given["S3Uri"]) == ("ManifestFile", "s3://data/lists/m.json")
    assert "/images/*" in str(synth(stack))
