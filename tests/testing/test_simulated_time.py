"""The simulated clock."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from simulated_machines import call, catcher, given, machine, processing

from constructs_ml.testing import SimulationError, fails, returns, simulate, times_out

DAY = 86400


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ({"Seconds": 90}, 90),
        ({"SecondsPath": "$.seconds"}, 45),
        ({"Timestamp": "2026-01-02T00:00:00Z"}, DAY),
        ({"TimestampPath": "$.until"}, 3600),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, 0),
        ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.seconds * 2 %}"}, 90),
        ({"QueryLanguage": "JSONata", "Timestamp": "{% $states.input.until %}"}, 3600),
    ],
)
def test_waits_move_it(wait: dict[str, object], seconds: float) -> None:
    """All kinds of them."""
    given = {"seconds": 45, "until": "2026-01-01T02:00:00+01:00"}
    assert simulate(machine(Wait={"Type": "Wait", **wait}), input=given).waited == seconds


def test_states_see_it() -> None:
    """Timestamps of the context object, and JSONata's functions, move with it."""
    definition = machine(
        Wait={"Type": "Wait", "Seconds": 3600},
        See={
            "Type": "Pass",
            "Parameters": {"entered.$": "$$.State.EnteredTime", "started.$": "$$.Execution.StartTime"},
        },
        Tell={
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": "{% $merge([$states.input, {'now': $now(), 'millis': $millis(), 'day': $now('[Y]-[M01]-[D01]')}]) %}",
        },
    )
    assert simulate(definition, start=datetime(2030, 5, 6, 23, 30, tzinfo=timezone.utc)).output == {
        "started": "2030-05-06T23:30:00.000Z",
        "entered": "2030-05-07T00:30:00.000Z",
        "now": "2030-05-07T00:30:00.000Z",
        "millis": 1904344200000,
        "day": "2030-05-07",
    }


def test_a_job_takes_the_time_that_it_is_told_to_take() -> None:
    """Its description has the simulated times."""
    execution = simulate(machine(Job=processing()), {"Job": returns(after=1800)})
    assert execution.waited == 1800
    assert execution.output["ProcessingEndTime"] == 1767225600000 + 1800_000


@pytest.mark.parametrize(
    ("fields", "error", "seconds"),
    [
        ({"TimeoutSeconds": 100}, "States.Timeout", 100),
        ({"TimeoutSecondsPath": "$.limit"}, "States.Timeout", 50),
        ({"TimeoutSeconds": 100, "HeartbeatSeconds": 20}, "States.HeartbeatTimeout", 20),
    ],
)
def test_a_state_has_its_time(fields: dict[str, object], error: str, seconds: float) -> None:
    """What takes longer than a state has times out, told so or not."""
    for outcome in (times_out(), returns(after=1000)):
        definition = machine(Job=call("sqs:sendMessage.waitForTaskToken", Parameters={}, **fields))
        execution = simulate(definition, {"Job": outcome}, input={"limit": 50})
        assert (execution.error, execution.waited) == (error, seconds)


def test_a_time_limit_may_be_an_expression() -> None:
    """In JSONata."""
    job = call("sns:publish", QueryLanguage="JSONata", Arguments={}, TimeoutSeconds="{% $states.input.limit * 2 %}")
    assert simulate(machine(Job=job), {"Job": times_out()}, input={"limit": 30}).waited == 60


def test_a_state_without_a_limit_cannot_time_out() -> None:
    """Step Functions would wait for it for three years."""
    with pytest.raises(SimulationError, match=r"Job cannot time out, as it has no TimeoutSeconds; pass task_timeout="):
        simulate(machine(Job=processing()), {"Job": times_out()})


def test_the_execution_has_its_time_too() -> None:
    """At its end everything stops, and nothing is caught."""
    definition = machine(Job=processing(Catch=[catcher("Sorry", "States.ALL")], End=True), Sorry=given(1))
    execution = simulate({**definition, "TimeoutSeconds": 500}, {"Job": returns(after=501)})
    assert (execution.status, execution.error, execution.waited) == ("TIMED_OUT", "States.Timeout", 500)
    assert (execution.path, execution.stopped, execution.output) == (("Job",), ("Job",), None)
    in_time = simulate({**definition, "TimeoutSeconds": 500}, {"Job": returns(after=500)})
    assert (in_time.status, in_time.waited) == ("SUCCEEDED", 500)


def test_branches_wait_at_the_same_time() -> None:
    """The longest of them counts."""
    both = {
        "Type": "Parallel",
        "Branches": [machine(Slow=processing()), machine(Quick=processing(), After={"Type": "Wait", "Seconds": 10})],
    }
    execution = simulate(machine(Both=both), {"Slow": returns(after=100), "Quick": returns(after=20)})
    assert execution.waited == 100


def test_the_time_of_an_execution_ends_its_branches() -> None:
    """Whatever they wait for."""
    both = {"Type": "Parallel", "Branches": [machine(A=processing()), machine(B={"Type": "Wait", "Seconds": DAY})]}
    execution = simulate({**machine(Both=both), "TimeoutSeconds": 60}, {"A": returns(after=DAY)})
    assert (execution.status, execution.waited, execution.stopped) == ("TIMED_OUT", 60, ("A",))


def test_what_takes_time_may_fail_at_its_end() -> None:
    """A failure has a time like a success."""
    assert simulate(machine(Job=processing()), {"Job": fails("AlgorithmError: x", after=7)}).waited == 7
