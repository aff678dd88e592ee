"""Transform jobs: a model over a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_stepfunctions as sfn
from support.each import each
from support.granted import actions, allowing, statements
from support.requests import request_of

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
DATA = ml.S3Data.from_uri("s3://data/in/")


def transform(stack: Stack, **props: Any) -> ml.TransformJob:
    return ml.TransformJob(stack, "Score", **{"model": "my-model", "data": DATA, **props})


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """A model and data are enough."""
    state = asl(stack, transform(stack))["Score"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createTransformJob.sync"
    parameters = state["Parameters"]
    assert parameters.pop("TransformJobName.$").startswith("States.Format('Census-")
    output = parameters.pop("TransformOutput")
    assert output["S3OutputPath.$"].endswith("/Score/{}/', $$.Execution.Name)")
    assert parameters == {
        "ModelName": "my-model",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}}},
        "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    }


@pytest.mark.parametrize("language", [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA])
def test_the_model_of_a_state_before(stack: Stack, asl: Callable[..., Any], language: sfn.QueryLanguage) -> None:
    """Its name is known at run time only."""
    jsonata = language is sfn.QueryLanguage.JSONATA
    name = "{% $states.input.Made.Name %}" if jsonata else sfn.JsonPath.string_at("$.Made.Name")
    state = asl(stack, transform(stack, model=name, query_language=language))["Score"]

    assert request_of(state, {"Made": {"Name": "from-before"}})["ModelName"] == "from-before"


def test_a_model_that_tells_its_name(stack: Stack, asl: Callable[..., Any]) -> None:
    """A state that creates it, or a construct of another library."""

    class Model:
        model_name = "told"

    assert asl(stack, transform(stack, model=Model()))["Score"]["Parameters"]["ModelName"] == "told"


def test_a_model_of_the_stack(stack: Stack, asl: Callable[..., Any]) -> None:
    """Its name is a token."""
    model = sagemaker.CfnModel(stack, "Model", execution_role_arn="arn:aws:iam::111122223333:role/mine")

    state = asl(stack, transform(stack, model=model.attr_model_name))["Score"]

    assert "ModelName" in state["Parameters"]


def test_the_model_s_role_reads_and_writes(stack: Stack, synth: Callable[..., Any]) -> None:
    """And nothing else; by default it is the role that the stack's jobs share."""
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    job = transform(
        stack,
        data=ml.S3Data.from_bucket(bucket, "in/"),
        output=ml.S3Data.from_bucket(bucket, "out/"),
        output_key=key,
        volume_key=key,
        data_capture=ml.transform.BatchDataCapture(destination=ml.S3Data.from_bucket(bucket, "seen/")),
    )
    ml.Workflow(stack, "Workflow", definition=job)

    template = synth(stack)

    found = statements(template, of_jobs=True)
    assert actions(found) == {
        "cloudwatch:PutMetricData",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    places = str(allowing(found, "s3:PutObject")["Resource"])
    assert places.count("/*") == 2
    assert "/out/*" in places
    assert "/seen/*" in places
    assert "/aws/sagemaker/TransformJobs" in str(found)
    machine = next(item for item in template["Resources"].values() if item["Type"].endswith("::StateMachine"))
    assert any("JobRole" in name for name in machine["DependsOn"])


def test_the_state_machine_passes_no_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """CreateTransformJob takes none."""
    ml.Workflow(stack, "Workflow", definition=transform(stack))

    granted = actions(statements(synth(stack), of_jobs=False))

    assert "iam:PassRole" not in granted
    assert {item for item in granted if item.startswith("sagemaker:")} == {
        "sagemaker:AddTags",
        "sagemaker:CreateTransformJob",
        "sagemaker:DescribeTransformJob",
        "sagemaker:ListTags",
        "sagemaker:StopTransformJob",
    }


def test_a_model_with_a_role_of_its_own(stack: Stack, synth: Callable[..., Any]) -> None:
    """It is granted what the job declares; no other role is made."""
    role = iam.Role.from_role_arn(stack, "Models", "arn:aws:iam::111122223333:role/models")
    job = transform(stack, model_role=role)
    ml.Workflow(stack, "Workflow", definition=job)

    template = synth(stack)

    assert job.model_role is role
    assert not any("JobRole" in name for name in each(template["Resources"]))
    found = statements(template, of_jobs=True)
    assert "s3:GetObject" in actions(found)


def test_the_results_are_what_the_next_job_reads(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]
) -> None:
    """By reference, like the output of any job."""
    score = transform(stack)
    report = ml.ProcessingJob(
        stack, "Report", image=ml.ContainerImage.from_registry("mine"), inputs={"scores": score.output_location}
    )

    states = asl(stack, score.next(report))

    written = states["Score"]["Parameters"]["TransformOutput"]["S3OutputPath.$"]
    assert states["Report"]["Parameters"]["ProcessingInputs"][0]["S3Input"]["S3Uri.$"] == written
    assert "/Census-RoVC/*" in str(allowing(statements(synth(stack), of_jobs=True), "s3:GetObject"))


def test_conditions_and_results(stack: Stack) -> None:
    """Checked against DescribeTransformJob."""
    job = transform(stack)

    assert job.path_to("TransformJobStatus") == "$.Score.TransformJobStatus"
    with pytest.raises(ml.InvalidPropsError, match=r"status_is cannot hold: TransformJobStatus is never 'Complete'"):
        job.status_is("Complete")


def test_platform_defaults_apply(stack: Stack, asl: Callable[..., Any]) -> None:
    """Those that a transform job has; a VPC is the model's own."""
    ml.JobDefaults(
        instance_type="ml.c5.xlarge", tags={"team": "ml"}, environment={"A": "b"}, network_isolation=True
    ).apply_to(stack)

    parameters = asl(stack, transform(stack))["Score"]["Parameters"]

    assert parameters["TransformResources"]["InstanceType"] == "ml.c5.xlarge"
    assert (parameters["Tags"], parameters["Environment"]) == ([{"Key": "team", "Value": "ml"}], {"A": "b"})


@pytest.mark.parametrize(
    ("props", "message"),
    [
        (
            {"max_payload": Size.mebibytes(101)},
            "max_payload must be at most 100 MiB in all, got 101 MiB; pass Size.mebibytes(6)",
        ),
        (
            {"max_payload": Size.mebibytes(30), "max_concurrent_transforms": 4},
            "max_payload must be at most 100 MiB in all, got 30 MiB for each of 4 requests at once",
        ),
        ({"max_payload": Size.kibibytes(512)}, "max_payload must be an integer, got float 0.5"),
        ({"split_type": "Lines"}, "split_type must be one of Line, None, RecordIO, TFRecord, got 'Lines'"),
        ({"invocation_retries": 4}, "invocation_retries must be 0-3, got 4"),
        ({"environment": {f"E{at}": "x" for at in range(17)}}, "environment must have 0-16 entries, got 17"),
        (
            {"data": ml.S3Data.from_uri("s3://data/m.json", data_type=ml.data.S3DataType.AUGMENTED_MANIFEST)},
            "data must not be an augmented manifest",
        ),
        (
            {"data": ml.S3Data.from_uri(ml.execution_input("data"))},
            "data has a location that is known only at run time",
        ),
        ({"instance_count": 0}, "instance_count must be at least 1, got 0"),
    ],
)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as caught:
        transform(stack, **props)

    assert str(caught.value).startswith(f"Census/Score: {message}")


def test_props_of_other_jobs_are_refused(stack: Stack) -> None:
    """A transform job has no VPC: the model has."""
    with pytest.raises(ml.InvalidPropsError, match="vpc is not a prop of TransformJob"):
        transform(stack, vpc=None)


def test_nothing_is_known_of_a_job_from_a_request(stack: Stack) -> None:
    """Where its results are, least of all."""
    whole = {
        "ModelName": "mine",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}}},
        "TransformOutput": {"S3OutputPath": "s3://data/out/"},
        "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    }
    job = ml.TransformJob.from_request(stack, "Score", whole)

    with pytest.raises(
        ml.InvalidPropsError, match="Census/Score: output_location is not known for a job that is defined by a request"
    ):
        _ = job.output_location


def test_the_model_that_a_state_before_creates(stack: Stack, asl: Callable[..., Any]) -> None:
    """The state itself stands for it: its model's name is known once it has run."""
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    create = ml.CreateModel(stack, "Create", image=image)

    states = asl(stack, create.next(transform(stack, model=create)))

    assert states["Score"]["Parameters"]["ModelName.$"].startswith("$.")
