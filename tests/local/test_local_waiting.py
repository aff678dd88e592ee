"""States that poll, on the embedded AWS: what they start is simulated."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local import Execution

pytestmark = pytest.mark.local

_numbers = itertools.count()
LANGUAGES = [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA]
OUTCOMES = {"failing": "Failed", "endless": "InProgress"}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws(simulated_seconds=0.2, outcomes=OUTCOMES) as aws:
        yield aws


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False), f"Waiting{next(_numbers)}")


@pytest.fixture
def run(aws: LocalAws, stack: Stack) -> Callable[..., Execution]:
    def start(definition: sfn.IChainable, data: Any = None, **props: Any) -> Execution:
        ml.Workflow(stack, "Machine", definition=definition, **props)
        app = stack.node.root
        assert isinstance(app, App)
        return aws.deploy(Path(app.synth().directory), stack.stack_name).start(data or {}).wait(60)

    return start


def automl(scope: Any, name: str, **props: Any) -> ml.AutoMLJob:
    bucket = s3.Bucket.from_bucket_name(scope, f"{name}Data", "data")
    problem = ml.automl.AutoMLProblem.tabular("churned", limits=ml.automl.AutoMLLimits(max_candidates=3))
    return ml.AutoMLJob(scope, name, problem=problem, training=ml.S3Data.from_bucket(bucket, "train/"), **props)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pipeline_runs_to_its_end(stack: Stack, run: Callable[..., Execution], language: sfn.QueryLanguage) -> None:
    """The state keeps its input, and puts the result under its name."""
    wait = ml.PipelineExecution(stack, "Retrain", pipeline="churn", parameters={"Epochs": 10})

    execution = run(wait, {"kept": 1}, query_language=language)

    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["kept"] == 1
    assert execution.output["Retrain"]["PipelineExecutionStatus"] == "Succeeded"
    assert ":pipeline/churn/execution/" in execution.output["Retrain"]["PipelineExecutionArn"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_automl_job_runs_to_its_end(
    stack: Stack, run: Callable[..., Execution], language: sfn.QueryLanguage
) -> None:
    wait = automl(stack, "Find", query_language=language)
    best = wait.result("BestCandidate.CandidateName")
    jsonata = language is sfn.QueryLanguage.JSONATA
    after = sfn.Pass(stack, "After", **({"outputs": {"best": best}} if jsonata else {"parameters": {"best": best}}))

    execution = run(wait.next(after), query_language=language)

    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["best"].endswith("-simulated")


def test_all_of_the_description_is_handed_on_if_asked(stack: Stack, run: Callable[..., Execution]) -> None:
    execution = run(automl(stack, "Find", result=ml.Result.FULL))
    assert set(execution.output["Find"]) >= {"AutoMLJobArn", "BestCandidate", "OutputDataConfig", "RoleArn"}


def test_a_failure_is_named_and_says_why(stack: Stack, run: Callable[..., Execution]) -> None:
    execution = run(ml.PipelineExecution(stack, "Retrain", pipeline="failing"))
    assert execution.error == "PipelineExecutionFailed"
    assert "an outcome of the run makes this" in (execution.cause or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_is_caught(stack: Stack, run: Callable[..., Execution], language: sfn.QueryLanguage) -> None:
    name = f"failing-{language.name.replace('_', '')}"
    wait = automl(stack, "Find", job_name=name, query_language=language)
    sorry = sfn.Pass(stack, "Sorry")
    jsonata = language is sfn.QueryLanguage.JSONATA
    place = {"outputs": {"error": "{% $states.errorOutput %}"}} if jsonata else {"result_path": "$.error"}
    wait.add_catch(sorry, errors=["AutoMLJobFailed"], **place)

    execution = run(wait, query_language=language)

    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["error"]["Error"] == "AutoMLJobFailed"


def test_the_deadline_ends_the_wait_and_stops_what_runs(
    aws: LocalAws, stack: Stack, run: Callable[..., Execution]
) -> None:
    execution = run(automl(stack, "Endless", job_name="endless", timeout=Duration.hours(1)))
    assert execution.error == "AutoMLJobTimedOut"
    assert "was told to stop" in (execution.cause or "")
    assert "Endless: stop" in execution.states_passed
    assert len(aws.jobs) > 0


def test_without_waiting_only_what_the_call_says_is_known(stack: Stack, run: Callable[..., Execution]) -> None:
    both = ml.PipelineExecution(stack, "Retrain", pipeline="churn", wait_for_completion=False).next(
        automl(stack, "Find", wait_for_completion=False)
    )
    execution = run(both)
    assert execution.status == "SUCCEEDED", execution.cause
    assert list(execution.output["Retrain"]) == ["PipelineExecutionArn"]
    assert list(execution.output["Find"]) == ["AutoMLJobArn"]


def test_twenty_iterations_each_wait_for_their_own(stack: Stack, run: Callable[..., Execution]) -> None:
    """The variable that counts is each iteration's; a token that all shared would start one execution for all."""
    each = ml.Map(stack, "Each", items_path="$.items", max_concurrency=20)
    each.item_processor(ml.PipelineExecution(each, "Retrain", pipeline="churn"))

    execution = run(each, {"items": [{"at": at} for at in range(20)]})

    assert execution.status == "SUCCEEDED", execution.cause
    assert [item["at"] for item in execution.output] == list(range(20))
    assert len({item["Retrain"]["PipelineExecutionArn"] for item in execution.output}) == 20


def test_it_is_started_again_by_a_retry(stack: Stack, run: Callable[..., Execution]) -> None:
    """A retry of the state starts something new."""
    wait = ml.PipelineExecution(stack, "Retrain", pipeline="failing")
    wait.add_retry(errors=["PipelineExecutionFailed"], max_attempts=2)
    execution = run(wait)
    assert execution.error == "PipelineExecutionFailed"
    assert execution.states_passed.count("Retrain: start") == 3
