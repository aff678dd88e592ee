"""What the analysis says of a definition is what the emulator's interpreter does with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flow_programs import OBJECTS, SHALLOW, fits, passes, scopes
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from jsonata import Jsonata  # noqa: F401 - it sets the limit of recursion: hypothesis would take that for a test's doing
from support.workflows import census_machine

from constructs_ml.cfn.template import machines_of
from constructs_ml.lint import Machine
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.testing import returns, simulate

sys.path.insert(0, str(Path(__file__).parents[2] / "synth"))

from synth_stacks import template_of
from test_steps_lint import JsonataStepsStack, StepsStack

if TYPE_CHECKING:
    from aws_cdk import Stack

    from constructs_ml.lint.dataflow.analysis import Flow
    from constructs_ml.lint.dataflow.reads import Read
    from constructs_ml.testing import Execution
    from constructs_ml.testing.recorder import Step

SETTINGS = settings(
    max_examples=int(os.environ.get("RANDOM_FLOWS", "100")), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def steps_of(execution: Execution) -> list[Step]:
    """The states that an execution entered, with their inputs."""
    return [step for way in execution._ways for step in way.steps]


def wrongly_said(flow: Flow, steps: list[Step]) -> list[tuple[str, Any, str]]:
    """The states whose inputs are not what the analysis says."""
    frames = {state.name: frame for state, frame in flow.frames.items()}
    return [
        (step.name, step.data, repr(frames[step.name].input))
        for step in steps
        if not fits(frames[step.name].input, step.data)
    ]


def impossible(flow: Flow, steps: list[Step]) -> list[Read]:
    """What states have read that went well, though the analysis says that it is never there."""
    well = {step.name for step in steps if step.left and not step.failed}
    return [
        read
        for read in flow.reads
        if read.state.name in well
        and read.state.type != "Choice"
        and read.needed
        and read.found.outcome is Outcome.NEVER
        # What is selected from no items, and what handles no error, is not read.
        and not read.member.startswith(("Catch", "ItemSelector"))
        and "?" not in str(read.state.body.get("Output", "")) + str(read.state.body.get("Assign", ""))
    ]


@SETTINGS
@given(definition=scopes(), given=OBJECTS)
def test_inputs_are_what_is_said_of_them(definition: dict[str, Any], given: dict[str, Any]) -> None:
    """Every input fits its shape, and no state that went well has read what is said never to be there."""
    execution = simulate(definition, input=given)
    flow = flow_of(Machine(definition))
    steps = steps_of(execution)
    event(f"{execution.status} {execution.error}")
    assert wrongly_said(flow, steps) == []
    assert impossible(flow, steps) == []


@SETTINGS
@given(steps=st.lists(passes(SHALLOW), min_size=2, max_size=5), given=OBJECTS)
def test_what_a_chain_lacks_is_seen(steps: list[dict[str, Any]], given: dict[str, Any]) -> None:
    """Where nothing is unknown, a path that leads to nothing is said never to lead to anything."""
    start = {"Type": "Pass", "Result": given, "Next": "0"}
    states = {str(at): {**step, "Next": str(at + 1)} for at, step in enumerate(steps)}
    definition = {"StartAt": "Start", "States": {"Start": start, **states, str(len(steps)): {"Type": "Succeed"}}}
    execution = simulate(definition)
    reads = list(flow_of(Machine(definition)).reads)
    never = [read.state.name for read in reads if read.needed and read.found.outcome is Outcome.NEVER]
    event(f"{execution.status} {'lacking' if never else 'there'}")
    if execution.error == "States.Runtime" and "could not be found" in (execution.cause or ""):
        assert execution.path[-1] in never
    elif execution.status == "SUCCEEDED":
        assert never == []


@pytest.mark.parametrize("jsonata", [False, True])
def test_the_inputs_of_the_census_workflow_are_known(jsonata: bool) -> None:
    """What the jobs hand on is what is said of it."""
    machine = census_machine(jsonata=jsonata)
    script = {"Count": returns({"Payload": {"rows": 3}}), "Tell": returns({"MessageId": "1"})}
    execution = simulate(machine.body, script, input={"parts": [{"part": 1}, {"part": 2}]})
    assert execution.status == "SUCCEEDED"
    assert wrongly_said(flow_of(machine), steps_of(execution)) == []


@pytest.mark.parametrize("stack", [StepsStack, JsonataStepsStack], ids=lambda stack: stack.__name__)
def test_the_inputs_of_every_step_are_known(stack: type[Stack]) -> None:
    """Also those of the states that steps are made of which poll."""
    (machine,) = machines_of(template_of(stack))
    execution = simulate(machine.body, input={"parts": [{"part": 1}], "items": [{"part": 1}]})
    steps = steps_of(execution)
    assert execution.status == "SUCCEEDED", execution.cause
    assert wrongly_said(flow_of(machine), steps) == []
    assert impossible(flow_of(machine), steps) == []
