"""Retries and catches are those of the definition; their waits pass on the simulated clock only."""

from __future__ import annotations

import re
import time

import pytest
from simulated_machines import END, FAIL, call, catcher, given, machine, processing, retrier

from constructs_ml.testing import capacity, fails, raises, returns, simulate, throttled, times_out

THROTTLED = "SageMaker.AmazonSageMakerException"


def test_each_wait_is_longer_than_the_one_before() -> None:
    """The interval grows by the backoff rate, beyond the minute that MiniStack waits at most."""
    job = processing(Retry=[retrier(THROTTLED, IntervalSeconds=10, BackoffRate=3, MaxAttempts=4)])
    execution = simulate(machine(Job=job), {"Job": throttled(4)})
    assert (execution.attempts("Job"), execution.waited) == (5, 10 + 30 + 90 + 270)


def test_a_wait_has_an_end() -> None:
    """MaxDelaySeconds cuts each of them."""
    job = processing(Retry=[retrier(THROTTLED, IntervalSeconds=10, BackoffRate=3, MaxAttempts=4, MaxDelaySeconds=60)])
    assert simulate(machine(Job=job), {"Job": throttled(4)}).waited == 10 + 30 + 60 + 60


def test_without_numbers_the_defaults_of_the_language_hold() -> None:
    """One second, doubled, three times."""
    execution = simulate(machine(Job=processing(Retry=[retrier(THROTTLED)])), {"Job": throttled()})
    assert (execution.status, execution.attempts("Job"), execution.waited) == ("FAILED", 4, 1 + 2 + 4)


def test_jitter_is_drawn_from_the_seed() -> None:
    """The same seed gives the same waits, each between nothing and its length."""
    job = machine(Job=processing(Retry=[retrier(THROTTLED, IntervalSeconds=100, MaxAttempts=3, JitterStrategy="FULL")]))
    waits = [simulate(job, {"Job": throttled(3)}, seed=seed).waited for seed in (0, 0, 1)]
    assert waits[0] == waits[1] != waits[2]
    assert all(0 < wait < 700 for wait in waits)


def test_an_hour_of_waits_takes_no_time() -> None:
    """Only the simulated clock moves."""
    job = processing(Retry=[retrier(THROTTLED, IntervalSeconds=3600, MaxAttempts=3)])
    began = time.monotonic()
    assert simulate(machine(Job=job), {"Job": throttled(3)}).waited == 7 * 3600
    assert time.monotonic() - began < 5


def test_a_name_is_drawn_anew_at_each_attempt() -> None:
    """The requests of all attempts are kept."""
    execution = simulate(machine(Job=processing(Retry=[retrier("States.ALL", MaxAttempts=9)])), {"Job": capacity(9)})
    names = [request["ProcessingJobName"] for request in execution.requests("Job")]
    assert len(set(names)) == len(names) == 10
    assert all(re.fullmatch(r"p-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name) for name in names)


def test_each_retrier_has_attempts_of_its_own() -> None:
    """The first that matches decides."""
    entries = [retrier(THROTTLED, MaxAttempts=2, IntervalSeconds=1), retrier("States.ALL", MaxAttempts=1)]
    outcomes = [throttled(), fails("x"), throttled(), fails("y")]
    execution = simulate(machine(Job=processing(Retry=entries)), {"Job": outcomes})
    assert (execution.error, execution.attempts("Job")) == ("States.TaskFailed", 4)


@pytest.mark.parametrize(
    ("names", "error", "caught"),
    [
        (["States.ALL"], "Any.Error", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", False),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.TaskFailed"], "Any.Error", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.Runtime", False),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["Another.Error"], "Any.Error", False),
    ],
)
def test_wildcards_match_what_step_functions_lets_them_match(names: list[str], error: str, caught: bool) -> None:
    """Two errors are beyond them, and one cannot be caught at all."""
    definition = machine(Job=processing(Catch=[catcher("Sorry", *names)], End=True), Sorry=END)
    execution = simulate(definition, {"Job": raises(error)})
    assert (execution.status == "SUCCEEDED") is caught
    assert execution.path == (("Job", "Sorry") if caught else ("Job",))
    assert execution.errors("Job") == (error,)


def test_a_catch_hands_on_the_error() -> None:
    """Its ResultPath keeps the input."""
    definition = machine(
        Job=processing(Catch=[catcher("Sorry", "States.TaskFailed", ResultPath="$.why")], End=True), Sorry=FAIL
    )
    execution = simulate(definition, {"Job": fails("AlgorithmError: x")}, input={"kept": 1})
    assert (execution.error, execution.cause) == ("Sorry", "it failed")
    assert execution.errors("Sorry") == ("Sorry",)
    (handed,) = execution.outputs("Job")
    assert handed["kept"] == 1
    assert handed["why"]["Error"] == "States.TaskFailed"
    assert "AlgorithmError: x" in handed["why"]["Cause"]


def test_a_state_knows_how_often_it_was_tried() -> None:
    """The context object counts."""
    job = call(
        "lambda:invoke", Parameters={"Payload": {"tried.$": "$$.State.RetryCount"}}, Retry=[retrier("States.ALL")]
    )
    execution = simulate(machine(Job=job), {"Job": [raises("E", times=2), returns({"Payload": "done"})]})
    assert [request["Payload"]["tried"] for request in execution.requests("Job")] == [0, 1, 2]


def test_a_parallel_is_tried_again_as_a_whole() -> None:
    """Its branches begin anew."""
    both = {
        "Type": "Parallel",
        "Branches": [machine(First=processing()), machine(Second=processing())],
        "Retry": [retrier("States.TaskFailed", IntervalSeconds=30)],
    }
    execution = simulate(machine(Both=both), {"Second": [fails("InternalServerError: x")]})
    assert execution.status == "SUCCEEDED"
    assert [execution.attempts(name) for name in ("Both", "First", "Second")] == [2, 2, 2]
    assert execution.paths("Both") == (("First",), ("Second",)) * 2
    assert execution.waited == 30


def test_a_timeout_is_retried_only_where_it_is_named() -> None:
    """The attempt takes all of the state's time."""
    job = processing(TimeoutSeconds=600, Retry=[retrier("States.Timeout", MaxAttempts=1, IntervalSeconds=5)])
    execution = simulate(machine(Job=job), {"Job": times_out()})
    assert (execution.error, execution.attempts("Job"), execution.waited) == ("States.Timeout", 2, 600 + 5 + 600)
    assert execution.stopped == ("Job", "Job")


def test_a_loop_tries_a_state_again_and_again() -> None:
    """Attempts are counted over all times that it is entered, and so are outcomes."""
    definition = machine(
        Begin=given(0, ResultPath="$.seen"),
        Job=processing(ResultPath="$.job"),
        Count={"Type": "Pass", "Parameters": {"seen.$": "States.MathAdd($.seen, 1)"}},
        Again={
            "Type": "Choice",
            "Choices": [{"Variable": "$.seen", "NumericLessThan": 3, "Next": "Job"}],
            "Default": "Done",
        },
        Done=END,
    )
    told = [returns({"ExitMessage": text}) for text in "ab"]
    execution = simulate(definition, {"Job": told})
    assert execution.attempts("Job") == 3
    assert [output["job"].get("ExitMessage") for output in execution.outputs("Job")] == ["a", "b", None]
