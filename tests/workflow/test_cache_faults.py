"""Cached jobs when something is wrong: markers, outputs, calls of S3, values; and the state transitions that they take."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.iam import Call, roles_of

import constructs_ml as ml
from constructs_ml.testing import SimulatedObjects, capacity, fails, raises, simulate
from constructs_ml.testing.objects import START

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.testing import Execution

IMAGE = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/a@sha256:{'0' * 64}")
LANGUAGES = pytest.mark.parametrize("language", [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA])
DENIED = raises("S3.S3Exception", "Access Denied (Service: S3, Status Code: 403)")
MARKERS = "/cache/Census-"


def new(language: sfn.QueryLanguage | None = None) -> Stack:
    stack = Stack(App(analytics_reporting=False), "Census")
    ml.JobDefaults(query_language=language).apply_to(stack)
    return stack


def prepare(scope: Any, name: str = "Prepare", **props: Any) -> ml.ProcessingJob:
    given: dict[str, Any] = {"inputs": {"raw": "s3://data/raw/"}, "outputs": ["table"], "cache": ml.Cache()}
    return ml.ProcessingJob(scope, name, image=IMAGE, **{**given, **props})


def train(scope: Any, data: Any = "s3://data/raw/", name: str = "Train", **props: Any) -> ml.TrainingJob:
    return ml.TrainingJob(scope, name, image=IMAGE, channels={"train": data}, **{"cache": ml.Cache(), **props})


def both(language: sfn.QueryLanguage | None = None, **props: Any) -> ml.Workflow:
    """A workflow of two cached jobs."""
    stack = new(language)
    first = prepare(stack, **props)
    second = train(stack, first.output("table"), **props)
    assert second.model_artifacts.location
    return ml.Workflow(stack, "W", definition=first.next(second), query_language=language)


@pytest.fixture
def objects() -> SimulatedObjects:
    return SimulatedObjects({f"s3://data/raw/{name}.csv": name for name in "ab"})


def done(execution: Execution) -> Execution:
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    return execution


def ran(execution: Execution, *names: str) -> list[str]:
    return [name for name in names or ("Prepare", "Train") if done(execution).attempts(name)]


def marker(objects: SimulatedObjects, job: str = "Train") -> str:
    """The URI of a job's only marker."""
    (uri,) = [uri for uri in objects if MARKERS in uri and f"/{job}/" in uri and uri.endswith(".json")]
    return uri


# Markers.


def without(*path: str) -> Callable[[SimulatedObjects], str]:
    """A marker that lacks a member."""

    def change(objects: SimulatedObjects) -> str:
        found = json.loads(objects[marker(objects)])
        inner = found
        for name in path[:-1]:
            inner = inner[name]
        del inner[path[-1]]
        return json.dumps(found)

    return change


def with_members(**members: Any) -> Callable[[SimulatedObjects], str]:
    return lambda objects: json.dumps({**json.loads(objects[marker(objects)]), **members})


BAD_MARKERS: dict[str, Callable[[SimulatedObjects], str]] = {
    "no JSON": lambda _: "{not JSON",
    "an empty object": lambda _: "",
    "no members": lambda _: "{}",
    "a list": lambda _: "[]",
    "null": lambda _: "null",
    "JSON in a text": lambda objects: json.dumps(objects.text(marker(objects))),
    "another key's": lambda objects: objects.text(marker(objects, "Prepare")),
    "version 2": with_members(version=2),
    "no version": without("version"),
    "no result": without("result"),
    "a result of another type": with_members(result="Completed"),
    "a result without the model": without("result", "ModelArtifacts"),
    "a result without a status": without("result", "TrainingJobStatus"),
    "no place": without("place"),
    "no parts": without("parts"),
    "a time of another type": with_members(created="yesterday"),
}


@LANGUAGES
@pytest.mark.parametrize("case", BAD_MARKERS)
def test_a_marker_that_is_no_good_is_replaced(case: str, language: Any, objects: SimulatedObjects) -> None:
    """The job runs once, and its record is good again."""
    workflow = both(language)
    simulate(workflow, objects=objects)
    uri = marker(objects)
    before = json.loads(objects[uri])
    objects[uri] = BAD_MARKERS[case](objects)
    assert ran(simulate(workflow, objects=objects)) == ["Train"]
    after = json.loads(objects[uri])
    assert (after["key"], after["parts"]) == (before["key"], before["parts"])
    assert after["place"] != before["place"]
    assert ran(simulate(workflow, objects=objects)) == []


def test_a_marker_expires_while_an_execution_runs(objects: SimulatedObjects) -> None:
    """What was looked up before goes on, what is looked up after runs anew."""
    stack = new()
    hour = ml.Cache(expires=Duration.hours(1))
    first = prepare(stack, cache=hour)
    wait = sfn.Wait(stack, "Wait", time=sfn.WaitTime.duration(Duration.minutes(2)))
    second = train(stack, first.output("table"), cache=hour)
    workflow = ml.Workflow(stack, "W", definition=first.next(wait).next(second))
    before = simulate(workflow, objects=objects)
    # Train's marker is as old as the wait is long.
    objects[marker(objects)] = with_members(created=int(START.timestamp() * 1000))(objects)
    execution = simulate(workflow, objects=objects, start=START + timedelta(minutes=59))
    assert ran(execution) == ["Train"]
    assert execution.output["Prepare"] == before.output["Prepare"]
    place = before.output["Prepare"]["Cache"]["Place"]
    assert (
        execution.requests("Train")[0]["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == f"{place}table/"
    )


@LANGUAGES
def test_outputs_that_a_lifecycle_removed(language: Any, objects: SimulatedObjects) -> None:
    """A miss: the job runs, its marker names the new place, and the jobs after it are still there."""
    workflow = both(language)
    first = simulate(workflow, objects=objects)
    place = first.output["Prepare"]["Cache"]["Place"]
    for uri in objects.under(place):
        del objects[uri]
    second = simulate(workflow, objects=objects)
    assert ran(second) == ["Prepare"]
    found = json.loads(objects[marker(objects, "Prepare")])
    assert found["place"] == second.output["Prepare"]["Cache"]["Place"] != place
    assert objects.under(found["place"])
    assert ran(simulate(workflow, objects=objects)) == []


# Failures of jobs.


@LANGUAGES
@pytest.mark.parametrize("by_cause", [False, True])
def test_each_attempt_writes_to_a_place_of_its_own(language: Any, objects: SimulatedObjects, *, by_cause: bool) -> None:
    """Those that fail leave files that nobody reads, and no marker; with retries by cause and those of the user's own."""
    stack = new(language)
    job = prepare(stack, retry=ml.RetryPolicy.by_cause() if by_cause else ml.RetryPolicy.default())
    if not by_cause:
        job.add_retry(errors=["States.TaskFailed"], max_attempts=2)
    workflow = ml.Workflow(stack, "W", definition=job.next(train(stack, job.output("table"))), query_language=language)

    def place(request: dict[str, Any]) -> str:
        return str(request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"])

    def leaves(request: dict[str, Any], _attempt: int) -> Any:
        objects[f"{place(request)}left.csv"] = "half"
        return fails("AlgorithmError: no rows")

    assert simulate(workflow, {"Prepare": leaves}, objects=objects).status == "FAILED"
    assert [uri for uri in objects if MARKERS in uri and uri.endswith(".json")] == []
    left = set(objects)
    execution = simulate(workflow, {"Prepare": [capacity(2)]}, objects=objects)
    assert ran(execution) == ["Prepare", "Train"]
    places = [place(request) for request in execution.requests("Prepare")]
    assert (len(places), len(set(places))) == (3, 3)
    (written,) = (
        set(objects.under("s3://constructsmlartifacts"))
        - left
        - {marker(objects), marker(objects, "Prepare")}
        - {uri for uri in objects if "/cache/Train/" in uri}
    )
    assert written.startswith(places[-1])
    assert places[-1] == execution.output["Prepare"]["Cache"]["Place"] + "table/"


# Calls of S3.

STEPS = ("Prepare: list inputs.raw", "Prepare: look up", "Prepare: outputs")


@pytest.mark.parametrize("step", STEPS)
def test_a_look_up_that_is_denied_fails(step: str, objects: SimulatedObjects) -> None:
    """Else every execution would be paid for, in silence."""
    workflow = both()
    simulate(workflow, objects=objects)
    execution = simulate(workflow, {step: DENIED}, objects=objects)
    assert (execution.status, execution.error, execution.attempts("Prepare")) == ("FAILED", "S3.S3Exception", 0)
    assert "Access Denied" in str(execution.cause)


@pytest.mark.parametrize("error", ["S3.SdkClientException", "S3.SlowDownException"])
@pytest.mark.parametrize("step", STEPS)
def test_a_call_that_is_throttled_is_made_again(step: str, error: str, objects: SimulatedObjects) -> None:
    workflow = both()
    simulate(workflow, objects=objects)
    execution = simulate(workflow, {step: [raises(error, times=5)]}, objects=objects)
    assert (ran(execution), execution.attempts(step)) == ([], 6)


@pytest.mark.parametrize(
    "outcome",
    [
        DENIED,
        raises("S3.SdkClientException", "Unable to connect"),
        raises("States.Timeout"),
        raises("S3.NoSuchBucketException"),
    ],
)
def test_a_job_that_has_run_does_not_fail_by_its_record(outcome: Any, objects: SimulatedObjects) -> None:
    """Whatever keeps the marker from being written and read."""
    workflow = both()
    script = {"Prepare: record": outcome, "Prepare: winner": outcome}
    execution = simulate(workflow, script, objects=objects)
    assert ran(execution) == ["Prepare", "Train"]
    assert execution.paths("Prepare")[0][-1] == "Prepare: unrecorded"
    assert ran(simulate(workflow, objects=objects)) == ["Prepare"]


# Values that are missing.


def path(name: str, language: sfn.QueryLanguage) -> str:
    jsonata = language is sfn.QueryLanguage.JSONATA
    return f"{{% $states.input.{name} %}}" if jsonata else sfn.JsonPath.string_at(f"$.{name}")


MISSING: dict[str, tuple[Callable[[Stack, Any], ml.TrainingJob], str]] = {
    "a value": (lambda stack, value: train(stack, hyperparameters={"d": value("x")}), "hyperparameters.d"),
    "a part of a text": (
        lambda stack, value: train(stack, hyperparameters={"d": f"day-{value('x')}-of"}),
        "hyperparameters.d",
    ),
    "a part of a part": (lambda stack, value: train(stack, environment={"D": f"{value('x.y')}z"}), "environment.D"),
    "a place": (
        lambda stack, value: train(stack, ml.S3Data.from_uri(value("x"), within=["s3://data/"])),
        "channels.train",
    ),
    "a part of a place": (
        lambda stack, value: train(
            stack, ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(stack, "Data", "data"), f"raw/{value('x')}/")
        ),
        "channels.train",
    ),
    "a fingerprint": (
        lambda stack, value: train(
            stack, ml.TrainingChannel(source=ml.S3Data.from_uri("s3://data/raw/"), fingerprint=f"v{value('x')}")
        ),
        "channels.train",
    ),
    "the result of a job that did not run": (
        lambda stack, value: train(stack, prepare(stack).output("table")),  # noqa: ARG005 - as the others
        "channels.train",
    ),
}


@LANGUAGES
@pytest.mark.parametrize("case", MISSING)
def test_a_value_that_is_missing_is_an_error(case: str, language: Any, objects: SimulatedObjects) -> None:
    """It names the part, before anything is looked up; JSONata leaves out without a word what is undefined in a text."""
    make, part = MISSING[case]
    stack = new(language)
    job = make(stack, lambda name: path(name, language))
    machine = sfn.StateMachine(
        stack, "M", definition_body=sfn.DefinitionBody.from_chainable(job), query_language=language
    )
    execution = simulate(machine, objects=objects)
    assert (execution.error, execution.attempts("Train")) == ("States.QueryEvaluationError", 0)
    assert f"the key of the cached job Train lacks a value for {part}" in str(execution.cause)
    assert execution.requests("Train: look up") == ()


@LANGUAGES
def test_a_text_with_a_value_in_it_is_in_the_key(language: Any, objects: SimulatedObjects) -> None:
    stack = new(language)
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    data = ml.S3Data.from_bucket(bucket, f"{path('x', language)}/")
    workflow = ml.Workflow(stack, "W", definition=train(stack, data), query_language=language)
    objects["s3://data/other/a.csv"] = "c"
    found = [
        ran(simulate(workflow, objects=objects, input={"x": x}), "Train") for x in ("raw", "other", "raw", "other")
    ]
    assert found == [["Train"], ["Train"], [], []]


# Transitions.


def entered(execution: Execution) -> int:
    """The states that an execution entered, in branches too."""
    names = execution._names
    return len(done(execution).path) + sum(len(way) for name in names for way in execution.paths(name))


@LANGUAGES
@pytest.mark.parametrize("by_cause", [False, True])
@pytest.mark.parametrize(
    ("inputs", "pages", "taken"),
    [
        (0, 0, (2, 3)),
        (1, 1, (3, 4)),
        (1, 2, (5, 6)),
        pytest.param(1, 3, (7, 8), marks=pytest.mark.long),
        (2, 1, (4, 5)),
        pytest.param(2, 2, (8, 9), marks=pytest.mark.long),
        pytest.param(2, 3, (12, 13), marks=pytest.mark.long),
    ],
)
def test_transitions(
    inputs: int, pages: int, taken: tuple[int, int], language: Any, objects: SimulatedObjects, *, by_cause: bool
) -> None:
    """The states that are entered besides those of the same workflow without a cache; a hit with by-cause retries enters one fewer.

    The place of the outputs is verified; without that a hit enters one fewer.
    """
    hit, miss = taken
    for at in range(200 * (pages - 1)):
        objects[f"s3://data/raw/more/{at:04}.csv"] = ""
    retry = ml.RetryPolicy.by_cause() if by_cause else ml.RetryPolicy.default()

    def workflow(cache: ml.Cache | None) -> ml.Workflow:
        stack = new(language)
        data = {f"c{at}": "s3://data/raw/" for at in range(inputs)}
        job = ml.TrainingJob(stack, "Train", image=IMAGE, channels=data, cache=cache, retry=retry)
        return ml.Workflow(stack, "W", definition=job, query_language=language)

    plain, cached, trusting = map(workflow, (None, ml.Cache(), ml.Cache(verify_outputs=False)))
    without_cache = entered(simulate(plain, objects=objects))
    assert without_cache == (2 if by_cause else 1)
    first, second = (simulate(cached, objects=objects) for _ in range(2))
    assert (ran(first, "Train"), ran(second, "Train")) == (["Train"], [])
    assert entered(first) - without_cache == miss
    assert entered(second) == hit + 1
    assert entered(simulate(trusting, objects=objects)) == hit


# Permissions.


def jobs_of_all_kinds(stack: Stack, output: dict[str, Any]) -> list[Any]:
    """A job of each kind that a cache is for, beside one without a cache that writes to the same bucket."""
    definition = ml.tuning.TrainingDefinition(
        image=IMAGE, channels={"train": "s3://data/raw/"}, metric_definitions={"a": "a=(.*)"}
    )
    cached = ml.Cache()
    return [
        prepare(stack),
        train(stack, **output),
        ml.TransformJob(stack, "Score", model="m", data="s3://data/raw/", cache=cached),
        ml.TuningJob(
            stack,
            "Tune",
            training=definition,
            objective=ml.tuning.Objective.maximize("a"),
            ranges={"d": ml.tuning.IntegerRange(1, 2)},
            max_jobs=2,
            cache=cached,
        ),
        prepare(stack, "Plain", cache=False, outputs={"all": ml.ProcessingOutput(destination=output["output"])})
        if output
        else prepare(stack, "Plain", cache=False),
    ]


@pytest.mark.parametrize("prefix", [None, "out/", "census/cache/", "caches/", "cache/other/"])
def test_no_role_of_a_job_may_touch_a_marker(prefix: str | None, synth: Callable[[Stack], dict[str, Any]]) -> None:
    """By the policies of the template: neither write nor delete one, wherever the user has the outputs; the machine may."""
    stack = new()
    output: dict[str, Any] = {}
    if prefix is not None:
        bucket = s3.Bucket(stack, "Mine")
        ml.JobDefaults(bucket=bucket).apply_to(stack)
        output = {"output": ml.S3Data.from_bucket(bucket, prefix)}
    chain: Any = None
    for job in jobs_of_all_kinds(stack, output):
        chain = job if chain is None else chain.next(job)
    ml.Workflow(stack, "W", definition=chain)
    roles = roles_of(synth(stack))
    (machine,) = [role for name, role in roles.items() if name.startswith("W")]
    (folder,) = {on for action, on, _ in machine.grants() if action == "s3:PutObject"}
    assert folder.endswith("/*")
    assert MARKERS in folder
    others = [role for role in roles.values() if role is not machine]
    key = folder.replace("*", "Train/0.json")
    writes = ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:AbortMultipartUpload"]
    assert machine.may(Call("s3:PutObject", key))
    assert not machine.may(Call("s3:DeleteObject", key))
    assert others
    for role in others:
        assert [action for action in writes if role.may(Call(action, key))] == []
    own = key.replace(MARKERS, "/Census-")
    assert any(action == "s3:PutObject" for role in others for action, _, _ in role.grants()), own


# Beside other states.


@LANGUAGES
def test_beside_a_job_without_a_cache(language: Any, objects: SimulatedObjects) -> None:
    """The results of both are known to the job that reads them: the checks find nothing wrong."""
    stack = new(language)
    plain, cached = prepare(stack, "Plain", cache=False), train(stack)
    reads = {"model": cached.model_artifacts, "table": plain.output("table")}
    last = prepare(stack, "Last", inputs=reads, outputs=["out"], cache=False)
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=[plain, cached, last], query_language=language)
    simulate(workflow, objects=objects)
    assert ran(simulate(workflow, objects=objects), "Plain", "Train", "Last") == ["Plain", "Last"]
