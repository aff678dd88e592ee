"""What is wrong with a workflow fails the synthesis, names the state and can be acknowledged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, CfnResource, NestedStack, Stack, Stage
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from support.reports import fails, reported

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMAGE = ml.ContainerImage.sklearn("1.2-1")
LOST = {"Type": "Pass", "End": True}


def plain_machine(scope: Any, *, lost: str = "Lost") -> sfn.CfnStateMachine:
    """A state machine of CloudFormation's with a state that is never reached."""
    return sfn.CfnStateMachine(
        scope,
        "Plain",
        role_arn="arn:aws:iam::111122223333:role/theirs",
        definition_string=json.dumps({"StartAt": "First", "States": {"First": LOST, lost: LOST}}),
    )


def broken_workflow(stack: Stack) -> ml.ProcessingJob:
    """A workflow whose definition is overridden by one that never reaches the job."""
    job = ml.ProcessingJob(stack, "Prepare", image=IMAGE)
    workflow = ml.Workflow(stack, "Workflow", definition=job)
    lost = json.dumps({"StartAt": "First", "States": {"First": LOST, "Prepare": LOST}})
    cast("sfn.CfnStateMachine", workflow.node.default_child).definition_string = lost
    return job


def report(app: App) -> list[dict[str, Any]]:
    """The errors that the synthesis of an app reports of the checks; the role of a broken workflow earns warnings too."""
    return [violation for violation in reported(app) if violation["severity"] == "error"]


def test_a_workflow_that_is_right_is_synthesized(stack: Stack, synth: Callable[[Stack], Any]) -> None:
    """Nothing is reported of it."""
    ml.Workflow(stack, "Workflow", definition=ml.ProcessingJob(stack, "Prepare", image=IMAGE))
    assert synth(stack)["Resources"]


def test_a_workflow_that_is_wrong_fails_the_synthesis(app: App, stack: Stack) -> None:
    """The violation names the rule, the state's construct and the line that it was defined in."""
    broken_workflow(stack)
    with fails():
        app.synth()
    (found,) = report(app)
    assert found["ruleName"] == "CML001"
    assert found["violatingConstructs"][0]["constructPath"] == "Census/Prepare"
    assert "Prepare: is never reached" in found["description"]
    assert "test_workflow_checks.py:" in found["description"]


def test_a_state_of_aws_cdks_names_the_line_of_the_workflow(app: App, stack: Stack) -> None:
    """Where it was made itself is not known."""
    first = sfn.Pass(stack, "First", parameters={"given.$": "$$.Execution.Nmae"})
    ml.Workflow(stack, "Workflow", definition=first)
    with fails():
        app.synth()
    (found,) = report(app)
    assert found["violatingConstructs"][0]["constructPath"] == "Census/First"
    assert "test_workflow_checks.py:" in found["description"]


def test_a_definition_in_a_file_is_checked(app: App, stack: Stack, tmp_path: Path) -> None:
    """It is an asset of the assembly; in a stage the asset is a folder above."""
    ml.checks.WorkflowChecks.of(app)
    file = tmp_path / "flow.asl.json"
    file.write_text(json.dumps({"StartAt": "First", "States": {"First": LOST, "Lost": LOST}}))
    for scope in (stack, Stack(Stage(app, "Production"), "Two")):
        sfn.StateMachine(scope, "Flow", definition_body=sfn.DefinitionBody.from_file(str(file)))
    with fails():
        app.synth()
    assert [found["ruleName"] for found in report(app)] == ["CML001", "CML001"]


def test_a_violation_is_acknowledged_on_the_state(app: App, stack: Stack) -> None:
    """With a reason, what is meant so passes."""
    job = broken_workflow(stack)
    ml.acknowledge(job, "constructs-ml::CML001", "kept for the next release")
    app.synth()
    assert report(app) == []


def plain_states(scope: Any, *, name: str = "Wait") -> tuple[sfn.CustomState, sfn.StateMachine]:
    """A state that waits for a text, and aws-cdk-lib's state machine of it."""
    state = sfn.CustomState(scope, name, state_json={"Type": "Wait", "Seconds": "60"})
    return state, sfn.StateMachine(scope, "Flow", definition_body=sfn.DefinitionBody.from_chainable(state))


MEANT = ("constructs-ml::CML012", "meant")


@pytest.mark.parametrize("on", ["state", "machine", "stack"])
@pytest.mark.parametrize("nested", [False, True], ids=["", "nested"])
def test_a_violation_of_a_plain_state_machine_is_acknowledged(app: App, stack: Stack, on: str, *, nested: bool) -> None:
    """On the state, though its state machine does not tell its states; on the machine and the stack as well."""
    ml.checks.WorkflowChecks.of(app)
    home = NestedStack(stack, "Inner") if nested else stack
    state, machine = plain_states(home)
    ml.acknowledge({"state": state, "machine": machine, "stack": stack}[on], *MEANT)
    app.synth()
    assert report(app) == []


def test_a_state_with_a_prefix_is_known_by_its_whole_name(app: App, stack: Stack) -> None:
    """It is what the definition calls it."""
    ml.checks.WorkflowChecks.of(app)
    state = sfn.CustomState(stack, "Wait", state_json={"Type": "Wait", "Seconds": "60"})
    state.add_prefix("Long ")
    sfn.StateMachine(stack, "Flow", definition_body=sfn.DefinitionBody.from_chainable(state))
    ml.acknowledge(state, *MEANT)
    app.synth()
    assert report(app) == []


def test_an_acknowledgement_is_for_one_rule(app: App, stack: Stack) -> None:
    """Another one's is no matter."""
    ml.checks.WorkflowChecks.of(app)
    state, machine = plain_states(stack)
    ml.acknowledge(state, "constructs-ml::CML001", "another")
    with fails():
        app.synth()
    (found,) = report(app)
    assert found["violatingConstructs"][0]["constructPath"] == f"{machine.node.path}/Resource"


def test_an_acknowledgement_counts_in_its_own_stack_only(app: App, stack: Stack) -> None:
    """A state of the same name elsewhere stays wrong."""
    ml.checks.WorkflowChecks.of(app)
    state, _ = plain_states(stack)
    plain_states(Stack(app, "Other"))
    ml.acknowledge(state, *MEANT)
    with fails():
        app.synth()
    (found,) = report(app)
    assert found["violatingConstructs"][0]["constructPath"] == "Other/Flow/Resource"


@pytest.mark.parametrize("by_hand", [False, True], ids=["two constructs", "one in a text"])
def test_a_name_that_two_states_have_acknowledges_nothing(app: App, stack: Stack, *, by_hand: bool) -> None:
    """It is not known which of them is meant: both stay wrong, and are acknowledged on the machines."""
    ml.checks.WorkflowChecks.of(app)
    state, _ = plain_states(stack)
    if by_hand:
        text = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": "60", "End": True}}})
        sfn.StateMachine(stack, "Text", definition_body=sfn.DefinitionBody.from_string(text))
    else:
        plain_states(Construct(stack, "Second"))
    ml.acknowledge(state, *MEANT)
    with fails():
        app.synth()
    assert sum(len(found["violatingConstructs"]) for found in report(app)) == 2


@pytest.mark.parametrize("suppressed", [False, True], ids=["indented", "in one line"])
def test_the_template_is_measured_as_it_is_written(app: App, *, suppressed: bool) -> None:
    """CloudFormation's limit is for the file, whose indentation a stack may leave out."""
    stack = Stack(app, "Large", suppress_template_indentation=suppressed)
    ml.checks.WorkflowChecks.of(app)
    sfn.StateMachine(stack, "Flow", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Done")))
    CfnResource(stack, "Items", type="Custom::Items", properties={"Items": [1] * 200_000})
    if suppressed:
        app.synth()
        return
    with fails():
        app.synth()
    assert [found["ruleName"] for found in report(app)] == ["CML403"]


def test_an_app_is_checked_once(app: App) -> None:
    """Two workflows, in a stage too, share the checks: each violation is reported once."""
    broken_workflow(Stack(app, "One"))
    broken_workflow(Stack(Stage(app, "Production"), "Two"))
    with fails():
        app.synth()
    paths = [found["violatingConstructs"][0]["constructPath"] for found in report(app)]
    assert sorted(paths) == ["One/Prepare", "Production/Two/Prepare"]


def test_plain_state_machines_are_checked_when_asked_for(app: App, stack: Stack) -> None:
    """An app without a Workflow asks for the checks; the violation names the state machine's construct."""
    plain_machine(stack)
    ml.checks.WorkflowChecks.of(app)
    with fails():
        app.synth()
    (found,) = report(app)
    assert found["violatingConstructs"][0]["constructPath"] == "Census/Plain"


def test_asking_twice_adds_nothing(stack: Stack) -> None:
    """The checks of an app are one object, whatever in it they are asked for."""
    assert ml.checks.WorkflowChecks.of(stack) is ml.checks.WorkflowChecks.of(stack.node.root)  # type: ignore[arg-type] # the app


def test_nested_stacks_are_checked(app: App, stack: Stack) -> None:
    """A template that is an asset of another is read too."""
    plain_machine(NestedStack(stack, "Inner"), lost="Forgotten")
    ml.checks.WorkflowChecks.of(app)
    with fails():
        app.synth()
    (found,) = report(app)
    assert "Forgotten" in found["description"]


def test_a_stack_without_an_app_can_have_a_workflow() -> None:
    """aws-cdk-lib has no validation outside of an app; nothing is asked of it."""
    stack = Stack()
    ml.Workflow(stack, "Workflow", definition=ml.ProcessingJob(stack, "Prepare", image=IMAGE))
