"""Jobs in workflows, in plain state machines and in fragments of aws-cdk-lib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from support.templates import Deployment, definition, statements, states

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App

IMAGE = ml.ContainerImage.from_registry("mine")


def job(scope: Construct, construct_id: str = "Job", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(scope, construct_id, image=IMAGE, **props)


def machine(template: dict[str, Any]) -> dict[str, Any]:
    (found,) = Deployment(template).resources("AWS::StepFunctions::StateMachine").values()
    return dict(found)


def test_a_key_encrypts_the_definition_and_the_log(stack: Stack, synth: Callable[..., Any]) -> None:
    """And both services may use it."""
    key = kms.Key(stack, "Key")
    ml.Workflow(stack, "Workflow", definition=job(stack), encryption_key=key)

    template = synth(stack)

    deployed = Deployment(template)
    arn = "arn:aws:kms:us-east-1:111122223333:key/"
    assert machine(template)["EncryptionConfiguration"]["KmsKeyId"].startswith(arn)
    (group,) = deployed.resources("AWS::Logs::LogGroup").values()
    assert group["KmsKeyId"].startswith(arn)
    (policy,) = (item["KeyPolicy"] for item in deployed.resources("AWS::KMS::Key").values())
    assert "logs.us-east-1.amazonaws.com" in str(policy)
    contexts = [
        value
        for item in statements(template, "Workflow")
        if {"kms:Decrypt", "kms:GenerateDataKey"} <= set(item["Action"])
        for condition in item["Condition"].values()
        for value in condition.values()
    ]
    assert any("stateMachine:" in str(value) and not str(value).endswith(":") for value in contexts)


def test_two_workflows_know_their_own_jobs(stack: Stack) -> None:
    """Not each other's, and not those of a plain state machine."""
    sfn.StateMachine(stack, "Plain", definition_body=sfn.DefinitionBody.from_chainable(job(stack, "A")))
    one = ml.Workflow(stack, "One", definition=job(stack, "B"))
    two = ml.Workflow(stack, "Two", definition=job(stack, "C"))

    assert [[item.node.id for item in workflow.jobs] for workflow in (one, two)] == [["B"], ["C"]]


def test_its_role_gets_what_its_jobs_need(stack: Stack, synth: Callable[..., Any]) -> None:
    """One statement for all processing jobs, and the role that they run under."""
    first, second = job(stack, "First"), job(stack, "Second")
    ml.Workflow(stack, "Workflow", definition=first.next(second))

    found = statements(synth(stack), "Workflow")

    run = [item for item in found if "sagemaker:CreateProcessingJob" in item["Action"]]
    assert len(run) == 1
    assert set(run[0]["Action"]) == {
        "sagemaker:AddTags",
        "sagemaker:CreateProcessingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:ListTags",
        "sagemaker:StopProcessingJob",
    }
    assert len([item for item in found if item["Action"] == ["iam:PassRole"]]) == 1


def test_jobs_in_a_plain_state_machine(stack: Stack, synth: Callable[..., Any]) -> None:
    """Its role gets the same."""
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(job(stack)))

    actions = {action for item in statements(synth(stack), "Machine") for action in item["Action"]}

    assert actions == {
        "events:DescribeRule",
        "events:PutRule",
        "events:PutTargets",
        "iam:PassRole",
        "sagemaker:AddTags",
        "sagemaker:CreateProcessingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:ListTags",
        "sagemaker:StopProcessingJob",
    }


def test_an_express_workflow_waits_for_no_job(stack: Stack) -> None:
    """Step Functions refuses it; each such job is named."""
    first, second = job(stack, "First"), job(stack, "Second")

    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.Workflow(stack, "Workflow", definition=first.next(second), state_machine_type=sfn.StateMachineType.EXPRESS)

    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert lines[0] == (
        "Census/Workflow: state_machine_type must be STANDARD, got EXPRESS, as First waits; "
        "make it STANDARD, or pass wait_for_completion=False where the state takes it"
    )


class Preparation(sfn.StateMachineFragment):
    """Two jobs as a part that is used more than once."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._first = job(self, "Clean", outputs=["out"])
        self._second = job(self, "Split", inputs={"data": self._first.output("out")})
        self._first.next(self._second)

    @property
    def start_state(self) -> sfn.State:
        """The first state."""
        return self._first

    @property
    def end_states(self) -> list[sfn.INextable]:
        """The last one."""
        return [self._second]


def test_fragments_with_prefixed_states(stack: Stack, synth: Callable[..., Any]) -> None:
    """Names of jobs and places of outputs differ, as the scopes do."""
    one, two = Preparation(stack, "One").prefix_states(), Preparation(stack, "Two").prefix_states()
    ml.Workflow(stack, "Workflow", definition=sfn.Chain.start(one).next(two))

    found = states(definition(synth(stack)))

    assert list(found) == ["One: Clean", "One: Split", "Two: Clean", "Two: Split"]
    names = {state["Parameters"]["ProcessingJobName.$"] for state in found.values()}
    places = {str(state["Parameters"].get("ProcessingOutputConfig")) for state in found.values()}
    assert len(names) == 4
    assert len(places) == 3


def test_a_job_in_a_nested_scope_of_another_stack(app: App, synth: Callable[..., Any]) -> None:
    """Everything shared stands in the stack of the job."""
    stack = Stack(app, "Other")
    inner = Construct(Construct(stack, "A"), "B")
    ml.Workflow(inner, "Workflow", definition=job(inner))

    resources = synth(stack)["Resources"]

    assert any(name.startswith("ConstructsMlJobRole") for name in resources)
    assert any(name.startswith("ABWorkflow") for name in resources)
