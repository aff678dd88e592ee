"""Labeling jobs: people say what the data shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from support.granted import actions, allowing, statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

TEAM = "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/team"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:mine"
ALGORITHM = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/image-classification"
TOPIC = "arn:aws:sns:us-east-1:111122223333:topic"


def place(key: str) -> ml.S3Data:
    return ml.S3Data.from_uri(f"s3://data/{key}")


def task(**more: Any) -> ml.labeling.LabelingTask:
    given = {"title": "Name it", "description": "Say it", "workteam_arn": TEAM, "template": place("task.html")}
    return ml.labeling.LabelingTask(**{**given, **more})


def label(stack: Stack, **props: Any) -> ml.LabelingJob:
    given = {"label_attribute_name": "species", "manifest": place("images.manifest"), "task": task()}
    return ml.LabelingJob(stack, "Label", **{**given, **props})


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """What is labeled, what the label is called and the task."""
    state = asl(stack, label(stack))["Label"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createLabelingJob.sync"
    assert list(state["ResultSelector"]) == ["LabelingJobName.$", "LabelingJobArn.$", "LabelingJobStatus.$"]
    parameters = state["Parameters"]
    assert parameters["InputConfig"] == {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://data/images.manifest"}}}
    assert parameters["HumanTaskConfig"] == {
        "WorkteamArn": TEAM,
        "UiConfig": {"UiTemplateS3Uri": "s3://data/task.html"},
        "TaskTitle": "Name it",
        "TaskDescription": "Say it",
        "NumberOfHumanWorkersPerDataObject": 1,
        "TaskTimeLimitInSeconds": 3600,
    }


def test_the_state_machine_s_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """The name of Step Functions' rule for such jobs is documented nowhere: any of its family is allowed."""
    ml.Workflow(stack, "Workflow", definition=label(stack))

    found = statements(synth(stack), of_jobs=False)

    assert {item for item in actions(found) if item.startswith("sagemaker:")} == {
        "sagemaker:AddTags",
        "sagemaker:CreateLabelingJob",
        "sagemaker:DescribeLabelingJob",
        "sagemaker:ListTags",
        "sagemaker:StopLabelingJob",
    }
    assert "rule/StepFunctionsGetEventsForSageMaker*" in str(allowing(found, "events:PutRule"))


def test_the_job_s_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """It reads and writes data, and says how it is getting on."""
    ml.Workflow(stack, "Workflow", definition=label(stack))

    found = statements(synth(stack), of_jobs=True)

    assert actions(found) == {
        "cloudwatch:PutMetricData",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:AbortMultipartUpload",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert "/aws/sagemaker/LabelingJobs" in str(found)


def test_a_task_of_its_own_invokes_its_functions(stack: Stack, synth: Callable[..., Any]) -> None:
    """And no others."""
    function = lambda_.Function.from_function_arn(stack, "Prepare", FUNCTION)
    job = label(stack, task=task(pre_annotation=function, consolidation=f"{FUNCTION}-too"))
    ml.Workflow(stack, "Workflow", definition=job)

    invoke = allowing(statements(synth(stack), of_jobs=True), "lambda:InvokeFunction")

    assert sorted(invoke["Resource"]) == [FUNCTION, f"{FUNCTION}-too"]


def test_automated_labeling_hands_its_role_on(stack: Stack, synth: Callable[..., Any]) -> None:
    """To SageMaker, for the jobs that it trains; no other job may."""
    ml.Workflow(
        stack, "Workflow", definition=label(stack, automated=ml.labeling.AutomatedLabeling(algorithm_arn=ALGORITHM))
    )

    passing = allowing(statements(synth(stack), of_jobs=True), "iam:PassRole")

    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert "JobRole" in str(passing["Resource"])


def test_a_job_that_runs_on(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """Objects come by a topic, through a queue that Ground Truth makes; labels are told to another."""
    topic = sns.Topic.from_topic_arn(stack, "Topic", TOPIC)
    job = label(stack, manifest=None, input_topic=topic, output_topic=topic)

    parameters = asl(stack, job)["Label"]["Parameters"]

    assert parameters["InputConfig"] == {"DataSource": {"SnsDataSource": {"SnsTopicArn": TOPIC}}}
    found = statements(synth(stack), of_jobs=True)
    assert allowing(found, "sns:Subscribe")["Condition"]["StringEquals"] == {"sns:Protocol": "sqs"}
    assert ":GroundTruth-census-rovc-*" in str(allowing(found, "sqs:CreateQueue")["Resource"])
    assert allowing(found, "sns:Publish")["Resource"] == TOPIC


def test_a_rule_on_its_state_changes(stack: Stack) -> None:
    """The events have the job's ARN, whose case Ground Truth does not keep, and not its name."""
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    job = label(stack, manifest=ml.S3Data.from_object(bucket, "images.manifest"))
    ml.JobStateChangeRule(stack, "Alert", jobs=[job], statuses=["Failed"])

    (rule,) = assertions.Template.from_stack(stack).find_resources("AWS::Events::Rule").values()

    pattern = rule["Properties"]["EventPattern"]
    assert pattern["detail-type"] == ["SageMaker Ground Truth Labeling Job State Change"]
    assert pattern["detail"] == {"LabelingJobStatus": ["Failed"]}
    (only,) = pattern["resources"]
    arn = only["prefix"]["equals-ignore-case"]["Fn::Join"][1]
    assert arn[-1] == f":labeling-job/{job.job_name_prefix}"


def test_a_rule_on_one_job_or_on_any(stack: Stack) -> None:
    ml.JobStateChangeRule(stack, "One", jobs=[label(stack, job_name="nightly")])
    ml.JobStateChangeRule(stack, "Any", kinds=[ml.events.JobKind.LABELING])

    rules = assertions.Template.from_stack(stack).find_resources("AWS::Events::Rule")
    one, other = sorted(
        (rule["Properties"]["EventPattern"] for rule in rules.values()), key=lambda item: "resources" not in item
    )

    assert ":labeling-job/nightly" in str(one["resources"][0]["equals-ignore-case"])
    assert "detail" not in one
    assert sorted(other) == ["detail-type", "source"]


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"manifest": None}, "manifest or input_topic is required, got neither"),
        ({"task": task(template=None)}, "task.template or human_task_ui_arn is required, and only one of them"),
        ({"task": task(title="")}, "task.TaskTitle must have 1-128 characters, got 0"),
        ({"task": task(workers_per_object=10)}, "task.NumberOfHumanWorkersPerDataObject must be 1-9, got 10"),
        ({"task": task(keywords="images")}, "task.keywords must be a list of strings, got the string 'images'"),
        ({"max_percentage_labeled": 101}, "max_percentage_labeled must be 1-100, got 101"),
        ({"label_attribute_name": "a_b"}, "label_attribute_name must match"),
        ({"manifest": ml.S3Data.from_uri(ml.execution_input("m"))}, "manifest has a location that is known only at"),
        (
            {"task": task(consolidation=ml.execution_input("f"))},
            "task.consolidation is known only at run time, so no permission can be derived from it",
        ),
    ],
)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as caught:
        label(stack, **props)

    assert str(caught.value).startswith(f"Census/Label: {message}")


def test_statuses_are_those_of_labeling_jobs(stack: Stack) -> None:
    job = label(stack)
    job.status_is("Completed")
    with pytest.raises(ml.InvalidPropsError, match="LabelingJobStatus is never 'Done'"):
        job.status_is("Done")
