"""Jobs whose failures are told apart by their causes: what is retried, what can be caught, what is handed on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonata
import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.asl.retry import CAUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    Asl = Callable[..., dict[str, Any]]

IMAGE = ml.ContainerImage.from_registry("mine")
BY_CAUSE = ml.RetryPolicy.by_cause()
LANGUAGES = [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA]


def job(stack: Stack, **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, "Job", image=IMAGE, **{"retry": BY_CAUSE, **props})


def evaluated(text: str, **states: Any) -> Any:
    return jsonata.Jsonata(text.removeprefix("{%").removesuffix("%}")).evaluate(None, {"states": states})


def described(reason: str, separators: tuple[str, str] = (",", ":")) -> str:
    """The cause of a failed job: its description."""
    status = {"ProcessingJobStatus": "Failed", "FailureReason": reason, "ExitMessage": "no"}
    return json.dumps(status, separators=separators)


def name_of(fail: dict[str, Any], error: str, cause: str) -> str:
    """The error that the state inside fails with."""
    found: str = evaluated(fail["Error"], input={"Error": error, "Cause": cause})
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["compact", "spaced"])
@pytest.mark.parametrize("kind", CAUSES)
def test_a_failed_job_fails_by_its_kind(
    stack: Stack, asl: Asl, kind: str, separators: tuple[str, str], language: sfn.QueryLanguage
) -> None:
    """What its FailureReason begins with is the name of the error; the description stays the cause."""
    fail = asl(stack, job(stack, query_language=language))["Job: failed"]
    cause = described(f"{kind}: something", separators)
    assert name_of(fail, "States.TaskFailed", cause) == kind
    assert evaluated(fail["Cause"], input={"Cause": cause}) == cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("States.TaskFailed", described("Some other reason")),
        ("States.TaskFailed", described('AlgorithmErrors: "FailureReason":"CapacityError: quoted by the script"')),
        ("SageMaker.AmazonSageMakerException", "Rate exceeded (Service: AmazonSageMaker; Status Code: 400)"),
        ("SageMaker.ResourceInUseException", ""),
    ],
)
def test_other_errors_keep_their_names(stack: Stack, asl: Asl, error: str, cause: str) -> None:
    """A text that a script wrote is not taken for a kind of failure."""
    assert name_of(asl(stack, job(stack))["Job: failed"], error, cause) == error


def test_an_error_without_a_cause(stack: Stack, asl: Asl) -> None:
    """It fails by its name, not by an expression that gives nothing."""
    fail = asl(stack, job(stack))["Job: failed"]
    assert evaluated(fail["Error"], input={"Error": "Odd"}) == "Odd"
    assert evaluated(fail["Cause"], input={"Error": "Odd"}) == ""


def test_causes_are_retried_around_the_job(stack: Stack, asl: Asl) -> None:
    """The call's own errors are retried inside; causes, and what the user adds, around, where a new name is drawn."""
    state = job(stack)
    state.add_retry(errors=["States.Timeout"], max_attempts=1)
    states = asl(stack, state)
    inside = [entry["ErrorEquals"] for entry in states["Job: start"]["Retry"]]
    around = [entry["ErrorEquals"] for entry in states["Job"]["Retry"]]
    assert inside == [["SageMaker.AmazonSageMakerException"], ["SageMaker.ResourceLimitExceededException"]]
    assert around == [["States.Timeout"], ["CapacityError"], ["InternalServerError"]]


def test_failures_of_the_users_are_not_retried() -> None:
    """Running a wrong script again cures nothing."""
    retried = {error for entry in BY_CAUSE.retriers for error in entry.errors}
    assert not retried & {"AlgorithmError", "ClientError", "States.TaskFailed", "States.ALL"}


def test_a_cause_is_caught_on_the_job(stack: Stack, asl: Asl) -> None:
    """The job is one state to those around it."""
    state = job(stack)
    state.add_catch(sfn.Pass(stack, "CleanUp"), errors=["AlgorithmError"])
    assert asl(stack, state)["Job"]["Catch"] == [{"ErrorEquals": ["AlgorithmError"], "Next": "CleanUp"}]


def test_the_users_retry_of_a_cause_replaces_the_policys(stack: Stack, synth: Any, definition: Any) -> None:
    """A second entry for it would never be reached, which a rule refuses."""
    state = job(stack)
    state.add_retry(errors=["CapacityError"], max_attempts=1).add_retry(errors=["States.TaskFailed"], max_attempts=2)
    plain = ml.ProcessingJob(stack, "Plain", image=IMAGE).add_retry(errors=["States.TaskFailed"], max_attempts=2)
    ml.Workflow(stack, "Workflow", definition=state.next(plain))
    states = definition(synth(stack))["States"]
    assert [entry["ErrorEquals"] for entry in states["Job"]["Retry"]] == [
        ["CapacityError"],
        ["InternalServerError"],
        ["States.TaskFailed"],
    ]


@pytest.mark.parametrize("method", ["add_catch", "add_retry"])
def test_a_misspelt_cause_is_refused(stack: Stack, method: str) -> None:
    """No job fails with it."""
    handler = [sfn.Pass(stack, "CleanUp")] if method == "add_catch" else []
    with pytest.raises(
        ml.InvalidPropsError, match=r"Census/Job: add_\w+ names 'AlgorithmErr'.*did you mean AlgorithmError"
    ):
        getattr(job(stack), method)(*handler, errors=["AlgorithmErr"])


@pytest.mark.parametrize("method", ["add_catch", "add_retry"])
def test_a_cause_is_refused_without_the_policy(stack: Stack, method: str) -> None:
    """It would never match: every failed job is States.TaskFailed."""
    state = job(stack, retry=ml.RetryPolicy.default())
    handler = [sfn.Pass(stack, "CleanUp")] if method == "add_catch" else []
    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: add_\w+ cannot name CapacityError.*by_cause\(\)"):
        getattr(state, method)(*handler, errors=["CapacityError"])


def test_the_result_is_handed_on_as_ever(stack: Stack, asl: Asl) -> None:
    """In JSONPath the one output of the Parallel is the state's."""
    states = asl(stack, job(stack))
    assert states["Job"]["OutputPath"] == "$[0]"
    assert states["Job: start"]["ResultPath"] == "$.Job"
    assert "ResultPath" not in states["Job"]


def test_the_result_is_handed_on_in_jsonata(stack: Stack, asl: Asl) -> None:
    """In JSONata likewise."""
    states = asl(stack, job(stack, query_language=sfn.QueryLanguage.JSONATA))
    assert evaluated(states["Job"]["Output"], result=[{"Job": 1}]) == {"Job": 1}
    assert "$merge([$states.input" in states["Job: start"]["Output"]


@pytest.mark.parametrize(
    ("props", "fields"),
    [
        ({"result_path": "$.Mine"}, {"ResultPath": "$.Mine"}),
        ({"result_path": sfn.JsonPath.DISCARD}, {"ResultPath": None}),
        ({"task_timeout": sfn.Timeout.duration(Duration.hours(2))}, {"TimeoutSeconds": 7200}),
        ({"task_timeout": sfn.Timeout.at("$.seconds")}, {"TimeoutSecondsPath": "$.seconds"}),
    ],
    ids=["path", "discarded", "timeout", "timeout-path"],
)
def test_what_is_of_the_task_stands_inside(
    stack: Stack, asl: Asl, props: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Fields that a Parallel does not have, or would apply to its array."""
    states = asl(stack, job(stack, **props))
    assert {name: states["Job: start"].get(name, "missing") for name in fields} == fields
    assert not set(fields) & set(states["Job"])


@pytest.mark.parametrize(
    "props",
    [
        {"input_path": "$.a"},
        {"output_path": "$.a"},
        {"heartbeat_timeout": sfn.Timeout.duration(Duration.minutes(1))},
        {"assign": {"a": 1}},
    ],
    ids=lambda props: next(iter(props)),
)
def test_what_cannot_be_written_so_is_refused(stack: Stack, props: dict[str, Any]) -> None:
    """The message names the prop and the other policy."""
    with pytest.raises(ml.InvalidPropsError, match=rf"{next(iter(props))} cannot be used with a retry policy that"):
        job(stack, **props)


def test_a_policy_of_ones_own_tells_causes_too(stack: Stack, asl: Asl) -> None:
    """It is enough that an entry names one."""
    policy = ml.RetryPolicy((ml.props.Retrier(errors=("ClientError",), max_attempts=1),))
    states = asl(stack, job(stack, retry=policy))
    assert [entry["ErrorEquals"] for entry in states["Job"]["Retry"]] == [["ClientError"]]
    assert "Retry" not in states["Job: start"]


def test_calls_that_do_not_wait_have_no_causes(stack: Stack, asl: Asl) -> None:
    """What is only started does not fail later: the policy's other entries are kept, on a plain task."""
    state = asl(stack, job(stack, wait_for_completion=False))["Job"]
    assert state["Type"] == "Task"
    assert len(state["Retry"]) == 2


def test_a_whole_organisation_retries_by_cause(stack: Stack, asl: Asl) -> None:
    """As a default it reaches jobs of all kinds, and calls of hosting without harm."""
    ml.JobDefaults(retry=BY_CAUSE).apply_to(stack)
    train = ml.TrainingJob(stack, "Train", image=IMAGE, channels={"t": ml.S3Data.from_uri("s3://a/b/")})
    model = ml.CreateModel(stack, "Model", image=IMAGE)
    execution = ml.PipelineExecution(stack, "Run", pipeline="census")
    states = asl(stack, train.next(model).next(execution))
    assert states["Train"]["Type"] == "Parallel"
    assert states["Model"]["Type"] == "Task"
    named = {
        error for name in ("Model", "Run: start") for entry in states[name]["Retry"] for error in entry["ErrorEquals"]
    }
    assert not named & set(CAUSES)
