"""The example, executed on this machine as it was synthesized."""

from __future__ import annotations

import io
import json
import random
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.local import LocalAws
from constructs_ml.testing import reports, simulate
from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import Stack
    from conftest import Example

    from constructs_ml.local import Execution
    from constructs_ml.testing import Outcome

pytestmark = pytest.mark.local

Change = "Callable[[Callable[[dict[str, Any]], None]], Path]"


@pytest.fixture(scope="module")
def trained(example: Example, penguins: Path) -> Execution:
    """An execution with the real data, which takes seconds."""
    return example.run(penguins)


def test_the_workflow_trains_a_model_from_the_real_data(example: Example, trained: Execution) -> None:
    execution = trained
    assert execution.status == "SUCCEEDED", execution.cause
    assert _passed(execution) == ["Inputs", "Preprocess", "Preprocessed?", "Train", "GoodEnough?", "Model"]
    preprocess, train = execution.jobs
    assert execution.output["Train"]["Metrics"] == {"test:accuracy": train.metrics["test:accuracy"]}
    assert execution.output["Model"]["ModelName"]

    rows = [_lines(example, output) for output in _outputs(preprocess)]
    assert [len(part) - 1 for part in rows] == [273, 69]
    assert rows[0][0] == rows[1][0]
    assert rows[0][0].startswith("species,")

    assert train.metrics["test:accuracy"] > 0.95
    names = set(_model(example, train.model_artifacts or ""))
    assert "model.joblib" in names
    assert execution.output["Preprocess"]["ProcessingJobStatus"] == "Completed"
    assert execution.output["Train"]["TrainingJobArn"].endswith(train.name)

    events = example.events(lambda found: {"Completed"} <= _statuses(found, train.name))
    assert {"InProgress", "Completed"} <= _statuses(events, preprocess.name)
    assert {event["detail-type"] for event in events} == {
        "SageMaker Processing Job State Change",
        "SageMaker Training Job State Change",
    }


def test_two_executions_never_share_a_name_or_a_place(example: Example, trained: Execution, penguins: Path) -> None:
    first, second = trained, example.run(penguins, fresh=True)
    names = [job.name for execution in (first, second) for job in execution.jobs]
    places = [uri for execution in (first, second) for uri in _outputs(execution.jobs[0])]
    assert len(set(names)) == len(names) == 4
    assert len(set(places)) == len(places) == 4


@pytest.mark.usefixtures("trained")
def test_a_second_execution_runs_no_job(example: Example, penguins: Path) -> None:
    """It passes on what an earlier one made; another depth trains anew, on the same rows."""
    first, second = example.run(penguins), example.run(penguins)
    assert (first.status, second.status) == ("SUCCEEDED", "SUCCEEDED"), second.cause
    assert (first.jobs, second.jobs) == ([], [])
    made = ("Preprocess", "Train")
    assert [second.output[name] for name in made] == [first.output[name] for name in made]
    deeper = example.run(penguins, max_depth=2)
    (train,) = deeper.jobs
    assert train.state == "Train: run"
    assert deeper.output["Preprocess"] == first.output["Preprocess"]
    assert deeper.output["Train"]["Cache"] != first.output["Train"]["Cache"]


def test_a_model_that_learned_nothing_is_not_made(example: Example, penguins: Path, tmp_path: Path) -> None:
    """Of species that are dealt out anew, no measurement tells anything."""
    head, *rows = penguins.read_text().splitlines()
    species = [row.partition(",")[0] for row in rows]
    random.Random(1).shuffle(species)  # noqa: S311 - no secret
    senseless = tmp_path / "senseless.csv"
    dealt = (f"{name},{row.partition(',')[2]}" for name, row in zip(species, rows, strict=True))
    senseless.write_text("\n".join([head, *dealt]))
    execution = example.run(senseless)
    assert execution.status == "FAILED"
    assert _passed(execution) == ["Inputs", "Preprocess", "Preprocessed?", "Train", "GoodEnough?", "NotGoodEnough"]
    accuracy = execution.jobs[-1].metrics["test:accuracy"]
    assert accuracy < 0.7
    assert (execution.error, execution.cause) == (
        "NotGoodEnough",
        f"test:accuracy must be at least 0.9, got {accuracy}",
    )


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (reports({"test:accuracy": 0.9}), "Model"),
        (reports({"test:accuracy": 0.89}), "NotGoodEnough"),
        (reports({}), "Failed"),
    ],
)
def test_the_accuracy_decides_in_a_simulation(stack: Stack, outcome: Outcome, end: str) -> None:
    """At the bound, below it, and without a metric."""
    example = PenguinsStack(stack.node.root, "Penguins")  # type: ignore[arg-type] # an app
    assert simulate(example, {"Train": outcome}).path[-1] == end


def test_a_wrong_input_is_refused_in_a_simulation(stack: Stack) -> None:
    """With all mistakes, before any job."""
    example = PenguinsStack(stack.node.root, "Penguins")  # type: ignore[arg-type] # an app
    execution = simulate(example, input={"max_depth": 64, "test_ratio": 1})
    assert execution.attempts("Preprocess") == 0
    assert "max_depth must be an integer from 1 to 32, got 64" in str(execution.cause)
    assert "test_ratio must be a number" in str(execution.cause)
    (request,) = simulate(example, input={"max_depth": 3}).requests("Train")
    assert request["HyperParameters"]["max_depth"] == "3"


def test_a_failing_script_takes_the_catch_and_its_event_arrives(example: Example, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("island,year\nTorgersen,2007\n")
    execution = example.run(broken)
    assert execution.status == "FAILED"
    assert _passed(execution) == ["Inputs", "Preprocess", "Failed"]
    (job,) = execution.jobs
    assert "no column species" in (job.failure_reason or "")
    events = example.events(lambda found: "Failed" in _statuses(found, job.name))
    (failed,) = [event for event in events if event["detail"].get("ProcessingJobStatus") == "Failed"]
    assert failed["detail"]["ProcessingJobName"] == job.name
    assert example.objects(f"s3://{_outputs(job)[0].removeprefix('s3://')}") == []


@pytest.mark.parametrize(
    ("action", "policy"),
    [
        ("s3:PutObject", "ConstructsMlJobRole"),
        ("logs:CreateLogStream", "ConstructsMlJobRole"),
        ("ecr:BatchGetImage", "ConstructsMlJobRole"),
        ("sagemaker:CreateProcessingJob", "WorkflowRole"),
        ("iam:PassRole", "WorkflowRole"),
        ("events:PutRule", "WorkflowRole"),
    ],
)
def test_a_permission_taken_away_fails_the_run_and_is_named(
    changed: Callable[[Callable[[dict[str, Any]], None]], Path], penguins: Path, action: str, policy: str
) -> None:
    assembly = changed(lambda template: _take_away(template, policy, action))
    with LocalAws() as aws:
        deployment = aws.deploy(assembly, "Penguins")
        deployment.upload(penguins, "s3://${RawData}/penguins/penguins.csv")
        execution = deployment.start({}).wait(120)
        reasons = [job.failure_reason for job in execution.jobs]
        history = aws.client("stepfunctions").get_execution_history(executionArn=execution.arn, maxResults=1000)
    assert execution.status == "FAILED"
    told = json.dumps([reasons, history["events"]], default=str)
    assert f"is not authorized to perform: {action} " in told


def _take_away(template: dict[str, Any], policy: str, action: str) -> None:
    taken = 0
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Policy" and logical_id.startswith(policy):
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                if action in actions:
                    statement["Action"] = [item for item in actions if item != action] or ["s3:GetBucketTagging"]
                    taken += 1
    assert taken == 1


def _passed(execution: Execution) -> list[str]:
    """The states of the workflow; those that a cached job consists of are left out."""
    return [name for name in execution.states_passed if ": " not in name]


def _outputs(job: Any) -> list[str]:
    return [output["S3Output"]["S3Uri"] for output in job.request["ProcessingOutputConfig"]["Outputs"]]


def _body(example: Example, bucket: str, key: str) -> bytes:
    content: bytes = example.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def _lines(example: Example, uri: str) -> list[str]:
    (key,) = example.objects(uri)
    return _body(example, uri.removeprefix("s3://").split("/")[0], key).decode().splitlines()


def _model(example: Example, uri: str) -> list[str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    with tarfile.open(fileobj=io.BytesIO(_body(example, bucket, key))) as archive:
        return archive.getnames()


def _statuses(events: list[dict[str, Any]], job: str) -> set[str]:
    return {
        value
        for event in events
        for key, value in event["detail"].items()
        if key.endswith("JobStatus") and job in json.dumps(event["detail"])
    }
