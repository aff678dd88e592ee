"""Jobs whose requests are passed as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from support.public import PUBLIC
from support.smallest import STEPS
from support.templates import statements

import constructs_ml as ml
from constructs_ml.core.polling_task import PollingTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

REQUEST: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": "mine", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://data/out/"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


def test_what_a_request_lacks_is_filled_in(stack: Stack, asl: Callable[..., Any]) -> None:
    """A name that is new at every attempt and the stack's role; the rest is as it was given."""
    train = ml.TrainingJob.from_request(stack, "Train", REQUEST)

    state = asl(stack, train)["Train"]

    assert isinstance(train, ml.TrainingJob)
    assert state["Resource"] == "arn:aws:states:::sagemaker:createTrainingJob.sync"
    assert state["Parameters"]["TrainingJobName.$"] == "States.Format('Census-RoVC-Train-{}', States.UUID())"
    assert "RoleArn" in state["Parameters"]
    assert {name: state["Parameters"][name] for name in REQUEST} == REQUEST


def test_it_is_a_job_like_any_other(stack: Stack, asl: Callable[..., Any]) -> None:
    """It waits or not, retries, catches, has a status and hands on its result."""
    train = ml.TrainingJob.from_request(stack, "Train", REQUEST)
    train.add_retry(errors=["Mine"]).add_catch(sfn.Fail(stack, "Failed"))
    train.status_is("Completed")
    assert train.model_artifacts.location.jsonpath == "$.Train.ModelArtifacts.S3ModelArtifacts"  # type: ignore[union-attr]
    started = ml.TrainingJob.from_request(stack, "Started", REQUEST, wait_for_completion=False)

    states = asl(stack, train.next(started))

    assert states["Train"]["Retry"][0]["ErrorEquals"] == ["Mine"]
    assert states["Started"]["Resource"].endswith(":createTrainingJob")


def test_the_state_machines_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """Runs jobs of the names that are known, and hands on the role that is."""
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine", mutable=False)
    late = {"RoleArn": ml.execution_input("role"), "TrainingJobName": ml.execution_input("name")}
    train = ml.TrainingJob.from_request(stack, "Train", {**REQUEST, **late}, role=role, job_name_prefix="churn-")
    ml.Workflow(stack, "Workflow", definition=train)

    own = statements(synth(stack), "Workflow")

    def resources(action: str) -> list[str]:
        return [name for item in own if action in item["Action"] for name in item["Resource"]]

    assert resources("sagemaker:CreateTrainingJob") == [
        f"arn:aws:sagemaker:us-east-1:111122223333:training-job/{names}"
        for names in ("churn-*", "Census-RoVC-*", "census-rovc-*")
    ]
    assert resources("iam:PassRole") == ["arn:aws:iam::111122223333:role/mine"]


def test_it_is_checked(stack: Stack) -> None:
    """Like any other request; a role that is known only at run time must be named."""
    with pytest.raises(ml.InvalidPropsError, match=r"Train: OutputDataConfig is required"):
        ml.TrainingJob.from_request(stack, "Train", {k: v for k, v in REQUEST.items() if k != "OutputDataConfig"})
    with pytest.raises(ml.InvalidPropsError, match=r"Train: RoleArn is known only at run time.*; pass role="):
        ml.TrainingJob.from_request(stack, "Train", {**REQUEST, "RoleArn": ml.execution_input("role")})
    with pytest.raises(ml.InvalidPropsError, match="images is not a prop of"):
        ml.TrainingJob.from_request(stack, "Train", REQUEST, images="x")  # type: ignore[call-arg]


def test_a_subclass_stays_one(stack: Stack) -> None:
    """From outside too."""

    class Mine(ml.ProcessingJob):
        """A job of the user's."""

    request = {
        "AppSpecification": {"ImageUri": "mine"},
        "ProcessingResources": {"ClusterConfig": REQUEST["ResourceConfig"]},
    }
    job = Mine.from_request(stack, "Mine", request)
    assert isinstance(job, Mine)
    with pytest.raises(ml.InvalidPropsError, match="outputs: none"):
        job.output("train")


@pytest.mark.parametrize("name", STEPS)
def test_only_states_that_can_be_have_a_request_as_a_whole(name: str) -> None:
    """A state that polls has to know its name or its token: a request alone does not tell."""
    step = PUBLIC[name]
    assert hasattr(step, "from_request") is not issubclass(step, PollingTask)


LABELING: dict[str, Any] = {
    "LabelAttributeName": "species",
    "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://data/images.manifest"}}},
    "OutputConfig": {"S3OutputPath": "s3://data/labels/"},
    "HumanTaskConfig": {
        "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/team",
        "UiConfig": {"UiTemplateS3Uri": "s3://data/species.liquid.html"},
        "TaskTitle": "Name the species",
        "TaskDescription": "Look at the picture and choose a species",
        "NumberOfHumanWorkersPerDataObject": 3,
        "TaskTimeLimitInSeconds": 600,
    },
}


def test_a_labeling_job_is_filled_in_too(stack: Stack, asl: Callable[..., Any]) -> None:
    """It waits, has a status and hands on its result; where its labels go is for its request to say."""
    label = ml.LabelingJob.from_request(stack, "Label", LABELING)
    choice = sfn.Choice(stack, "Labeled?").when(label.status_is("Completed"), sfn.Succeed(stack, "Yes"))

    states = asl(stack, label.next(choice.otherwise(sfn.Fail(stack, "No"))))

    assert isinstance(label, ml.LabelingJob)
    assert states["Label"]["Resource"] == "arn:aws:states:::sagemaker:createLabelingJob.sync"
    parameters = states["Label"]["Parameters"]
    assert parameters["LabelingJobName.$"] == "States.Format('Census-RoVC-Label-{}', States.UUID())"
    assert parameters["RoleArn"].startswith("arn:aws:iam::111122223333:role/constructsmljobrole")
    assert {name: parameters[name] for name in LABELING} == LABELING
    assert states["Labeled?"]["Choices"][0]["Variable"] == "$.Label.LabelingJobStatus"
    assert label.path_to("LabelingJobArn") == "$.Label.LabelingJobArn"
    with pytest.raises(
        ml.InvalidPropsError, match="Census/Label: output_location is not known for a job that is defined by a request"
    ):
        _ = label.output_location


def test_the_role_of_a_labeling_job(stack: Stack, synth: Callable[..., Any]) -> None:
    """A role that the request names is handed on; the jobs are those of the name that it gives."""
    role = "arn:aws:iam::111122223333:role/its"
    label = ml.LabelingJob.from_request(stack, "Label", {**LABELING, "LabelingJobName": "mine", "RoleArn": role})
    ml.Workflow(stack, "Workflow", definition=label)

    own = statements(synth(stack), "Workflow")

    def resources(action: str) -> list[str]:
        return [name for item in own if action in item["Action"] for name in item["Resource"]]

    assert resources("iam:PassRole") == [role]
    assert resources("sagemaker:CreateLabelingJob") == [
        f"arn:aws:sagemaker:us-east-1:111122223333:labeling-job/{names}"
        for names in ("mine", "Census-RoVC-*", "census-rovc-*")
    ]


def test_the_request_of_a_labeling_job_is_checked(stack: Stack) -> None:
    """Down to the task."""
    request = {**LABELING, "HumanTaskConfig": {**LABELING["HumanTaskConfig"], "NumberOfHumanWorkersPerDataObject": 10}}
    with pytest.raises(
        ml.InvalidPropsError,
        match=r"Census/Label: HumanTaskConfig.NumberOfHumanWorkersPerDataObject must be 1-9, got 10",
    ):
        ml.LabelingJob.from_request(stack, "Label", request)


def test_tags_are_put_into_the_request(stack: Stack, asl: Callable[..., Any]) -> None:
    """Those that are passed beside it, in the order of their keys."""
    train = ml.TrainingJob.from_request(stack, "Train", REQUEST, tags={"team": "ml", "cost": "1"})
    tags = [{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "ml"}]
    assert asl(stack, train)["Train"]["Parameters"]["Tags"] == tags


def test_tags_in_two_places_are_refused(stack: Stack) -> None:
    """Neither is lost without a word."""
    request = {**REQUEST, "Tags": [{"Key": "a", "Value": "b"}]}
    with pytest.raises(ml.InvalidPropsError, match="Census/Train: tags are in the request already"):
        ml.TrainingJob.from_request(stack, "Train", request, tags={"team": "ml"})


@pytest.mark.parametrize(("request_", "said"), [(None, "got NoneType"), ("{}", "got str; read it with json.loads")])
def test_what_is_no_request_is_refused(stack: Stack, request_: Any, said: str) -> None:
    """It was a bare TypeError or ValueError."""
    with pytest.raises(
        ml.InvalidPropsError, match=f"Census/Train: request must be a mapping of the API's members, {said}"
    ):
        ml.TrainingJob.from_request(stack, "Train", request_)
