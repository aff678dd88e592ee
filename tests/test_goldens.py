"""Workflows that the Step Functions Data Science SDK wrote, expressed with the constructs, mean the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

GOLDENS = Path(__file__).parent / "goldens"
sys.path.insert(0, str(GOLDENS))

BUCKET = "s3://sagemaker-us-east-1-111122223333"
ROLE = "arn:aws:iam::111122223333:role/SageMakerExecutionRole"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:0.20.0-cpu-py3"
AS_THE_SDK = {"retry": ml.RetryPolicy.none(), "result": ml.Result.FULL, "result_path": "$"}


def differences(name: str, template: dict[str, Any], folder: Path) -> list[str]:
    from compare import compare

    candidate = folder / "candidate.json"
    candidate.write_text(json.dumps(template))
    return list(compare(GOLDENS / name, candidate))


def test_the_blogs_workflow(stack: Stack, synth: Callable[[Stack], dict[str, Any]], tmp_path: Path) -> None:
    role = iam.Role.from_role_arn(stack, "Role", ROLE, mutable=False)
    image = ml.ContainerImage.from_registry(SKLEARN)
    job: dict[str, Any] = {"role": role, "image": image, **AS_THE_SDK}
    preprocess = ml.ProcessingJob(
        stack,
        "SageMaker pre-processing step",
        **job,
        job_name=ml.execution_input("PreprocessingJobName"),
        entrypoint=["python3", "/opt/ml/processing/input/code/preprocessing.py"],
        arguments=["--train-test-split-ratio", "0.2"],
        max_runtime=Duration.seconds(1200),
        inputs={
            "input-1": ml.ProcessingInput(
                source=ml.S3Data.from_uri("s3://sagemaker-sample-data-us-east-1/processing/census/census-income.csv"),
                local_path="/opt/ml/processing/input",
            ),
            "code": ml.S3Data.from_uri(f"{BUCKET}/data/sklearn_processing/code/preprocessing.py"),
        },
        outputs={
            f"{part}_data": ml.ProcessingOutput(
                destination=ml.S3Data.from_uri(f"{BUCKET}/data/sklearn_processing/output/{part}_data"),
                local_path=f"/opt/ml/processing/{part}",
            )
            for part in ("train", "test")
        },
    )
    source = f"{BUCKET}/sagemaker-scikit-learn-2020-08-04-12-00-00-000/source/sourcedir.tar.gz"
    train = ml.TrainingJob(
        stack,
        "SageMaker Training Step",
        **job,
        job_name=ml.execution_input("TrainingJobName"),
        code=ml.Code.from_s3(source, entry_point="train.py"),
        channels={"train": ml.TrainingChannel(source=preprocess.output("train_data"), content_type="text/csv")},
        output=ml.S3Data.from_uri(f"{BUCKET}/"),
    )
    failed = sfn.Fail(stack, "ML Workflow failed", cause="SageMakerProcessingJobFailed")
    for state in (preprocess, train):
        state.add_catch(failed, errors=["States.TaskFailed"])
    completed = sfn.Choice(stack, "Processing job completed?")
    completed.when(preprocess.status_is("Completed"), train).otherwise(failed)
    ml.Workflow(stack, "Workflow", definition=preprocess.next(completed))
    assert differences("blog_processing_choice_catch_training.json", synth(stack), tmp_path) == []


def test_a_processing_step_with_every_option(
    stack: Stack, synth: Callable[[Stack], dict[str, Any]], tmp_path: Path
) -> None:
    account = "arn:aws:kms:us-east-1:111122223333:key"
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0",
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=["subnet-0aaa", "subnet-0bbb"],
    )
    prep = ml.ProcessingJob(
        stack,
        "Prep",
        image=ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/my-processing:1.0"),
        role=iam.Role.from_role_arn(stack, "Role", ROLE, mutable=False),
        job_name="prep-full",
        entrypoint=["python3", "/opt/run.py"],
        arguments=["--mode", "full"],
        inputs={
            "raw": ml.ProcessingInput(
                source=ml.S3Data.from_uri(f"{BUCKET}/raw/"),
                local_path="/opt/ml/processing/raw",
                mode=ml.data.InputMode.PIPE,
                distribution=ml.data.Distribution.SHARDED_BY_S3_KEY,
                compression=ml.data.Compression.GZIP,
            ),
            "m": ml.ProcessingInput(
                source=ml.S3Data.from_uri(f"{BUCKET}/lists/m.json", data_type=ml.data.S3DataType.MANIFEST),
                local_path="/opt/ml/processing/m",
            ),
        },
        outputs={
            "out": ml.ProcessingOutput(
                destination=ml.S3Data.from_uri(f"{BUCKET}/out/"),
                local_path="/opt/ml/processing/out",
                upload_mode=ml.data.UploadMode.CONTINUOUS,
            )
        },
        output_key=kms.Key.from_key_arn(stack, "Out", f"{account}/out"),
        volume_key=kms.Key.from_key_arn(stack, "Volume", f"{account}/vol"),
        volume_size=Size.gibibytes(100),
        instance_count=3,
        instance_type="ml.m5.4xlarge",
        max_runtime=Duration.seconds(7200),
        environment={"STAGE": "prod", "N": "3"},
        network_isolation=True,
        encrypt_inter_container_traffic=True,
        vpc=vpc,
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0a1b2c3d")],
        experiment=ml.props.Experiment(experiment_name="exp", trial_name="trial", trial_component_display_name="prep"),
        tags={"team": "ml", "cost-center": "42"},
        wait_for_completion=False,
        comment="pre-processing",
        task_timeout=sfn.Timeout.duration(Duration.seconds(9000)),
        heartbeat_timeout=sfn.Timeout.duration(Duration.seconds(300)),
        input_path="$.in",
        result_path="$.processing",
        output_path="$.processing",
        result=ml.Result.FULL,
        retry=ml.RetryPolicy.none(),
    )
    ml.Workflow(stack, "Workflow", definition=prep)
    assert differences("processing_full.json", synth(stack), tmp_path) == []


def test_the_full_transform_job(stack: Stack, synth: Callable[[Stack], dict[str, Any]], tmp_path: Path) -> None:
    job = ml.TransformJob(
        stack,
        "Transform",
        **AS_THE_SDK,
        job_name=ml.execution_input("job"),
        model=ml.execution_input("model"),
        model_role=iam.Role.from_role_arn(stack, "Role", ROLE, mutable=False),
        data=ml.S3Data.from_uri(ml.execution_input("data")),
        content_type="text/csv",
        compression=ml.data.Compression.GZIP,
        split_type=ml.transform.SplitType.LINE,
        output=ml.S3Data.from_uri(f"{BUCKET}/out"),
        accept="text/csv",
        assemble_with=ml.transform.AssembleWith.LINE,
        batch_strategy=ml.transform.BatchStrategy.MULTI_RECORD,
        max_concurrent_transforms=4,
        max_payload=Size.mebibytes(6),
        input_filter="$[1:]",
        output_filter="$[0,-1]",
        join_source=ml.transform.JoinSource.INPUT,
        instance_type="ml.m5.xlarge",
        instance_count=2,
        environment={"K": "v"},
        experiment=ml.props.Experiment(experiment_name="e", trial_name="t", trial_component_display_name="d"),
        tags={"team": "ml"},
        # The keys of the golden are names without an ARN, which no construct has.
        request_overrides={
            "TransformOutput": {"KmsKeyId": "out-key"},
            "TransformResources": {"VolumeKmsKeyId": "vol-key"},
        },
    )
    ml.Workflow(stack, "Workflow", definition=job)
    assert differences("transform_full.json", synth(stack), tmp_path) == []


def test_the_comparison_can_fail(stack: Stack, synth: Callable[[Stack], dict[str, Any]], tmp_path: Path) -> None:
    ml.Workflow(stack, "Workflow", definition=sfn.Pass(stack, "Prep"))
    assert differences("processing_full.json", synth(stack), tmp_path)


@pytest.mark.parametrize("language", [None, sfn.QueryLanguage.JSONATA])
def test_cached_jobs(
    stack: Stack, synth: Callable[[Stack], dict[str, Any]], tmp_path: Path, language: sfn.QueryLanguage | None
) -> None:
    """Two jobs, of which one reads what the other has written; the library wrote these goldens itself."""
    ml.JobDefaults(
        role=iam.Role.from_role_arn(stack, "Role", ROLE, mutable=False),
        bucket=s3.Bucket.from_bucket_name(stack, "Artifacts", "artifacts"),
        cache=ml.Cache(expires=Duration.days(30)),
        query_language=language,
    ).apply_to(stack)
    image = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/a@sha256:{'0' * 64}")
    prepare = ml.ProcessingJob(
        stack, "Prepare", image=image, inputs={"raw": "s3://data/raw/"}, outputs=["table"], retry=ml.RetryPolicy.none()
    )
    train = ml.TrainingJob(
        stack,
        "Train",
        image=image,
        channels={"train": prepare.output("table")},
        hyperparameters={"max_depth": 3},
        retry=ml.RetryPolicy.by_cause(),
    )
    ml.Workflow(stack, "Workflow", definition=prepare.next(train), query_language=language)
    name = "cached_jobs.json" if language is None else "cached_jobs_jsonata.json"
    assert differences(name, synth(stack), tmp_path) == []
