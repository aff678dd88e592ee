"""Metrics of jobs: which names there are, how the state is written, and what cannot be combined with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
FOUND = {"test:accuracy": "accuracy=([0-9.]+)"}


def train(stack: Stack, **props: Any) -> ml.TrainingJob:
    return ml.TrainingJob(stack, "Train", image=IMAGE, **{"metric_definitions": FOUND, **props})


def tune(stack: Stack, **props: Any) -> ml.TuningJob:
    return ml.TuningJob(
        stack,
        "Tune",
        training=ml.tuning.TrainingDefinition(image=IMAGE, metric_definitions=FOUND),
        objective=ml.tuning.Objective.maximize("test:accuracy"),
        ranges={"depth": ml.tuning.IntegerRange(1, 2)},
        **props,
    )


def refused(ask: Callable[[], Any]) -> str:
    with pytest.raises(ml.InvalidPropsError) as error:
        ask()
    return str(error.value)


def test_only_a_job_whose_metric_is_asked_for_is_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    first, second = train(stack), ml.TrainingJob(stack, "Other", image=IMAGE, metric_definitions=FOUND)
    assert first.metric("test:accuracy").path == "$.Train.Metrics['test:accuracy']"
    states = asl(stack, first.next(second))
    assert states["Train"]["QueryLanguage"] == "JSONata"
    assert {"Arguments", "Output"} <= states["Train"].keys()
    assert not {"Parameters", "ResultPath", "ResultSelector"} & states["Train"].keys()
    assert "QueryLanguage" not in states["Other"]


def test_references_to_it_stay_in_the_language_of_the_machine(stack: Stack, asl: Callable[..., Any]) -> None:
    """Before and after the metric is asked for."""
    job = train(stack)
    done = job.status_is("Completed")
    job.metric("test:accuracy")
    choice = sfn.Choice(stack, "Done?").when(
        done, ml.CreateModel(stack, "Model", image=IMAGE, data=job.model_artifacts)
    )
    states = asl(stack, job.next(choice))
    assert states["Done?"]["Choices"][0]["Variable"] == "$.Train.TrainingJobStatus"
    assert (
        states["Model"]["Parameters"]["PrimaryContainer"]["ModelDataUrl.$"] == "$.Train.ModelArtifacts.S3ModelArtifacts"
    )


@pytest.mark.parametrize(
    ("props", "name", "said"),
    [
        ({}, "test:acuracy", "is in no metric_definitions; did you mean test:accuracy?"),
        ({}, "auc", "is in no metric_definitions; it has test:accuracy; pass metric_definitions={'auc': "),
        ({"metric_definitions": None, "code": True}, "auc", "is in no metric_definitions; pass metric_definitions="),
        ({}, "", "must be a name without quotes and backslashes, got ''"),
        ({}, "it's", "must be a name without quotes"),
        ({"wait_for_completion": False}, "test:accuracy", "is not known, as the state does not wait for the job"),
        ({"result_path": "$.train"}, "test:accuracy", "cannot be combined with result_path"),
        ({"result_selector": {"a": "b"}}, "test:accuracy", "cannot be combined with result_selector"),
        ({"output_path": "$.Train"}, "test:accuracy", "cannot be combined with output_path"),
    ],
)
def test_a_metric_that_cannot_be_handed_on_is_refused(
    stack: Stack, tmp_path: Any, props: dict[str, Any], name: str, said: str
) -> None:
    if props.get("code"):
        (tmp_path / "train.py").write_text("")
        props = {
            **props,
            "code": ml.Code.from_asset(tmp_path / "train.py"),
            "image": ml.ContainerImage.sklearn("1.2-1"),
        }
    text = refused(
        lambda: ml.TrainingJob(stack, "Train", **{"image": IMAGE, "metric_definitions": FOUND, **props}).metric(name)
    )
    assert text.startswith("Census/Train: metric ")
    assert said in text


def test_an_algorithm_of_an_image_may_report_anything(stack: Stack) -> None:
    """Where no definition says what there is."""
    assert train(stack, metric_definitions=None).metric("validation:auc").name == "validation:auc"


def test_the_objective_of_a_job_that_is_not_waited_for_is_refused(stack: Stack) -> None:
    assert "best_objective is not known" in refused(lambda: tune(stack, wait_for_completion=False).best_objective())


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"assign": {"x": 1}}, "assign cannot be used of a state whose metric is used"),
        ({"task_timeout": sfn.Timeout.at("$.seconds")}, "task_timeout cannot be a path"),
        (
            {"hyperparameters": {"a": sfn.JsonPath.format("{}", sfn.JsonPath.string_at("$.a"))}},
            "cannot be written: States.Format(",
        ),
    ],
)
def test_what_jsonata_does_not_have_is_refused(stack: Stack, props: dict[str, Any], said: str) -> None:
    """When the state is written."""
    job = train(stack, **props)
    job.metric("test:accuracy")
    assert said in refused(lambda: ml.Workflow(stack, "W", definition=job))


def test_a_catch_deep_in_the_input_is_refused(stack: Stack) -> None:
    job = train(stack, task_timeout=sfn.Timeout.duration(Duration.hours(1)))
    job.add_catch(sfn.Pass(stack, "Caught"), result_path="$.errors.train")
    job.metric("test:accuracy")
    text = refused(lambda: ml.Workflow(stack, "W", definition=job))
    assert "result_path of a Catch must be one member of a state whose metric is used" in text


def test_a_metric_that_is_asked_for_too_late_is_refused(stack: Stack) -> None:
    job = train(stack)
    ml.Workflow(stack, "W", definition=job)
    assert "the state machine is defined already; ask for it before" in refused(lambda: job.metric("test:accuracy"))


def test_a_condition_in_the_other_language_is_refused(stack: Stack) -> None:
    job = train(stack)
    good = sfn.Choice(stack, "Good?").when(job.metric("test:accuracy").above(1), sfn.Pass(stack, "Yes"))
    ask = lambda: ml.Workflow(stack, "W", definition=job.next(good), query_language=sfn.QueryLanguage.JSONATA)  # noqa: E731
    assert "is a JSONPath condition, but the state machine is in JSONata" in refused(ask)
