"""Models: every member of CreateModel, their roles, names and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Annotations, Match
from support.full_hosting import models
from support.full_world import World
from support.reached import in_a_row, not_reached, unknown
from support.requests import request_of
from support.templates import statements

import constructs_ml as ml
from constructs_ml.testing import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import Stack

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"


TRAIN = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "End": True}


def image() -> ml.ContainerImage:
    return ml.ContainerImage.from_registry(IMAGE)


def bucket(stack: Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Data", "data")


def test_every_member_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """Of one container and of several, artifacts as a location and as a structure."""
    made = [ml.CreateModel(stack, f"Model{at}", **props) for at, props in enumerate(models(World(stack)))]

    states = asl(stack, in_a_row(made)).values()

    assert not_reached("CreateModel", states) == set()
    assert unknown("CreateModel", states) == set()


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """An image with artifacts; the name is drawn, and read from the end of the ARN that comes back."""
    train = ml.TrainingJob(stack, "Train", image=image())
    model = ml.CreateModel(stack, "Model", image=image(), data=train.model_artifacts)

    state = asl(stack, train.next(model))["Model"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createModel"
    parameters = state["Parameters"]
    assert parameters["PrimaryContainer"] == {
        "Image": IMAGE,
        "ModelDataUrl.$": "$.Train.ModelArtifacts.S3ModelArtifacts",
    }
    assert parameters["ModelName.$"] == "States.Format('census-rovc-model-{}', States.UUID())"
    assert set(parameters) == {"ExecutionRoleArn", "ModelName.$", "PrimaryContainer"}
    assert state["ResultSelector"] == {
        "ModelArn.$": "$.ModelArn",
        "ModelName.$": "States.ArrayGetItem(States.StringSplit($.ModelArn, '/'), 1)",
    }


@pytest.mark.parametrize(
    ("props", "path"),
    [
        ({}, "$.Model.ModelName"),
        ({"result_path": "$.made"}, "$.made.ModelName"),
        (
            {"result": ml.Result.FULL},
            "States.ArrayGetItem(States.StringSplit($.Model.ModelArn, '/'), 1)",
        ),
        ({"model_name": sfn.JsonPath.string_at("$.name")}, "$.name"),
    ],
)
def test_the_name_for_later_states(stack: Stack, asl: Callable[..., Any], props: dict[str, Any], path: str) -> None:
    """A path to where it is, or the path that was given for it."""
    model = ml.CreateModel(stack, "Model", image=image(), **props)
    told = sfn.Pass(stack, "Told", parameters={"name": model.model_name})

    assert asl(stack, model.next(told))["Told"]["Parameters"] == {"name.$": path}


def test_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """The same as an expression."""
    model = ml.CreateModel(stack, "Model", image=image(), query_language=sfn.QueryLanguage.JSONATA)

    state = asl(stack, model)["Model"]

    assert model.model_name == "{% $states.input.Model.ModelName %}"
    assert "\"ModelName\": $split($states.result.ModelArn, '/')[1]" in state["Output"]
    assert request_of(state, {})["ModelName"].startswith("census-rovc-model-")


def test_a_script_for_inference(stack: Stack, asl: Callable[..., Any], tmp_path: Path) -> None:
    """The inference toolkit is told its archive and its program; what the user sets wins."""
    (tmp_path / "inference.py").write_text("def model_fn(folder): ...\n")
    model = ml.CreateModel(
        stack,
        "Model",
        containers=[
            ml.hosting.ModelContainer(
                image=ml.ContainerImage.sklearn("1.2-1"),
                code=ml.Code.from_asset(tmp_path / "inference.py"),
                environment={"SAGEMAKER_CONTAINER_LOG_LEVEL": "10"},
            )
        ],
    )

    environment = asl(stack, model)["Model"]["Parameters"]["PrimaryContainer"]["Environment"]

    assert environment["SAGEMAKER_PROGRAM"] == "inference.py"
    assert environment["SAGEMAKER_SUBMIT_DIRECTORY"].endswith(".gz")
    assert environment["SAGEMAKER_REGION"] == "us-east-1"
    assert environment["SAGEMAKER_CONTAINER_LOG_LEVEL"] == "10"


def test_the_roles(stack: Stack, synth: Callable[..., Any]) -> None:
    """The model's role reads the artifacts and pulls the image; the state machine makes models of the stack's names."""
    data = ml.S3Data.from_bucket(bucket(stack), "models/churn.tar.gz")
    model = ml.CreateModel(stack, "Model", image=image(), data=data, tags={"team": "ml"})
    ml.Workflow(stack, "Workflow", definition=model)

    template = synth(stack)

    actions = {action: item for item in statements(template, "ConstructsMlJobRole") for action in item["Action"]}
    assert set(actions) == {
        "cloudwatch:PutMetricData",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
    }
    assert actions["s3:GetObject"]["Resource"] == ["arn:aws:s3:::data/models/churn.tar.gz*"]
    assert actions["logs:PutLogEvents"]["Resource"][0].endswith(":log-group:/aws/sagemaker/Endpoints/*")
    own = [item for item in statements(template, "Workflow") if item["Action"][0].startswith(("sagemaker:", "iam:"))]
    (made, passed) = own
    assert made["Action"] == ["sagemaker:CreateModel", "sagemaker:AddTags"]
    assert made["Resource"] == ["arn:aws:sagemaker:us-east-1:111122223333:model/census-rovc-*"]
    assert passed["Action"] == ["iam:PassRole"]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_a_workflow_waits_for_the_roles_policy(stack: Stack, synth: Callable[..., Any]) -> None:
    """An execution right after the deployment has its permissions."""
    ml.Workflow(stack, "Workflow", definition=ml.CreateModel(stack, "Model", image=image()))

    resources = synth(stack)["Resources"]
    (machine,) = [item for item in resources.values() if item["Type"] == "AWS::StepFunctions::StateMachine"]

    assert any(name.startswith("ConstructsMlJobRole") for name in machine["DependsOn"])


BAD = [
    ({}, "Census/Model: image or model_package is required, and only one of them; pass image="),
    (
        {"image": image(), "model_package": "churn/1"},
        "Census/Model: image or model_package is required, and only one of them; pass image=",
    ),
    (
        {"image": image(), "containers": [ml.hosting.ModelContainer(image=image())]},
        "Census/Model: containers cannot be combined with image, data, code or model_package",
    ),
    (
        {"image": image(), "data": ml.S3Data.from_uri(sfn.JsonPath.string_at("$.uri"))},
        "Census/Model: data has a location that is known only at run time, so no permission can be derived from it",
    ),
    ({"image": image(), "model_name": "under_score"}, "Census/Model: model_name must match"),
    ({"image": image(), "model_name": "x" * 64}, "Census/Model: model_name must have 0-63 characters, got 64"),
    ({"image": image(), "name_prefix": "x" * 28}, "Census/Model: name_prefix must be 1-27 letters"),
    ({"image": image(), "execution_mode": "Parallel"}, "Census/Model: execution_mode must be one of Direct, Serial"),
    (
        {"containers": [ml.hosting.ModelContainer(image=image(), cache_models=True)]},
        "Census/Model: containers[0].cache_models is for several models only; pass multi_model=True",
    ),
    (
        {
            "containers": [
                ml.hosting.ModelContainer(image=image()),
                ml.hosting.ModelContainer(image=image(), hostname="a_b"),
            ]
        },
        "Census/Model: containers[1].ContainerHostname must match",
    ),
    (
        {"containers": [ml.hosting.ModelContainer(image=image(), metrics_interval=Duration.seconds(9))]},
        "Census/Model: containers[0].metrics_interval needs a metrics_path",
    ),
    (
        {"image": ml.ContainerImage.pytorch("2.1.0", processor="cpu"), "code": ml.Code.from_asset("x.py")},
        "Census/Model: code is not for pytorch, whose image looks for the script in the model's archive",
    ),
    ({"image": image(), "environment": {"1": "x"}}, "Census/Model: the key '1' of environment must match"),
]


@pytest.mark.parametrize(("props", "message"), BAD)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.CreateModel(stack, "Model", **props)
    assert message in str(caught.value)


def test_an_unknown_prop_is_a_type_error(stack: Stack) -> None:
    """As for any function."""
    with pytest.raises(ml.InvalidPropsError, match="enviroment is not a prop of CreateModel; did you mean environment"):
        ml.CreateModel(stack, "Model", image=image(), enviroment={})  # type: ignore[call-arg]


def test_a_request_as_a_whole(stack: Stack, synth: Callable[..., Any]) -> None:
    """Gets a name and a role where it has none; a role that is known only at run time must be named."""
    container = {"Image": IMAGE}
    model = ml.CreateModel.from_request(stack, "Model", {"PrimaryContainer": container})
    named = ml.CreateModel.from_request(
        stack,
        "Named",
        {"PrimaryContainer": container, "ModelName": "Mine", "ExecutionRoleArn": "arn:aws:iam::111122223333:role/its"},
    )
    ml.Workflow(stack, "Workflow", definition=model.next(named))

    own = [
        item for item in statements(synth(stack), "Workflow") if item["Action"][0].startswith(("sagemaker:", "iam:"))
    ]

    assert isinstance(model, ml.CreateModel)
    resources = {name for item in own for name in item["Resource"]}
    base = "arn:aws:sagemaker:us-east-1:111122223333:model/"
    assert {f"{base}census-rovc-*", f"{base}Mine", f"{base}mine"} < resources
    assert "arn:aws:iam::111122223333:role/its" in resources
    request = {"PrimaryContainer": container, "ExecutionRoleArn": ml.execution_input("role")}
    with pytest.raises(ml.InvalidPropsError, match=r"Late: ExecutionRoleArn is known only at run time.*pass role="):
        ml.CreateModel.from_request(stack, "Late", request)
    with pytest.raises(ml.InvalidPropsError, match=r"Wrong: PrimaryContainer.Imagee is not a member"):
        ml.CreateModel.from_request(stack, "Wrong", {"PrimaryContainer": {"Imagee": IMAGE}})


def test_a_model_of_an_uncompressed_job_names_the_folder_of_its_files(stack: Stack) -> None:
    """As ``ModelDataSource``, with the slash that a prefix must end in; in an execution it is where the job put them."""
    train = ml.TrainingJob(stack, "Train", image=image(), output_compression="NONE")
    model = ml.CreateModel(stack, "Model", image=image(), data=train.model_artifacts)
    package = ml.RegisterModel(stack, "Register", group="churn", image=image(), data=train.model_artifacts)
    ml.Workflow(stack, "Machine", definition=train.next(model).next(package))

    execution = simulate(stack)

    assert execution.status == "SUCCEEDED", execution.cause
    (container,) = [request["PrimaryContainer"] for request in execution.requests("Model")]
    (asked,) = execution.requests("Train")
    folder = f"{asked['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{asked['TrainingJobName']}/output/model/"
    source = {"S3DataSource": {"S3Uri": folder, "S3DataType": "S3Prefix", "CompressionType": "None"}}
    assert (container["ModelDataSource"], "ModelDataUrl" in container) == (source, False)
    (registered,) = execution.requests("Register")
    assert registered["InferenceSpecification"]["Containers"][0]["ModelDataSource"] == source
    # Where the description of the job says that it is.
    machine = {"StartAt": "Train", "States": {"Train": {**TRAIN, "Parameters": asked}}}
    assert simulate(machine).output["ModelArtifacts"]["S3ModelArtifacts"] == folder
    compressed = {**asked, "OutputDataConfig": {**asked["OutputDataConfig"], "CompressionType": "GZIP"}}
    machine = {"StartAt": "Train", "States": {"Train": {**TRAIN, "Parameters": compressed}}}
    assert simulate(machine).output["ModelArtifacts"]["S3ModelArtifacts"] == f"{folder.rstrip('/')}.tar.gz"


def test_several_models_are_no_uncompressed_job(stack: Stack) -> None:
    """They are archives below a prefix."""
    train = ml.TrainingJob(stack, "Train", image=image(), output_compression="NONE")
    container = ml.hosting.ModelContainer(image=image(), data=train.model_artifacts, multi_model=True)
    with pytest.raises(ml.InvalidPropsError, match="ModelDataSource cannot be combined with Mode 'MultiModel'"):
        ml.CreateModel(stack, "Model", containers=[container])


def test_one_model_is_no_folder_and_no_other_file(stack: Stack) -> None:
    """Whether the bucket is known or not, and where a job writes what a model is to be made of."""
    bucket = s3.Bucket(stack, "Bucket")
    job = ml.ProcessingJob(stack, "Make", image=image(), outputs=["model"])
    for at, data in enumerate(["s3://a/model/", ml.S3Data.from_bucket(bucket, "model/"), job.output("model")]):
        with pytest.raises(
            ml.InvalidPropsError,
            match=r"data cannot end in '/' with Mode 'SingleModel', got '.*/'; name the model.tar.gz; .*ModelData\(",
        ):
            ml.CreateModel(stack, f"Folder{at}", image=image(), data=data)
    whole = ml.data.ModelData(source=ml.S3Data.from_bucket(bucket, "model"))
    with pytest.raises(
        ml.InvalidPropsError, match=r"data.*must end in '/' with S3DataType 'S3Prefix', got '\.\.\./model'"
    ):
        ml.CreateModel(stack, "Prefix", image=image(), data=whole)

    ml.CreateModel(stack, "Zip", image=image(), data=ml.S3Data.from_object(bucket, "model.zip"))

    told = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    wanted = "data cannot end in '.zip' with Mode 'SingleModel', got '.../model.zip'; pack it as model.tar.gz"
    assert any(wanted in str(warning.entry.data) for warning in told)
    # These are right.
    ml.CreateModel(stack, "Archive", image=image(), data=ml.S3Data.from_object(bucket, "model.tar.gz"))
    ml.CreateModel(stack, "Files", image=image(), data=ml.data.ModelData(source=job.output("model")))
    models = ml.hosting.ModelContainer(image=image(), data=ml.S3Data.from_bucket(bucket, "models/"), multi_model=True)
    ml.CreateModel(stack, "Several", containers=[models])


def test_a_model_whose_compression_a_run_decides_is_no_guess(stack: Stack) -> None:
    """The request for an archive is another than that for a folder."""
    at_run_time = sfn.JsonPath.string_at("$.compression")
    overridden = {"OutputDataConfig": {"CompressionType": at_run_time}}
    jobs = [
        ml.TrainingJob(stack, "Train", image=image(), output_compression=at_run_time),
        ml.TrainingJob(stack, "Overridden", image=image(), request_overrides=overridden),
    ]
    for at, job in enumerate(jobs):
        told = r"data is an archive or a folder, .*; pass the job output_compression='GZIP' or 'NONE'"
        with pytest.raises(ml.InvalidPropsError, match=told):
            ml.CreateModel(stack, f"Model{at}", image=image(), data=job.model_artifacts)
        with pytest.raises(ml.InvalidPropsError, match=told):
            ml.RegisterModel(stack, f"Register{at}", group="churn", image=image(), data=job.model_artifacts)
        algorithm = ml.registry.SourceAlgorithm(name="mine", data=job.model_artifacts)
        with pytest.raises(ml.InvalidPropsError, match=told):
            ml.RegisterModel(stack, f"Source{at}", group="churn", source_algorithm=algorithm)
    # Where it is said otherwise what it is, and for other states, it is a place as any.
    folder = ml.data.ModelData(source=ml.S3Data.from_uri("s3://a/model/"))
    ml.CreateModel(stack, "Folder", image=image(), data=folder)
    ml.ProcessingJob(stack, "Next", image=image(), inputs={"model": jobs[0].model_artifacts})
