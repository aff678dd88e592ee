"""What all states have in common that poll: those that start something and those that begin by polling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.simulate import Simulation

import constructs_ml as ml
from constructs_ml.asl.polling import MOST_POLLS, PollSchedule
from constructs_ml.asl.retry import POLL_RETRIER

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack
    from constructs import Construct

JSONATA = sfn.QueryLanguage.JSONATA
PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"
RESULT = '{"ModelPackageArn": $states.input.ModelPackageArn, "ModelApprovalStatus": $states.input.ModelApprovalStatus}'
DAY = 86_400


def automl(scope: Construct, construct_id: str, **props: Any) -> ml.AutoMLJob:
    data = ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(scope, f"{construct_id}Data", "data"), "train/")
    return ml.AutoMLJob(scope, construct_id, problem=ml.automl.AutoMLProblem.tabular("y"), training=data, **props)


MAKERS: dict[str, Callable[[Construct, str], Any]] = {
    "AutoMLJob": automl,
    "PipelineExecution": lambda scope, name: ml.PipelineExecution(scope, name, pipeline="churn"),
    "DeployEndpoint": lambda scope, name: ml.DeployEndpoint(scope, name, endpoint_config="mine"),
    "ModelApprovalGate": lambda scope, name: ml.ModelApprovalGate(scope, name, package=PACKAGE),
}
every = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@every
def test_all_are_one_loop(stack: Stack, asl: Callable[..., Any], make: Callable[..., Any]) -> None:
    """They begin, wait, look, ask whether it ended, and say so; looking is tried again after any error."""
    states = asl(stack, make(stack, "It"))
    assert states["It"]["Type"] == "Parallel"
    assert {f"It: {step}" for step in ("begin", "wait", "look", "ended?", "done", "failed", "late")} < set(states)
    assert POLL_RETRIER.to_asl() in states["It: look"]["Retry"]


@every
def test_a_fragment_may_hold_it_twice(stack: Stack, asl: Callable[..., Any], make: Callable[..., Any]) -> None:
    """The states inside are told apart by the fragment's prefix, like the state itself."""

    class Twice(sfn.StateMachineFragment):
        def __init__(self, scope: Construct, construct_id: str) -> None:
            super().__init__(scope, construct_id)
            self.state = make(self, "It")

        @property
        def start_state(self) -> sfn.State:
            return self.state

        @property
        def end_states(self) -> list[sfn.INextable]:
            return [self.state]

    one, other = (Twice(stack, name).prefix_states() for name in ("One", "Other"))

    states = asl(stack, one.next(other))

    assert {"One: It: look", "Other: It: look"} < set(states)


@every
def test_its_errors_are_retried_before_they_are_caught(
    stack: Stack, asl: Callable[..., Any], make: Callable[..., Any]
) -> None:
    """By the state as a whole; the Catch is in the machine's own language."""
    state = make(stack, "It").add_retry(errors=["Mine"], max_attempts=2)
    state.add_catch(sfn.Pass(stack, "Sorry"), errors=["Mine"], result_path="$.error")

    found = asl(stack, state)["It"]

    assert found["Retry"][0]["ErrorEquals"] == ["Mine"]
    assert found["Catch"] == [{"ErrorEquals": ["Mine"], "ResultPath": "$.error", "Next": "Sorry"}]


@pytest.mark.parametrize(
    ("props", "fields"),
    [
        ({}, {"ResultPath": "$.Gate"}),
        ({"state_name": "My gate"}, {"ResultPath": "$['My gate']"}),
        ({"result_path": "$.a.b"}, {"ResultPath": "$.a.b"}),
        ({"query_language": JSONATA}, {"Output": '{% $merge([$states.input, {"Gate": $states.result[0]}]) %}'}),
    ],
)
def test_where_the_result_goes(
    stack: Stack, asl: Callable[..., Any], props: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Under the state's name, or where the user says; the input stays."""
    gate = ml.ModelApprovalGate(stack, "Gate", package=PACKAGE, **props)

    states = asl(stack, gate)

    name = props.get("state_name", "Gate")
    assert {key: states[name].get(key) for key in fields} == fields
    assert states[f"{name}: done"]["Output"] == f"{{% {RESULT} %}}"
    if "ResultPath" in fields:
        assert gate.path_to("ModelPackageArn") == f"{fields['ResultPath']}.ModelPackageArn"
        assert states[name]["ResultSelector"]["ModelPackageArn.$"] == "$[0].ModelPackageArn"


def test_what_is_referred_to_is_handed_on(stack: Stack, asl: Callable[..., Any]) -> None:
    """Beside the summary."""
    gate = ml.ModelApprovalGate(stack, "Gate", package=PACKAGE)
    after = sfn.Pass(stack, "After", parameters={"made": gate.result("CreationTime")})
    states = asl(stack, gate.next(after))
    assert states["Gate"]["ResultSelector"]["CreationTime.$"] == "$[0].CreationTime"
    assert states["After"]["Parameters"] == {"made.$": "$.Gate.CreationTime"}


def test_a_result_that_is_discarded_cannot_be_referred_to(stack: Stack) -> None:
    gate = ml.ModelApprovalGate(stack, "Gate", package=PACKAGE, result_path=sfn.JsonPath.DISCARD)
    with pytest.raises(ml.InvalidPropsError, match="the result_path discards the result"):
        gate.result("ModelPackageArn")


@pytest.mark.parametrize("language", [None, JSONATA])
def test_a_full_result_is_the_whole_description(
    stack: Stack, asl: Callable[..., Any], language: sfn.QueryLanguage | None
) -> None:
    """Which no selector can name, so that the branch puts it into the input."""
    states = asl(stack, automl(stack, "Find", result=ml.Result.FULL, query_language=language))
    unpacked = {"OutputPath": "$[0]"} if language is None else {"Output": "{% $states.result[0] %}"}
    assert unpacked.items() <= states["Find"].items()
    simulation = Simulation({}, lambda *_: None, variables={"waitFind": {"input": {"kept": 1}}})
    done = {"StartAt": "Find: done", "States": {"Find: done": {**states["Find: done"]}}}
    simulation.branch = done
    assert simulation.run({"AutoMLJobStatus": "Completed"}) == {"kept": 1, "Find": {"AutoMLJobStatus": "Completed"}}


def test_looks_are_retried_as_a_gate_is_told(stack: Stack, asl: Callable[..., Any]) -> None:
    """Nothing else is retried in it."""
    states = asl(stack, ml.ModelApprovalGate(stack, "Gate", package=PACKAGE, retry=ml.RetryPolicy.none()))
    assert states["Gate: look"]["Retry"] == []


def test_a_long_wait_looks_less_often(stack: Stack, asl: Callable[..., Any]) -> None:
    """An execution may have 25,000 events only."""
    state = ml.PipelineExecution(stack, "Run", pipeline="churn", timeout=Duration.days(60))
    pace = PollSchedule.within_quota(60 * DAY)
    assert pace.polls <= MOST_POLLS + 20
    assert f"$min([{pace.longest}, " in asl(stack, state)["Run: wait"]["Assign"]["waitRun"]


def test_what_is_drawn_has_to_be_written_in_jsonata(stack: Stack) -> None:
    """It is named before the definition is written."""
    late = sfn.JsonPath.string_at("States.Format('a-{}', $.b)")
    said = "job_name cannot be written in JSONata, in which the wait is: States.Format"
    with pytest.raises(ml.InvalidPropsError) as caught:
        automl(stack, "Find", job_name=late, job_name_prefix="a-")
    assert f"Census/Find: {said}" in str(caught.value)
