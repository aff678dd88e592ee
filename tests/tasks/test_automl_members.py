"""Every member of CreateAutoMLJobV2 and StartPipelineExecution can be set by a typed prop, and reaches the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.each import each
from support.full_jobs import automl_jobs, pipeline_executions
from support.full_world import World
from support.requests import members
from support.templates import statements

import constructs_ml as ml
from constructs_ml.sagemaker.leaves import leaves

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


@pytest.fixture
def found(stack: Stack, asl: Callable[..., Any]) -> dict[str, list[Any]]:
    jobs = [ml.AutoMLJob(stack, f"Job{at}", **props) for at, props in enumerate(automl_jobs(World(stack)))]
    chain: Any = jobs[0]
    for job in jobs[1:]:
        chain = chain.next(job)
    states = asl(stack, chain)
    written: dict[str, list[Any]] = {}
    for at in range(len(jobs)):
        for path, value in members(states[f"Job{at}: start"]["Parameters"]):
            written.setdefault(path, []).append(value)
    return written


def test_every_member_of_an_automl_job_reaches_the_definition(found: dict[str, list[Any]]) -> None:
    """100 % of what CreateAutoMLJobV2 takes, and nothing that it does not have."""
    assert set(found) == set(leaves("CreateAutoMLJobV2"))
    problem = "AutoMLProblemTypeConfig.TabularJobConfig"
    assert found[f"{problem}.CompletionCriteria.MaxAutoMLJobRuntimeInSeconds"] == [7200]
    assert found[f"{problem}.CompletionCriteria.MaxRuntimePerTrainingJobInSeconds"] == [1800]
    assert found["AutoMLJobName"] == [f"job-{at}" for at in range(5)]
    assert (
        found["AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN"]
        == ["arn:aws:iam::111122223333:role/mine"] * 5
    )


def test_every_member_of_a_pipeline_execution_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    (props,) = pipeline_executions(World(stack))
    written = dict(members(asl(stack, ml.PipelineExecution(stack, "Run", **props))["Run: start"]["Parameters"]))
    assert set(written) == set(leaves("StartPipelineExecution"))
    assert written["SelectiveExecutionConfig.SourcePipelineExecutionArn"] == props["source_execution"]


def test_parameters_are_texts(stack: Stack, asl: Callable[..., Any]) -> None:
    parameters = {"Epochs": 10, "Fast": True, "Day": sfn.JsonPath.string_at("$.day")}
    state = ml.PipelineExecution(stack, "Run", pipeline="churn", parameters=parameters)
    assert asl(stack, state)["Run: start"]["Parameters"]["PipelineParameters"] == [
        {"Name": "Epochs", "Value": "10"},
        {"Name": "Fast", "Value": "true"},
        {"Name": "Day", "Value.$": "$.day"},
    ]


def test_names_and_tokens_are_drawn_before_the_call_is_tried(stack: Stack, asl: Callable[..., Any]) -> None:
    """All attempts of a call have the same, so that none starts anything twice; a retry of the state draws anew."""
    job = ml.AutoMLJob(stack, "Find", problem=ml.automl.AutoMLProblem.image_classification(), training=_data(stack))
    states = asl(stack, job.next(ml.PipelineExecution(stack, "Run", pipeline="churn")))
    drawn = states["Find: begin"]["Assign"]["waitFind"]["name"]
    assert drawn.startswith("{% 'Census-")
    assert drawn.endswith("-Find-' & $split($uuid(), '-')[4] %}")
    assert states["Find: start"]["Parameters"]["AutoMLJobName.$"] == "$waitFind.name"
    assert states["Find: start"]["Catch"][0]["ErrorEquals"] == ["SageMaker.ResourceInUseException"]
    assert states["Run: begin"]["Assign"]["waitRun"]["token"] == "{% $uuid() %}"  # noqa: S105 - an idempotency token
    assert states["Run: start"]["Parameters"]["ClientRequestToken.$"] == "$waitRun.token"


def test_a_name_that_only_a_run_knows_is_drawn_from_its_input(stack: Stack, asl: Callable[..., Any]) -> None:
    job = ml.AutoMLJob(
        stack,
        "Find",
        problem=ml.automl.AutoMLProblem.image_classification(),
        training=_data(stack),
        job_name=sfn.JsonPath.string_at("$.name"),
        job_name_prefix="mine-",
    )
    states = asl(stack, job)
    assert states["Find: begin"]["Assign"]["waitFind"]["name"] == "{% $states.input.name %}"
    assert states["Find: look"]["Arguments"] == {"AutoMLJobName": "{% $waitFind.name %}"}


def test_the_state_machine_may_start_look_at_and_stop_what_is_its_own(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]
) -> None:
    job = ml.AutoMLJob(stack, "Find", problem=ml.automl.AutoMLProblem.image_classification(), training=_data(stack))
    left = ml.PipelineExecution(stack, "Run", pipeline="Churn", stop_at_timeout=False)
    asl(stack, job.next(left))

    granted = statements(synth(stack), "Machine")

    (automl,) = (found for found in granted if "sagemaker:CreateAutoMLJobV2" in found["Action"])
    assert automl["Action"] == [
        "sagemaker:CreateAutoMLJobV2",
        "sagemaker:DescribeAutoMLJobV2",
        "sagemaker:StopAutoMLJob",
    ]
    jobs = "arn:aws:sagemaker:us-east-1:111122223333:automl-job"
    assert automl["Resource"] == [f"{jobs}/Census-RoVC-*", f"{jobs}/census-rovc-*"]
    (start,) = (found for found in granted if "sagemaker:StartPipelineExecution" in found["Action"])
    arn = "arn:aws:sagemaker:us-east-1:111122223333:pipeline"
    assert start["Resource"] == [f"{arn}/Churn", f"{arn}/churn"]
    (look,) = (found for found in granted if "sagemaker:DescribePipelineExecution" in found["Action"])
    assert look["Action"] == ["sagemaker:DescribePipelineExecution"]
    assert look["Resource"] == [f"{arn}/Churn/execution/*", f"{arn}/churn/execution/*"]
    assert not any("*" in found["Resource"] for found in each(granted))


def test_automl_has_a_role_that_the_stacks_other_jobs_do_not_have(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]
) -> None:
    """What it needs for its candidates is more than a job should be allowed."""
    job = ml.AutoMLJob(stack, "Find", problem=ml.automl.AutoMLProblem.image_classification(), training=_data(stack))
    other = ml.ProcessingJob(stack, "Other", image=ml.ContainerImage.from_registry("mine"))
    states = asl(stack, job.next(other))
    assert states["Find: start"]["Parameters"]["RoleArn"] != states["Other"]["Parameters"]["RoleArn"]
    granted = statements(synth(stack))
    hosting = [found for found in granted if "sagemaker:CreateModel" in found["Action"]]
    assert len(hosting) == 1


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"timeout": Duration.millis(500)}, "timeout must be 1 s to 365 days, got 0.5 s"),
        (
            {"result_path": "$.x"},
            "result_path is not supported by states that poll; leave it out, or add a Pass after the state",
        ),
        ({"client_request_token": "short"}, "client_request_token must have 32-128 characters"),
        ({"display_name": "no_underscores"}, "display_name"),
        (
            {"selected_steps": "Train"},
            "selected_steps must be a list of strings, got the string 'Train'; pass ['Train']",
        ),
        ({"source_execution": "arn"}, "source_execution needs selected_steps; pass selected_steps=[...]"),
        ({"tags": {"a": "b"}}, "tags is not supported"),
    ],
)
def test_bad_input_of_a_pipeline_execution(stack: Stack, props: dict[str, Any], said: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match="Census/Run: ") as raised:
        ml.PipelineExecution(stack, "Run", pipeline="churn", **props)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("props", "said"),
    [
        (
            {"problem": ml.automl.AutoMLProblem.tabular("y", mode="FAST")},
            "problem.TabularJobConfig.Mode must be one of",
        ),
        (
            {"problem": ml.automl.AutoMLProblem.tabular("y", algorithms="xgboost")},
            "AlgorithmsConfig[0].AutoMLAlgorithms must be a list, got str 'xgboost'; pass ['xgboost']",
        ),
        ({"validation_fraction": 2}, "validation_fraction"),
        ({"objective": "Beauty"}, "objective must be one of"),
        ({"job_name": "x" * 33}, "job_name"),
        ({"job_name_prefix": "x" * 21}, "job_name_prefix must be 1-20 letters"),
        ({"training": ml.S3Data.from_uri("{% $states.input.where %}")}, "training has a location that is known only"),
    ],
)
def test_bad_input_of_an_automl_job(stack: Stack, props: dict[str, Any], said: str) -> None:
    given = {"problem": ml.automl.AutoMLProblem.tabular("y"), "training": _data(stack), **props}
    with pytest.raises(ml.InvalidPropsError, match="Census/Find: ") as raised:
        ml.AutoMLJob(stack, "Find", **given)
    assert said in str(raised.value)


def test_validation_data_and_a_fraction_exclude_each_other(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match="validation_fraction cannot be combined with validation"):
        ml.AutoMLJob(
            stack,
            "Find",
            problem=ml.automl.AutoMLProblem.tabular("y"),
            training=_data(stack),
            validation=_data(stack, "Other"),
            validation_fraction=0.2,
        )


def test_only_what_a_success_always_has_can_be_referred_to(stack: Stack) -> None:
    job = ml.AutoMLJob(stack, "Find", problem=ml.automl.AutoMLProblem.tabular("y"), training=_data(stack))
    assert job.path_to("BestCandidate.CandidateName") == "$.Find.BestCandidate.CandidateName"
    with pytest.raises(ml.InvalidPropsError, match="ModelDeployResult"):
        job.result("ModelDeployResult.EndpointName")
    with pytest.raises(ml.InvalidPropsError, match="has no Best"):
        job.result("Best")


def test_no_rule_can_be_made_on_what_sends_no_events(stack: Stack) -> None:
    job = ml.AutoMLJob(stack, "Find", problem=ml.automl.AutoMLProblem.tabular("y"), training=_data(stack))
    with pytest.raises(ml.InvalidPropsError, match="sends no events"):
        ml.JobStateChangeRule(stack, "Rule", jobs=[job])


def _data(stack: Stack, construct_id: str = "Data") -> ml.S3Data:
    return ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(stack, construct_id, "data"), "train/")
