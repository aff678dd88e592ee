"""Branches that wait, in full, as they are reviewed: every field of every state."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.asl.expressions import Path
from constructs_ml.asl.polling import MOST_POLLS, NAME_LENGTH, Failure, PollLoop, PollSchedule, PollSpec, inner_name
from constructs_ml.asl.retry import Retrier

RETRY = {
    "ErrorEquals": ["States.TaskFailed"],
    "IntervalSeconds": 5,
    "MaxAttempts": 6,
    "BackoffRate": 2.0,
    "MaxDelaySeconds": 120,
    "JitterStrategy": "FULL",
}
STOP = "aws-sdk:sagemaker:stopPipelineExecution"
RUN = {
    "resource": "aws-sdk:sagemaker:describePipelineExecution",
    "arguments": {"PipelineExecutionArn": Path("$.Arn")},
    "status": "Status",
    "done": ("Succeeded",),
    "running": ("Executing", "Stopping"),
    "error": "Run",
    "what": "the run",
    "pace": PollSchedule(600),
}
ENDPOINT: dict[str, Any] = {
    "resource": "aws-sdk:sagemaker:describeEndpoint",
    "arguments": {"EndpointName": Path("$waitIt.name", "$waitIt.name")},
    "ends": {"done": "$states.input.Status = 'InService'", "make": "$exists($states.input.Error)"},
    "running": "$states.input.Status = 'Creating'",
    "failures": {"failed": Failure("No", "{% $states.input.Why %}"), "late": Failure("Late", "late")},
    "pace": PollSchedule(20),
    "acts": {"make": {"Resource": "arn:aws:states:::sagemaker:createEndpoint"}},
    "keeps": ("Started",),
    "caught": "NotThere",
    "retry": (Retrier(errors=("A",)),),
}


def jsonata(kind: str, **fields: Any) -> dict[str, Any]:
    """A state in JSONata."""
    return {"Type": kind, "QueryLanguage": "JSONata", **fields}


def states(**branch: Any) -> dict[str, Any]:
    """The states of a branch, by what they are called in it."""
    asl = PollLoop(partition="aws-cn", variable="waitIt", **branch).to_asl()
    assert asl.keys() == {"StartAt", "States"}
    assert asl["StartAt"] == "It: begin"
    assert all(name.startswith("It: ") for name in asl["States"])
    return {name.removeprefix("It: "): state for name, state in asl["States"].items()}


def test_a_branch_that_begins_something_and_stops_it_at_the_deadline() -> None:
    """The input, what was drawn and the count last; the first state in a query language of its own is the user's."""
    found = states(
        name="It",
        wait=PollSpec.for_status(**RUN, stop=(STOP, {"Arn": Path("$.Arn")})),
        output="$states.input.PipelineExecutionArn",
        start={"Resource": "arn:start", "Arguments": {"A": 1}},
        drawn={"token": Path("States.UUID()", "$uuid()")},
        taken="Taken",
    )

    left = "600 - $waitIt.waited - $waitIt.wait"
    following = f"$min([900, $ceil($waitIt.wait * 1.5), $max([1, {left}])])"
    counted = f"$merge([$waitIt, {{'waited': $waitIt.waited + $waitIt.wait, 'wait': {following}}}])"
    reason = "($exists($states.input.FailureReason) ? ': ' & $states.input.FailureReason : '')"
    read = ("PipelineExecutionArn", "Status", "FailureReason")
    kept = ", ".join(f"'{name}': $states.result.{name}" for name in read)
    task = {"Arguments": {"PipelineExecutionArn": "{% $states.input.Arn %}"}, "Retry": [RETRY]}
    assert found == {
        "begin": jsonata(
            "Pass",
            Assign={"waitIt": {"token": "{% $uuid() %}", "input": "{% $states.input %}", "waited": 0, "wait": 30}},
            Next="It: start",
        ),
        "start": {
            "Type": "Task",
            "Resource": "arn:start",
            "Arguments": {"A": 1},
            "Next": "It: wait",
            "Catch": [{"ErrorEquals": ["Taken"], "Next": "It: wait"}],
        },
        "wait": jsonata("Wait", Seconds="{% $waitIt.wait %}", Assign={"waitIt": f"{{% {counted} %}}"}, Next="It: look"),
        "look": jsonata(
            "Task",
            Resource="arn:aws-cn:states:::aws-sdk:sagemaker:describePipelineExecution",
            **task,
            Output=f"{{% {{{kept}}} %}}",
            Next="It: ended?",
        ),
        "ended?": jsonata(
            "Choice",
            Choices=[
                {"Condition": "{% $states.input.Status in ['Succeeded'] %}", "Next": "It: done"},
                {
                    "Condition": "{% ($states.input.Status in ['Executing', 'Stopping']) and $waitIt.waited < 600 %}",
                    "Next": "It: wait",
                },
                {"Condition": "{% $states.input.Status in ['Executing', 'Stopping'] %}", "Next": "It: stop"},
            ],
            Default="It: failed",
        ),
        "done": jsonata("Pass", Output="{% $states.input.PipelineExecutionArn %}", End=True),
        "failed": jsonata(
            "Fail",
            Error="{% 'Run' & $states.input.Status %}",
            Cause=f"{{% 'the run ended as ' & $states.input.Status & {reason} %}}",
        ),
        "late": jsonata("Fail", Error="RunTimedOut", Cause="the run did not end within 600 s and was told to stop"),
        "stop": jsonata(
            "Task",
            Resource=f"arn:aws-cn:states:::{STOP}",
            Arguments={"Arn": "{% $states.input.Arn %}"},
            Retry=[RETRY],
            Catch=[{"ErrorEquals": ["States.ALL"], "Next": "It: late"}],
            Next="It: late",
        ),
    }


def test_a_branch_that_begins_by_looking_and_acts_on_what_it_finds() -> None:
    """An error may be what it finds; nothing is stopped, and no wait is longer than the time."""
    found = states(name="It", wait=PollSpec(**ENDPOINT), output="$states.input.Arn")
    started = "'Started': $states.input.Started"

    assert {name: found[name] for name in ("begin", "look", "ended?", "done", "make", "failed", "late")} == {
        "begin": jsonata(
            "Pass", Assign={"waitIt": {"input": "{% $states.input %}", "waited": 0, "wait": 20}}, Next="It: look"
        ),
        "look": jsonata(
            "Task",
            Resource="arn:aws-cn:states:::aws-sdk:sagemaker:describeEndpoint",
            Arguments={"EndpointName": "{% $waitIt.name %}"},
            Retry=[
                {"ErrorEquals": ["NotThere"], "IntervalSeconds": 1, "MaxAttempts": 0, "BackoffRate": 2.0},
                {"ErrorEquals": ["A"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2.0},
            ],
            Output="{% {'Arn': $states.result.Arn, 'Status': $states.result.Status, 'Why': $states.result.Why, "
            f"{started}}} %}}",
            Catch=[
                {
                    "ErrorEquals": ["NotThere"],
                    "Output": f"{{% {{'Error': $states.errorOutput.Error, {started}}} %}}",
                    "Next": "It: ended?",
                }
            ],
            Next="It: ended?",
        ),
        "ended?": jsonata(
            "Choice",
            Choices=[
                {"Condition": "{% $states.input.Status = 'InService' %}", "Next": "It: done"},
                {
                    "Condition": "{% $exists($states.input.Error) %}",
                    "Next": "It: make",
                    "Output": "{% $waitIt.input %}",
                },
                {
                    "Condition": "{% ($states.input.Status = 'Creating') and $waitIt.waited < 20 %}",
                    "Next": "It: wait",
                },
                {"Condition": "{% $states.input.Status = 'Creating' %}", "Next": "It: late"},
            ],
            Default="It: failed",
        ),
        "done": jsonata("Pass", Output="{% $states.input.Arn %}", End=True),
        "make": jsonata("Task", Resource="arn:aws:states:::sagemaker:createEndpoint", Next="It: wait"),
        "failed": jsonata("Fail", Error="No", Cause="{% $states.input.Why %}"),
        "late": jsonata("Fail", Error="Late", Cause="late"),
    }
    assert list(found) == ["begin", "wait", "look", "ended?", "done", "make", "failed", "late"]


def test_without_an_error_that_is_caught_nothing_is_caught() -> None:
    """Then ``Error`` and ``Cause`` are members of the description like any other."""
    wait = PollSpec(**{**ENDPOINT, "caught": None, "keeps": (), "running": "$states.input.Cause = 'x'"})
    look = states(name="It", wait=wait, output="$states.input.`X-Error X`")["look"]

    assert "Catch" not in look
    assert [entry["ErrorEquals"] for entry in look["Retry"]] == [["A"]]
    read = ", ".join(f"'{name}': $states.result.{name}" for name in ("Cause", "Status", "Error", "Why"))
    assert look["Output"] == f"{{% {{'X-Error X': $states.result.`X-Error X`, {read}}} %}}"


def test_a_start_that_nobody_else_can_have_made_catches_nothing() -> None:
    """Its failure is the branch's."""
    found = states(name="It", wait=PollSpec.for_status(**RUN), output="$states.input", start={"Resource": "arn:start"})

    assert found["start"] == {"Type": "Task", "Resource": "arn:start", "Next": "It: wait"}
    assert found["late"]["Cause"] == "the run did not end within 600 s; it goes on"
    assert "stop" not in found
    assert found["ended?"]["Choices"][-1]["Next"] == "It: late"


def test_all_that_was_found_is_kept_if_the_output_reads_all_of_it() -> None:
    """With what the look's input kept, and the error as well."""
    alone = states(name="It", wait=PollSpec(**{**ENDPOINT, "keeps": ()}), output="$states.input")["look"]
    beside = states(name="It", wait=PollSpec(**ENDPOINT), output="$merge([$states.input, {}])")["look"]

    assert (alone["Output"], alone["Catch"][0]["Output"]) == ("{% $states.result %}", "{% $states.errorOutput %}")
    assert beside["Output"] == "{% $merge([{'Started': $states.input.Started}, $states.result]) %}"


def test_what_a_wait_does_by_default() -> None:
    """It goes on at the deadline, acts on nothing, keeps nothing and catches nothing."""
    plain = PollSpec.for_status(**RUN)

    assert (plain.acts, plain.keeps, plain.caught, plain.stop) == ({}, (), None, None)
    assert list(plain.ends) == ["done"]
    assert PollSpec.for_status(**RUN, keeps=("A",), caught="B").keeps == ("A",)
    assert PollSpec.for_status(**RUN, keeps=("A",), caught="B").caught == "B"


@pytest.mark.parametrize(
    ("pace", "looks"),
    [
        (PollSchedule(1), 1),
        (PollSchedule(30), 1),
        (PollSchedule(31), 2),
        (PollSchedule(75), 2),
        (PollSchedule(76), 3),
        (PollSchedule(100, first=100, longest=100), 1),
        (PollSchedule(101, first=100, longest=100), 2),
        (PollSchedule(250, first=50, longest=100), 4),
        (PollSchedule(251, first=1, longest=2), 126),
    ],
)
def test_the_looks_are_known_beforehand(pace: PollSchedule, looks: int) -> None:
    """Waits of 30, 45, 68, ... seconds; the last ends at the deadline."""
    assert pace.polls == looks


def test_the_longest_wait_grows_where_looks_would_be_too_many() -> None:
    """A quarter of an hour up to 22 days; beyond, what leaves 2,200 looks."""
    assert PollSchedule.within_quota(900 * MOST_POLLS) == PollSchedule(1_980_000, first=30, longest=900)
    assert PollSchedule.within_quota(900 * MOST_POLLS + 1) == PollSchedule(1_980_001, first=30, longest=901)


@pytest.mark.parametrize(("length", "kept"), [(1, 1), (NAME_LENGTH - 6, 74), (NAME_LENGTH - 5, 74), (200, 74)])
def test_the_name_of_an_inner_state_is_cut_in_front(length: int, kept: int) -> None:
    """What it does stays readable."""
    assert inner_name("x" * length, "wait") == f"{'x' * kept}: wait"
