"""The library's cached jobs, in simulations that have the same objects in S3."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.testing import Execution, SimulatedObjects, capacity, fails, raises, simulate
from constructs_ml.testing.objects import START

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/a@sha256:{'0' * 64}")
CACHE = ml.Cache(expires=Duration.days(30))
LANGUAGES = [None, sfn.QueryLanguage.JSONATA]


def stack_of(language: sfn.QueryLanguage | None = None, *, by_cause: bool = False, **train: Any) -> Stack:
    """A workflow that prepares s3://data/raw/ and trains on the result, both cached."""
    stack = Stack(App(analytics_reporting=False), "Census")
    retry = ml.RetryPolicy.by_cause() if by_cause else ml.RetryPolicy.default()
    common: Any = {"image": IMAGE, "cache": CACHE, "retry": retry, "query_language": language}
    prepare = ml.ProcessingJob(stack, "Prepare", inputs={"raw": "s3://data/raw/"}, outputs=["table"], **common)
    job = ml.TrainingJob(stack, "Train", channels={"train": prepare.output("table")}, **{**common, **train})
    ml.Workflow(stack, "W", definition=prepare.next(job), query_language=language)
    return stack


@pytest.fixture
def objects() -> SimulatedObjects:
    return SimulatedObjects({f"s3://data/raw/{name}.csv": name for name in "ab"})


def ran(execution: Execution) -> list[str]:
    """The jobs that have started."""
    assert execution.status == "SUCCEEDED", execution.cause
    return [name for name in ("Prepare", "Train") if execution.attempts(name)]


def steps(execution: Execution, job: str) -> list[str]:
    return [name.removeprefix(f"{job}: ") for name in execution.paths(job)[0]]


@pytest.mark.parametrize("by_cause", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_only_what_has_changed_runs(
    language: sfn.QueryLanguage | None, objects: SimulatedObjects, *, by_cause: bool
) -> None:
    """In both languages, with both kinds of retries; a hit hands on what the job's own execution did."""
    stack = stack_of(language, by_cause=by_cause)
    first = simulate(stack, objects=objects)
    assert ran(first) == ["Prepare", "Train"]
    second = simulate(stack, objects=objects)
    assert (ran(second), second.output) == ([], first.output)
    assert (steps(second, "Prepare"), steps(second, "Train")) == (
        ["list inputs.raw", "look up", "outputs"],
        ["look up", "outputs"],
    )
    other = stack_of(language, by_cause=by_cause, hyperparameters={"depth": 3})
    assert ran(simulate(other, objects=objects)) == ["Train"]
    objects["s3://data/raw/a.csv"] = "b"
    assert ran(simulate(stack, objects=objects)) == ["Prepare", "Train"]
    objects["s3://data/raw/a.csv"] = "a"
    assert ran(simulate(stack, objects=objects)) == []


def test_the_last_of_many_objects_matters(objects: SimulatedObjects) -> None:
    """452 objects, three pages: the key is the same as that of the same objects, and another if the last one differs."""
    objects.update({f"s3://data/raw/{number:03}.csv": b"" for number in range(450)})
    stack = stack_of()
    first = simulate(stack, objects=objects)
    assert steps(first, "Prepare")[:6] == [
        *("list inputs.raw", "page inputs.raw", "last inputs.raw", "page inputs.raw", "last inputs.raw"),
        "look up",
    ]
    listed = [request for step in ("page", "last") for request in first.requests(f"Prepare: {step} inputs.raw")]
    assert {request["MaxKeys"] for request in listed} == {200}
    assert ran(simulate(stack, objects=objects)) == []
    objects["s3://data/raw/b.csv"] = "c"
    assert ran(simulate(stack, objects=objects)) == ["Prepare", "Train"]


def test_a_record_expires(objects: SimulatedObjects) -> None:
    """By the start of a later simulation."""
    stack = stack_of()
    simulate(stack, objects=objects)
    assert ran(simulate(stack, objects=objects, start=START + timedelta(days=29))) == []
    assert ran(simulate(stack, objects=objects, start=START + timedelta(days=31))) == ["Prepare", "Train"]
    assert ran(simulate(stack, objects=objects, start=START + timedelta(days=60))) == []


@pytest.mark.parametrize(("fresh", "expected"), [(True, ["Prepare", "Train"]), (["Train"], ["Train"]), ([], [])])
def test_an_input_asks_for_jobs_to_run(fresh: Any, expected: list[str], objects: SimulatedObjects) -> None:
    stack = stack_of()
    simulate(stack, objects=objects)
    assert ran(simulate(stack, objects=objects, input={"fresh": fresh})) == expected


def spoil(change: Callable[[SimulatedObjects, str], None], *, part: str) -> Callable[[SimulatedObjects], None]:
    """Change each object below a folder of a bucket."""

    def spoils(objects: SimulatedObjects) -> None:
        for uri in list(objects):
            if part in uri:
                change(objects, uri)

    return spoils


@pytest.mark.parametrize(
    "spoils",
    [
        spoil(lambda objects, uri: objects.write(uri, "{not JSON"), part="/cache/Census-"),
        spoil(lambda objects, uri: objects.write(uri, "{}"), part="/Train/"),
        spoil(SimulatedObjects.__delitem__, part="model.tar.gz"),
        spoil(SimulatedObjects.__delitem__, part="/Train/"),
    ],
)
def test_a_spoiled_record_is_a_miss(spoils: Callable[[SimulatedObjects], None], objects: SimulatedObjects) -> None:
    """Unreadable, foreign, without its outputs, gone: the job runs, and is recorded anew."""
    stack = stack_of()
    simulate(stack, objects=objects)
    before = list(objects)
    spoils(objects)
    assert "Train" in ran(simulate(stack, objects=objects))
    assert [uri for uri in before if uri.endswith(".json") and uri not in objects] == []
    assert ran(simulate(stack, objects=objects)) == []


def test_a_job_that_fails_is_not_recorded(objects: SimulatedObjects) -> None:
    """Its upstream is; retries of its job look nothing up again."""
    stack = stack_of(by_cause=True)
    assert simulate(stack, {"Train": fails("AlgorithmError: no rows")}, objects=objects).status == "FAILED"
    execution = simulate(stack, {"Train": [capacity(2)]}, objects=objects)
    assert (ran(execution), execution.attempts("Train")) == (["Train"], 3)
    assert len(execution.requests("Train: look up")) == 1
    assert ran(simulate(stack, objects=objects)) == []


def test_a_record_that_cannot_be_written_does_not_fail_the_job(objects: SimulatedObjects) -> None:
    stack = stack_of()
    execution = simulate(stack, {"Train: record": raises("S3.S3Exception", "Access Denied")}, objects=objects)
    assert steps(execution, "Train")[-2:] == ["winner", "unrecorded"]
    assert (ran(execution), ran(simulate(stack, objects=objects))) == (["Prepare", "Train"], ["Train"])


def test_whoever_records_second_takes_the_first_result(objects: SimulatedObjects) -> None:
    stack = stack_of()
    first = simulate(stack, objects=objects)
    (uri,) = [uri for uri in objects if "/Train/" in uri and uri.endswith(".json")]
    winner = objects.pop(uri)
    second = simulate(stack, {"Train": lambda *_: objects.write(uri, winner)}, objects=objects)
    assert (ran(second), steps(second, "Train")[-1]) == (["Train"], "winner")
    assert second.output == first.output
    assert objects[uri] == winner


def test_a_marker_says_what_was_run(objects: SimulatedObjects) -> None:
    """As the command why reads it: times as numbers, and the objects with their entity tags."""
    simulate(stack_of(), objects=objects)
    (uri,) = [uri for uri in objects if "/Prepare/" in uri and uri.endswith(".json")]
    marker = json.loads(objects[uri])
    assert (marker["version"], marker["job"], marker["created"]) == (1, "Prepare", int(START.timestamp() * 1000))
    assert set(marker["parts"]["inputs.raw"]["objects"]) == {"a.csv", "b.csv"}
    assert objects.under(marker["place"])


def test_an_uncached_job_makes_those_after_it_run(objects: SimulatedObjects) -> None:
    """Its outputs are listed like data from outside, and are new."""
    stack = Stack(App(analytics_reporting=False), "Census")
    prepare = ml.ProcessingJob(stack, "Prepare", image=IMAGE, inputs={"raw": "s3://data/raw/"}, outputs=["table"])
    train = ml.TrainingJob(stack, "Train", image=IMAGE, channels={"train": prepare.output("table")}, cache=CACHE)
    workflow = ml.Workflow(stack, "W", definition=prepare.next(train))
    for _ in range(2):
        execution = simulate(workflow, objects=objects)
        assert ran(execution) == ["Prepare", "Train"]
        (listed,) = execution.outputs("Train: list channels.train")
        assert listed == execution.outputs("Prepare")[0]
        assert execution.requests("Train: list channels.train")[0]["Prefix"] in "".join(objects)


def test_jobs_in_a_map_find_their_own_records(objects: SimulatedObjects) -> None:
    """By their items."""
    stack = Stack(App(analytics_reporting=False), "Census")
    depth = sfn.JsonPath.string_at("$.depth")
    train = ml.TrainingJob(
        stack,
        "Train",
        image=IMAGE,
        channels={"train": "s3://data/raw/"},
        hyperparameters={"depth": depth},
        cache=CACHE,
    )
    each = ml.Map(stack, "Each", items_path="$.depths").item_processor(train)
    workflow = ml.Workflow(stack, "W", definition=each)

    def started(*depths: str) -> int:
        given = {"depths": [{"depth": depth} for depth in depths]}
        return simulate(workflow, objects=objects, input=given).attempts("Train")

    assert [started("1", "2"), started("2", "3"), started("1", "2", "3")] == [2, 1, 0]


def test_transform_and_tuning_jobs_are_cached(objects: SimulatedObjects) -> None:
    stack = Stack(App(analytics_reporting=False), "Census")
    score = ml.TransformJob(stack, "Score", model="model", data=ml.S3Data.from_uri("s3://data/raw/"), cache=CACHE)
    tune = ml.TuningJob(
        stack,
        "Tune",
        training=ml.tuning.TrainingDefinition(
            image=IMAGE, channels={"train": "s3://data/raw/"}, metric_definitions={"acc": "acc=(.*)"}
        ),
        objective=ml.tuning.Objective.maximize("acc"),
        ranges={"depth": ml.tuning.IntegerRange(1, 2)},
        max_jobs=2,
        cache=CACHE,
    )
    workflow = ml.Workflow(stack, "W", definition=score.next(tune))
    for expected in (1, 0):
        execution = simulate(workflow, objects=objects)
        assert execution.status == "SUCCEEDED", execution.cause
        assert [execution.attempts(name) for name in ("Score", "Tune")] == [expected, expected]
