"""What is wrong with a script is told, with what to write instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from simulated_machines import FAIL, call, catcher, given, machine, processing, retrier

from constructs_ml.testing import SimulationError, capacity, fails, returns, simulate, stopped, throttled

BOTH = {
    "Type": "Parallel",
    "Branches": [machine(Prepare=processing()), machine(Train=processing())],
    "Catch": [catcher("Sorry", "States.ALL")],
    "End": True,
}
DEFINITION = machine(
    Check={"Type": "Choice", "Choices": [], "Default": "Both"},
    Both=BOTH,
    Sorry=given("sorry", End=True),
    Unreached=processing(),
)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ({"Trian": fails("x")}, "there is no state 'Trian' in the definition; did you mean Train?"),
        ({"Zzz": fails("x")}, "there is no state 'Zzz' in the definition; it has Check, Both, Prepare, Train, Sorry"),
        (
            {"Both": fails("x")},
            "Both is a Parallel, which makes no call itself; script the states in it: Prepare, Train",
        ),
        ({"Check": fails("x")}, "Check is a Choice, which makes no call itself; script a Task"),
        ({"Train": "fails"}, "Train: its outcomes must be one, a list of them or a function, got 'fails'; write one"),
        ({"Train": [fails]}, "Train: a list must hold outcomes, got <function fails"),
        ({"Train": lambda *_: "fails"}, "Train: the function must return an outcome or None, got 'fails'; write one"),
        (
            {"Unreached": throttled(1)},
            "Unreached is scripted, but the execution never ran it: Check -> Both (SUCCEEDED)",
        ),
        ({"Train": throttled(9)}, "Train: 8 outcomes are left over, as it was attempted once; remove the unused ones"),
        ({"Train": [returns(), fails("x")]}, "Train: 1 outcome is left over, as it was attempted once"),
        ({"Train": returns("text")}, "DescribeProcessingJob answers an object, got returns('text')"),
        ({"Train": returns({"ExitMesage": ""})}, "has no member 'ExitMesage'; did you mean ExitMessage?"),
        (
            {"Train": returns({"ProcessingOutputConfig": {"Outputs": [{"Name": ""}]}})},
            "DescribeProcessingJob.ProcessingOutputConfig.Outputs[0] has no member 'Name'; it has OutputName",
        ),
        (
            {"Train": returns({"ProcessingJobStatus": "Complete"})},
            "ProcessingJobStatus is never 'Complete'; it is one of Completed, Failed",
        ),
    ],
)
def test_a_wrong_script_is_refused(script: dict[str, Any], message: str) -> None:
    """The message names the state, what was got and the fix."""
    with pytest.raises(SimulationError, match=re.escape(message)):
        simulate(DEFINITION, script)


@pytest.mark.parametrize("outcome", [stopped(), fails("x"), capacity()])
def test_what_starts_nothing_cannot_fail_later(outcome: Any) -> None:
    """A model is made at once or refused."""
    make = call(
        "sagemaker:createModel", Parameters={"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::111122223333:role/r"}
    )
    with pytest.raises(SimulationError, match=r"Make: CreateModel starts nothing .*; write refused\("):
        simulate(machine(Make=make), {"Make": outcome})


def test_a_status_that_there_is_not_is_told() -> None:
    """An endpoint is never stopped."""
    look = call("aws-sdk:sagemaker:describeEndpoint", Parameters={"EndpointName": "e"})
    with pytest.raises(SimulationError, match="DescribeEndpoint never returns Stopped: EndpointStatus is one of"):
        simulate(machine(Look=look), {"Look": stopped()})


def test_what_a_describe_call_answers_nothing_to_is_told() -> None:
    """StopTrainingJob has no response."""
    stop = call("aws-sdk:sagemaker:stopTrainingJob", Parameters={"TrainingJobName": "t"})
    with pytest.raises(SimulationError, match=r"StopTrainingJob returns nothing, got returns\(\{'a': 1\}\)"):
        simulate(machine(Stop=stop), {"Stop": returns({"a": 1})})


def test_outcomes_may_be_left_over_if_one_says_so() -> None:
    """How many is told then."""
    execution = simulate(DEFINITION, {"Train": throttled(9), "Unreached": [fails("x")]}, strict=False)
    assert execution.unused == {"Train": 8, "Unreached": 1}
    assert (execution.path, execution.output) == (("Check", "Both", "Sorry"), "sorry")


def test_what_a_function_of_the_script_raises_comes_out() -> None:
    """It is no error of the state."""

    def choose(_request: Any, _attempt: int) -> None:
        raise KeyError("mine")

    definition = machine(Job=processing(Catch=[catcher("Sorry", "States.ALL")], End=True), Sorry=given(1))
    for inner in (definition, DEFINITION):
        with pytest.raises(KeyError, match="mine"):
            simulate(inner, {"Job" if inner is definition else "Train": choose})


def test_what_is_returned_is_json() -> None:
    """Anything else is an error of the test, not of the state."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        simulate(machine(Call=call("sns:publish")), {"Call": returns({1, 2})})


def test_an_endless_loop_ends() -> None:
    """After as many events as an execution may have, with the names of its states."""
    definition = machine(A=given(1), B=given(2), C=given(3, Next="B"))
    with pytest.raises(
        SimulationError, match=r"25000 events without an end, .* it goes round in B, C|goes round in C, B"
    ):
        simulate(definition)


def test_an_endless_loop_in_a_branch_ends() -> None:
    """The other branches end with it."""
    loop = machine(A=processing(Retry=[retrier("States.ALL", MaxAttempts=99999999, BackoffRate=1)]))
    both = {"Type": "Parallel", "Branches": [loop, machine(B=processing())]}
    with pytest.raises(SimulationError, match="it goes round in A"):
        simulate(machine(Both=both), {"A": throttled()})


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            lambda execution: execution.attempts("Trian"),
            "there is no state 'Trian' in the definition; did you mean Train?",
        ),
        (lambda execution: execution.requests("X"), "there is no state 'X' in the definition; it has Check, Both"),
        (lambda execution: execution.outputs("X"), "there is no state 'X'"),
        (lambda execution: execution.errors("X"), "there is no state 'X'"),
        (lambda execution: execution.paths("X"), "there is no state 'X'"),
    ],
)
def test_a_question_about_no_state_is_told(asked: Any, message: str) -> None:
    """A misspelt name would otherwise never have been tried."""
    with pytest.raises(SimulationError, match=re.escape(message)):
        asked(simulate(DEFINITION))


def test_a_state_that_was_not_reached_was_not_tried() -> None:
    """It has no requests, outputs or errors."""
    execution = simulate(DEFINITION)
    assert execution.attempts("Unreached") == 0
    nothing = (execution.requests, execution.outputs, execution.errors, execution.paths)
    assert [asked("Unreached") for asked in nothing] == [()] * 4


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({}, "a definition has StartAt and States, got an object with nothing; pass a state machine"),
        ({"states": {}}, "got an object with states"),
        (
            machine(A={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $sum( %}"}),
            "Step Functions refuses the definition: INVALID_JSONATA_EXPRESSION",
        ),
        (
            machine(
                A={"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
                B={
                    "Type": "Parallel",
                    "Branches": [machine(C={"Type": "Pass", "Assign": {"x": 2}, "End": True})],
                    "End": True,
                },
            ),
            "Step Functions refuses the definition: SCHEMA_VALIDATION_FAILED: C: Assign.x assigns $x, which the outer state A assigns too",
        ),
        (
            machine(A={"Type": "Pass", "Assign": {"x.y": 1}, "End": True}),
            "A: Assign.x.y assigns 'x.y', which is not a valid variable name",
        ),
        (machine(A=call("aws-sdk:sagemaker:creatModel")), "has no CreatModel; did you mean CreateModel?"),
    ],
)
def test_a_wrong_definition_is_told(definition: dict[str, Any], message: str) -> None:
    """Before or when it matters."""
    with pytest.raises(Exception, match=re.escape(message)):
        simulate(definition)


def test_a_failed_execution_is_no_error() -> None:
    """The result tells it."""
    execution = simulate(machine(Bad=FAIL))
    assert (execution.status, execution.error, execution.cause, execution.path) == (
        "FAILED",
        "Sorry",
        "it failed",
        ("Bad",),
    )
