"""The branch of states that waits, on its own."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.asl.polling import MOST_POLLS, NAME_LENGTH, Failure, PollLoop, PollSchedule, PollSpec

DAY = 86_400


def wait(**changes: Any) -> PollSpec:
    props: dict[str, Any] = {
        "resource": "aws-sdk:sagemaker:describePipelineExecution",
        "arguments": {"PipelineExecutionArn": "{% $states.input.Arn %}"},
        "status": "Status",
        "done": ("Succeeded",),
        "running": ("Executing", "Stopping"),
        "error": "Run",
        "what": "the run",
        "pace": PollSchedule(DAY),
        "stop": ("aws-sdk:sagemaker:stopPipelineExecution", {"PipelineExecutionArn": "{% $states.input.Arn %}"}),
    }
    return PollSpec.for_status(**{**props, **changes})


def branch(**changes: Any) -> dict[str, Any]:
    props: dict[str, Any] = {
        "name": "Run",
        "partition": "aws",
        "variable": "waitRun",
        "start": {"Resource": "arn:aws:states:::aws-sdk:sagemaker:startPipelineExecution"},
        "wait": wait(),
        "output": "$states.input",
    }
    return PollLoop(**{**props, **changes}).to_asl()


@cache
def parsed(text: str) -> jsonata.Jsonata:
    """Parsing takes longer than evaluating, and a wait evaluates the same expressions at every look."""
    return jsonata.Jsonata(text.removeprefix("{%").removesuffix("%}"))


def evaluate(text: str, data: Any = None, variable: Any = None, result: Any = None) -> Any:
    """A JSONata expression as Step Functions evaluates it."""
    return parsed(text).evaluate(None, {"states": {"input": data, "result": result}, "waitRun": variable})


def looks(asl: dict[str, Any], deadline: float) -> list[float]:
    """The waits until the deadline, of something that never ends."""
    states = asl["States"]
    count = states["Run: begin"]["Assign"]["waitRun"]
    waits = []
    running = states["Run: ended?"]["Choices"][1]["Condition"]
    while True:
        waits.append(evaluate(states["Run: wait"]["Seconds"], variable=count))
        count = evaluate(states["Run: wait"]["Assign"]["waitRun"], variable=count)
        if not evaluate(running, {"Status": "Executing"}, count):
            assert count["waited"] >= deadline
            return waits


def test_a_day_takes_about_a_hundred_looks_of_three_transitions() -> None:
    """Waits grow from half a minute to a quarter of an hour; a fixed wait of a minute takes 1,440 looks."""
    waits = looks(branch(), DAY)
    assert waits[:6] == [30, 45, 68, 102, 153, 230]
    assert max(waits) == 900
    assert len(waits) == PollSchedule(DAY).polls == 103
    assert sum(waits) == DAY


@given(st.integers(1, DAY), st.integers(1, 60), st.integers(60, 3600))
def test_the_waits_add_up_to_the_deadline(deadline: int, first: int, longest: int) -> None:
    """It is neither missed by a wait nor passed by one; the looks are known beforehand."""
    pace = PollSchedule(deadline, first, longest)
    waits = looks(branch(wait=wait(pace=pace)), deadline)
    assert sum(waits) == deadline
    assert len(waits) == pace.polls
    assert all(0 < each <= longest for each in waits)


def test_a_year_has_no_more_events_than_an_execution_may_have() -> None:
    """Its waits are longer."""
    assert PollSchedule.within_quota(DAY) == PollSchedule(DAY)
    assert PollSchedule.within_quota(365 * DAY).polls <= MOST_POLLS + 20


@pytest.mark.parametrize(
    ("status", "waited", "following"),
    [
        ("Succeeded", 60, "Run: done"),
        ("Succeeded", DAY, "Run: done"),
        ("Executing", 60, "Run: wait"),
        ("Stopping", 60, "Run: wait"),
        ("Executing", DAY, "Run: stop"),
        ("Stopping", DAY, "Run: stop"),
        ("Failed", 60, "Run: failed"),
        ("Stopped", 60, "Run: failed"),
        ("AStatusOfLater", 60, "Run: failed"),
        (None, 60, "Run: failed"),
    ],
)
def test_what_follows_a_look(status: str | None, waited: int, following: str) -> None:
    """Only a success goes on; what is unknown is a failure."""
    choice = branch()["States"]["Run: ended?"]
    data = {"Status": status} if status else {}
    found = (rule["Next"] for rule in choice["Choices"] if evaluate(rule["Condition"], data, {"waited": waited}))
    assert next(found, choice["Default"]) == following


def test_a_failure_says_which_status_and_why() -> None:
    failed = branch()["States"]["Run: failed"]
    data = {"Status": "Failed", "FailureReason": 'it\'s "odd"'}
    assert evaluate(failed["Error"], data) == "RunFailed"
    assert evaluate(failed["Cause"], data) == 'the run ended as Failed: it\'s "odd"'
    assert evaluate(failed["Cause"], {"Status": "Stopped"}) == "the run ended as Stopped"


def test_the_deadline_stops_what_runs_if_asked() -> None:
    states = branch()["States"]
    assert states["Run: stop"]["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "Run: late"}]
    assert states["Run: late"]["Error"] == "RunTimedOut"
    left = branch(wait=wait(stop=None))["States"]
    assert "Run: stop" not in left
    assert left["Run: ended?"]["Choices"][2]["Next"] == "Run: late"
    assert left["Run: late"]["Cause"] == "the run did not end within 86400 s; it goes on"


def test_every_state_is_reached_and_none_is_missing() -> None:
    for asl in (branch(taken="Taken"), branch(wait=wait(stop=None))):
        named = {asl["StartAt"], *_targets(asl["States"])}
        assert named == set(asl["States"])


def test_names_stay_within_what_step_functions_allows() -> None:
    names = branch(name="x" * NAME_LENGTH)["States"]
    assert max(map(len, names)) == NAME_LENGTH
    assert len(set(names)) == len(names)


def test_a_description_keeps_what_is_asked_for_again() -> None:
    output = branch(wait=wait(keeps=("Arn",)))["States"]["Run: look"]["Output"]
    assert evaluate(output, {"Arn": "a", "Status": "x"}, result={"Status": "y"}) == {"Arn": "a", "Status": "y"}


def test_of_a_description_only_what_is_read_is_kept() -> None:
    """A whole description may be more than a state may hand on, which would fail what succeeded."""
    output = branch(output='{"Arn": $states.input.`Run Arn`}')["States"]["Run: look"]["Output"]
    described = {"Status": "Failed", "FailureReason": "no", "Run Arn": "a", "Huge": "x" * 300_000}
    assert evaluate(output, {}, result=described) == {"Status": "Failed", "FailureReason": "no", "Run Arn": "a"}


def test_all_of_it_is_kept_if_all_is_handed_on() -> None:
    """With ``Result.FULL`` the last description is the result."""
    output = branch(output='$merge([$waitRun.input, {"Run": $states.input}])')["States"]["Run: look"]["Output"]
    assert evaluate(output, {}, result={"Status": "x", "More": 1}) == {"Status": "x", "More": 1}


def _targets(states: dict[str, Any]) -> list[str]:
    found = []
    for state in states.values():
        parts = [state, *state.get("Choices", []), *state.get("Catch", [])]
        found += [part[key] for part in parts for key in ("Next", "Default") if key in part]
    return found


OTHERS: dict[str, Any] = {
    "resource": "aws-sdk:sagemaker:describeEndpoint",
    "arguments": {"EndpointName": "{% $waitRun.name %}"},
    "ends": {"done": "$states.input.Status = 'InService'", "make": "$exists($states.input.Error)"},
    "running": "$states.input.Status = 'Creating'",
    "failures": {"failed": Failure("No", "why"), "late": Failure("Late", "late")},
    "pace": PollSchedule(DAY),
    "acts": {"make": {"Resource": "arn:aws:states:::sagemaker:createEndpoint"}},
    "keeps": ("Started",),
    "caught": "NotThere",
}


def test_what_begins_by_looking_may_act_on_what_it_finds() -> None:
    """With the input of the branch, whatever was found; then it is waited again."""
    asl = branch(start=None, wait=PollSpec(**OTHERS))
    states = asl["States"]
    assert states[asl["StartAt"]]["Next"] == "Run: look"
    assert states["Run: begin"]["Assign"]["waitRun"]["input"] == "{% $states.input %}"
    rule = states["Run: ended?"]["Choices"][1]
    assert (rule["Next"], rule["Output"]) == ("Run: make", "{% $waitRun.input %}")
    assert states["Run: make"]["Next"] == "Run: wait"
    assert {asl["StartAt"], *_targets(states)} == set(states)


def test_an_error_may_be_something_that_is_found() -> None:
    """It is not tried again, unlike others, and what is kept is kept."""
    look = branch(start=None, wait=PollSpec(**OTHERS))["States"]["Run: look"]
    assert look["Retry"][0]["ErrorEquals"] == ["NotThere"]
    assert look["Retry"][0]["MaxAttempts"] == 0
    assert look["Retry"][1]["ErrorEquals"] == ["States.TaskFailed"]
    (caught,) = look["Catch"]
    assert caught["ErrorEquals"] == ["NotThere"]
    assert caught["Next"] == "Run: ended?"
    assert caught["Output"] == "{% $merge([{'Started': $states.input.Started}, $states.errorOutput]) %}"
