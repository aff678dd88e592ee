"""Metrics in simulations: what a file of metrics may hold, and what jobs report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.errors import SimulationError
from constructs_ml.testing import fails, raises, refused, reports, returns, simulate, times_out

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
SHAPE = {"accuracy": float, "rows": int, "label": str, "fair": bool, "errors": {"false negatives": int}}
GOOD: dict[str, Any] = {"accuracy": 0.93, "rows": 3, "label": "good", "fair": False, "errors": {"false negatives": 0}}


@pytest.fixture(scope="module")
def reader() -> ml.Workflow:
    stack = Stack(App(analytics_reporting=False), "Census")
    read = ml.metrics.ReadMetrics(stack, "Metrics", source="s3://data/reports/", file="metrics.json", shape=SHAPE)
    read.add_catch(sfn.Pass(stack, "Caught"), errors=["States.QueryEvaluationError"])
    return ml.Workflow(stack, "Workflow", definition=read)


def answer(body: str, size: int | None = None) -> Any:
    """What S3 answers for an object."""
    total = len(body.encode()) if size is None else size
    return returns({"Body": body, "ContentRange": f"bytes 0-{min(total, 32768) - 1}/{total}"})


def test_the_declared_members_are_added_to_the_input(reader: ml.Workflow) -> None:
    """Under the state's name, and no others: the file may have more."""
    execution = simulate(reader, {"Metrics": reports({**GOOD, "more": [1, {"a": None}]})}, input={"kept": 1})
    assert execution.output == {"kept": 1, "Metrics": GOOD}
    (request,) = execution.requests("Metrics")
    assert request == {"Bucket": "data", "Key": "reports/metrics.json", "Range": "bytes=0-32767"}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(GOOD, indent=4) + "\r\n",
        "\t" + json.dumps({**GOOD, "note": 'say "NaN": {[ \\ é \u2028 \U0001f427'}),
        json.dumps({**GOOD, "note": ': NaN, "x": Infinity'}),
        json.dumps({**GOOD, "big": -1.5e-300, "list": [[], {}, [True, None]]}),
        json.dumps(GOOD) + " " * (32_768 - len(json.dumps(GOOD))),
    ],
)
def test_any_json_is_read(reader: ml.Workflow, body: str) -> None:
    """Whatever its spaces and its texts, up to the limit."""
    assert simulate(reader, {"Metrics": answer(body)}).output == {"Metrics": GOOD}


@pytest.mark.parametrize("whole", [3, 3.0])
def test_a_whole_number_may_be_written_with_a_point(reader: ml.Workflow, whole: float) -> None:
    assert simulate(reader, {"Metrics": reports({**GOOD, "rows": whole})}).output["Metrics"]["rows"] == 3


def without(name: str) -> dict[str, Any]:
    return {member: value for member, value in GOOD.items() if member != name}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "must be a JSON object, got nothing"),
        ("   ", "must be a JSON object, got    "),
        ("accuracy=0.9", "must be a JSON object, got accuracy=0.9"),
        ("[0.9]", "must be a JSON object, got [0.9]"),
        ("0.9", "must be a JSON object, got 0.9"),
        ('"{}"', 'must be a JSON object, got "{}"'),
        ("{'accuracy': 0.9}", "must be a JSON object, got {'accuracy': 0.9}"),
        ("{accuracy: 0.9}", "must be a JSON object, got {accuracy: 0.9}"),
        (json.dumps(GOOD)[:-1], 'must be a JSON object, got {"accuracy": 0.93'),
        ("\ufeff{}", "must be a JSON object, got \ufeff{}"),
        (
            json.dumps({**GOOD, "accuracy": float("nan")}),
            "accuracy must be a number, got NaN, which JSON does not have",
        ),
        (
            json.dumps({**GOOD, "other": float("-inf")}),
            "other must be a number, got -Infinity, which JSON does not have",
        ),
        (json.dumps(without("accuracy")), "accuracy must be a number, got nothing"),
        (json.dumps({**GOOD, "accuracy": "high"}), "accuracy must be a number, got high"),
        (json.dumps({**GOOD, "accuracy": None}), "accuracy must be a number, got null"),
        (json.dumps({**GOOD, "accuracy": True}), "accuracy must be a number, got true"),
        (json.dumps({**GOOD, "accuracy": [0.9]}), "accuracy must be a number, got [0.9]"),
        (json.dumps({**GOOD, "rows": 3.5}), "rows must be a whole number, got 3.5"),
        (json.dumps({**GOOD, "label": 1}), "label must be a text, got 1"),
        (json.dumps({**GOOD, "label": {"a": 1}}), 'label must be a text, got {"a":1}'),
        (json.dumps({**GOOD, "fair": "true"}), "fair must be true or false, got true"),
        (json.dumps({**GOOD, "errors": 1}), "errors must be an object, got 1"),
        (json.dumps({**GOOD, "errors": {}}), "errors.false negatives must be a whole number, got nothing"),
        (json.dumps({**GOOD, "label": ["x" * 500]}), f"label must be a text, got {json.dumps(['x' * 500])[:100]}"),
    ],
)
def test_what_is_no_file_of_metrics_is_an_error_that_a_catch_gets(reader: ml.Workflow, body: str, said: str) -> None:
    """Its cause has the object, the member and the value."""
    execution = simulate(reader, {"Metrics": answer(body)})
    assert execution.path == ("Metrics", "Caught")
    assert execution.output["Error"] == "States.QueryEvaluationError"
    assert f"s3://data/reports/metrics.json: {said}" in execution.output["Cause"]


@pytest.mark.parametrize("body", ['{"accuracy" 0.9}', '{"accuracy": 0.9,}', "{]"])
def test_json_that_is_broken_within_is_an_error_that_a_catch_gets(reader: ml.Workflow, body: str) -> None:
    """Of the engine itself: its cause has the place in the text."""
    assert simulate(reader, {"Metrics": answer(body)}).path == ("Metrics", "Caught")


def test_an_object_larger_than_the_limit_is_an_error_that_a_catch_gets(reader: ml.Workflow) -> None:
    """By its size, whatever the part of it says."""
    execution = simulate(reader, {"Metrics": answer(json.dumps(GOOD), 32_769)})
    assert execution.path == ("Metrics", "Caught")
    said = "metrics.json: has 32769 bytes, and a state reads at most 32768; write less"
    assert execution.output["Cause"].endswith(said)


def test_what_s3_refuses_is_tried_again(reader: ml.Workflow) -> None:
    """Then the execution fails with S3's own error."""
    execution = simulate(reader, {"Metrics": raises("S3.S3Exception", "Access Denied")})
    assert (execution.error, execution.cause, execution.attempts("Metrics")) == ("S3.S3Exception", "Access Denied", 4)
    execution = simulate(reader, {"Metrics": [raises("S3.S3Exception", "Slow Down", times=3), reports(GOOD)]})
    assert execution.output == {"Metrics": GOOD}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (None, "Metrics reads an object, of which a simulation knows nothing; script it: {'Metrics': reports("),
        (reports(7), "Metrics: metrics are a mapping, got reports(7)"),  # type: ignore[arg-type] # as a user might
        (refused("NoSuchKey"), "write raises('Service.NoSuchKey')"),
    ],
)
def test_an_object_is_scripted(reader: ml.Workflow, outcome: Any, said: str) -> None:
    with pytest.raises(SimulationError) as error:
        simulate(reader, {} if outcome is None else {"Metrics": outcome})
    assert said in str(error.value)


def gated(stack: Stack, **props: Any) -> ml.TrainingJob:
    definitions = {"test:accuracy": "accuracy=([0-9.]+)", "loss": "loss=(.+)"}
    return ml.TrainingJob(stack, "Train", image=IMAGE, metric_definitions=definitions, **props)


def gate(stack: Stack, condition: Callable[[], Any], first: Any, language: Any = None) -> ml.Workflow:
    good = sfn.Choice(stack, "Good?").when(condition(), sfn.Succeed(stack, "Yes")).otherwise(sfn.Succeed(stack, "No"))
    return ml.Workflow(stack, "W", definition=first.next(good), query_language=language)


@pytest.mark.parametrize("by_cause", [False, True])
@pytest.mark.parametrize("jsonata", [False, True])
def test_a_metric_of_a_training_job_decides(stack: Stack, *, jsonata: bool, by_cause: bool) -> None:
    """In both languages, and where failures are classified too."""
    language = sfn.QueryLanguage.JSONATA if jsonata else None
    retry = ml.RetryPolicy.by_cause() if by_cause else ml.RetryPolicy.default()
    train = gated(stack, retry=retry, query_language=language)
    workflow = gate(stack, lambda: train.metric("test:accuracy").at_least(0.9), train, language)
    for accuracy, end in ((0.9, "Yes"), (0.899, "No"), (1, "Yes")):
        execution = simulate(workflow, {"Train": reports({"test:accuracy": accuracy})}, input={"kept": 1})
        assert execution.path == ("Train", "Good?", end)
        assert execution.output["Train"]["Metrics"] == {"test:accuracy": accuracy}
        assert execution.output["Train"]["TrainingJobStatus"] == "Completed"
        assert execution.output["kept"] == 1
    assert simulate(workflow).output["Train"]["Metrics"] == {"test:accuracy": 1}


@pytest.mark.parametrize("by_cause", [False, True])
@pytest.mark.parametrize("reported", [{}, {"loss": 0.1}])
def test_a_metric_that_was_not_reported_is_an_error_that_a_catch_gets(
    stack: Stack, reported: dict[str, float], *, by_cause: bool
) -> None:
    """It is no bad metric; the input is kept by the Catch's path."""
    train = gated(stack, retry=ml.RetryPolicy.by_cause() if by_cause else ml.RetryPolicy.default())
    train.add_catch(sfn.Pass(stack, "Caught"), errors=["States.QueryEvaluationError"], result_path="$.error")
    workflow = gate(stack, lambda: train.metric("test:accuracy").at_least(0.9), train)
    execution = simulate(workflow, {"Train": reports(reported)}, input={"kept": 1})
    assert execution.path == ("Train", "Caught")
    assert execution.output["kept"] == 1
    cause = execution.output["error"]["Cause"]
    assert "the training job Census-" in cause
    assert cause.endswith("reported no test:accuracy; print a line that accuracy=([0-9.]+) matches")
    assert execution.attempts("Train") == 1


def test_a_failed_job_goes_to_its_catch_as_before(stack: Stack) -> None:
    train = gated(stack)
    train.add_catch(sfn.Pass(stack, "Others"))
    train.add_catch(sfn.Pass(stack, "Failed"), errors=["States.TaskFailed"], result_path="$['why it failed']")
    train.add_catch(sfn.Pass(stack, "Refused"), errors=["SageMaker.Refused"], result_path=sfn.JsonPath.DISCARD)
    workflow = gate(stack, lambda: train.metric("loss").below(1), train)
    execution = simulate(workflow, {"Train": fails("AlgorithmError: no rows")}, input={"kept": 1})
    assert execution.path == ("Train", "Failed")
    assert execution.output["why it failed"]["Error"] == "States.TaskFailed"
    assert simulate(workflow, {"Train": raises("SageMaker.Refused")}, input={"kept": 1}).output == {"kept": 1}
    with pytest.raises(SimulationError, match="cannot time out"):
        simulate(workflow, {"Train": times_out()})
    assert simulate(workflow, {"Train": raises("States.Timeout")}).path == ("Train", "Others")


def test_a_full_result_has_the_metrics_beside(stack: Stack) -> None:
    train = gated(stack, result=ml.Result.FULL)
    workflow = gate(stack, lambda: train.metric("loss").below(1), train)
    output = simulate(workflow, {"Train": reports({"loss": 0.5})}).output["Train"]
    assert output["Metrics"] == {"loss": 0.5}
    assert output["FinalMetricDataList"] == [{"MetricName": "loss", "Value": 0.5}]


@pytest.mark.parametrize("full", [False, True])
def test_the_objective_of_the_best_training_job_decides(stack: Stack, *, full: bool) -> None:
    tune = ml.TuningJob(
        stack,
        "Tune",
        training=ml.tuning.TrainingDefinition(image=IMAGE, metric_definitions={"acc": "acc=(.*)"}),
        objective=ml.tuning.Objective.maximize("acc"),
        ranges={"depth": ml.tuning.IntegerRange(1, 2)},
        max_jobs=2,
    )
    if full:
        tune.best_training_job()
    workflow = gate(stack, lambda: tune.best_objective().above(0.9), tune)
    assert simulate(workflow, {"Tune": reports({"acc": 0.91})}).path == ("Tune", "Good?", "Yes")
    assert simulate(workflow, {"Tune": reports({"acc": 0.9})}).path == ("Tune", "Good?", "No")
    assert simulate(workflow).path == ("Tune", "Good?", "Yes")
    best = {"TrainingJobName": "t", "FinalHyperParameterTuningJobObjectiveMetric": None}
    execution = simulate(workflow, {"Tune": returns({"BestTrainingJob": best})})
    assert execution.error == "States.QueryEvaluationError"
    with pytest.raises(SimulationError, match="a tuning job has one objective"):
        simulate(workflow, {"Tune": reports({"acc": 1, "loss": 0})})


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (reports({"accuracy": "high"}), "Train: accuracy must be a number, got reports({'accuracy': 'high'})"),
        (reports({"accuracy": True}), "Train: accuracy must be a number"),
    ],
)
def test_metrics_of_jobs_are_numbers(stack: Stack, outcome: Any, said: str) -> None:
    workflow = ml.Workflow(stack, "W", definition=gated(stack))
    with pytest.raises(SimulationError) as error:
        simulate(workflow, {"Train": outcome})
    assert said in str(error.value)


def test_other_calls_have_no_metrics(stack: Stack) -> None:
    workflow = ml.Workflow(stack, "W", definition=ml.ProcessingJob(stack, "Prepare", image=IMAGE))
    with pytest.raises(SimulationError, match="Prepare calls CreateProcessingJob, got reports"):
        simulate(workflow, {"Prepare": reports({"a": 1})})
