"""States that poll are scripted by their own names, as if they were one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from simulated_machines import call, chained, given, machine
from support.templates import definition, states

import constructs_ml as ml
from constructs_ml.testing import (
    Outcome,
    SimulationError,
    aborts,
    capacity,
    fails,
    raises,
    refused,
    returns,
    simulate,
    stopped,
    throttled,
    times_out,
)

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.sklearn("1.2-1")


def deployment(stack: Stack) -> sfn.IChainable:
    data = ml.S3Data.from_object(s3.Bucket(stack, "Data"), "model.tar.gz")
    model = ml.CreateModel(stack, "Model", image=IMAGE, data=data)
    config = ml.CreateEndpointConfig(stack, "Config", model=model)
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_name="churn", endpoint_config=config)
    deploy.add_catch(sfn.Pass(stack, "Tell"), errors=["EndpointFailed"], result_path="$.why")
    return model.next(config).next(deploy)


def approval(stack: Stack) -> sfn.IChainable:
    register = ml.RegisterModel(
        stack,
        "Register",
        group=ml.registry.ModelPackageGroup(stack, "Group"),
        image=IMAGE,
        data=ml.S3Data.from_object(s3.Bucket(stack, "Data"), "model.tar.gz"),
        content_types=["text/csv"],
        response_types=["text/csv"],
    )
    return register.next(ml.ModelApprovalGate(stack, "Approved", package=register, timeout=Duration.hours(12)))


def definition_of(build: Callable[[Stack], sfn.IChainable]) -> dict[str, Any]:
    stack = Stack(App(analytics_reporting=False), "Census")
    ml.Workflow(stack, "Machine", definition=build(stack))
    template = stack.node.root.synth().get_stack_by_name("Census").template  # type: ignore[attr-defined]
    return definition(template)


@pytest.fixture(scope="module")
def deploying() -> dict[str, Any]:
    return definition_of(deployment)


@pytest.fixture(scope="module")
def approving() -> dict[str, Any]:
    return definition_of(approval)


def test_an_endpoint_comes_into_service(deploying: dict[str, Any]) -> None:
    """With the configuration that it is to have."""
    execution = simulate(deploying)
    assert execution.path == ("Model", "Config", "Deploy")
    assert execution.attempts("Deploy") == 1
    (request,) = execution.requests("Deploy")
    assert (request["EndpointName"], execution.output["Deploy"]["EndpointStatus"]) == ("churn", "InService")
    assert request["EndpointConfigName"] == execution.output["Deploy"]["EndpointConfigName"]


def test_an_endpoint_fails(deploying: dict[str, Any]) -> None:
    """The state says why, and its Catch catches."""
    execution = simulate(deploying, {"Deploy": fails("no memory", after=600)})
    assert execution.path == ("Model", "Config", "Deploy", "Tell")
    assert execution.errors("Deploy") == ("EndpointFailed",)
    assert "no memory" in execution.output["why"]["Cause"]
    assert execution.waited >= 600


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (times_out(), "EndpointTimedOut"),
        (returns({"EndpointConfigName": "old"}), "EndpointRolledBack"),
        (refused("ValidationException", "no such configuration"), "SageMaker.AmazonSageMakerException"),
        (refused("ResourceLimitExceeded"), "SageMaker.ResourceLimitExceededException"),
        (raises("States.Runtime"), "States.Runtime"),
    ],
)
def test_a_deployment_ends_otherwise(deploying: dict[str, Any], outcome: Outcome, error: str) -> None:
    """With the errors that the state has, and those of its calls."""
    assert simulate(deploying, {"Deploy": outcome}).error == error


def test_throttled_starts_are_tried_again(deploying: dict[str, Any]) -> None:
    """Attempts are those of the call that starts it."""
    execution = simulate(deploying, {"Deploy": [throttled(2), returns(after=100)]})
    assert (execution.status, execution.attempts("Deploy")) == ("SUCCEEDED", 3)


def test_an_endpoint_is_never_stopped(deploying: dict[str, Any]) -> None:
    """The statuses that it has are told."""
    with pytest.raises(SimulationError, match="DescribeEndpoint never returns Stopped: EndpointStatus is one of"):
        simulate(deploying, {"Deploy": stopped()})


def test_it_can_be_stopped_while_it_waits(deploying: dict[str, Any]) -> None:
    """As somebody does it."""
    assert simulate(deploying, {"Deploy": aborts(after=5)}).status == "ABORTED"


def test_a_call_inside_is_scripted_by_its_own_name(deploying: dict[str, Any]) -> None:
    """An endpoint that is not there yet is made, one that is there is updated."""
    looks = [name for name, state in states(deploying).items() if "describe" in state.get("Resource", "")]
    assert looks[0] == "Deploy: look"  # docs/testing.md says so
    absent = raises("SageMaker.SageMakerException", 'Could not find endpoint "churn"')
    made = simulate(deploying, {looks[0]: [absent]})
    updated = simulate(deploying)
    assert made.status == updated.status == "SUCCEEDED"
    assert set(made.paths("Deploy")[0]) != set(updated.paths("Deploy")[0])


def test_a_package_is_approved(approving: dict[str, Any]) -> None:
    """After as long as it is told to take."""
    assert simulate(approving).output["Approved"]["ModelApprovalStatus"] == "Approved"
    late = simulate(approving, {"Approved": returns(after=7200)})
    assert late.status == "SUCCEEDED"
    assert 7200 <= late.waited < 2 * 7200


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (returns({"ModelApprovalStatus": "Rejected", "ApprovalDescription": "too slow"}), "ModelRejected"),
        (times_out(), "ModelApprovalTimedOut"),
    ],
)
def test_a_package_is_not_approved(approving: dict[str, Any], outcome: Outcome, error: str) -> None:
    """It is rejected, or nobody decides."""
    assert simulate(approving, {"Approved": outcome}).error == error


def test_looking_may_be_refused(approving: dict[str, Any]) -> None:
    """A state that starts nothing has its looks scripted."""
    execution = simulate(approving, {"Approved": throttled(2)})
    assert (execution.status, execution.attempts("Approved")) == ("SUCCEEDED", 3)


def test_every_retry_of_the_state_starts_something_new() -> None:
    """Its outcomes are used one after the other."""
    inside = {
        "Start": call("aws-sdk:sagemaker:startPipelineExecution", Arguments={"PipelineName": "p"}),
        "Wait": {"Type": "Wait", "Seconds": 60},
        "Look": call(
            "aws-sdk:sagemaker:describePipelineExecution",
            Arguments={"PipelineExecutionArn": "{% $states.input.PipelineExecutionArn %}"},
        ),
        "Ended": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.PipelineExecutionStatus = 'Executing' %}", "Next": "Wait"},
                {"Condition": "{% $states.input.PipelineExecutionStatus = 'Succeeded' %}", "Next": "Done"},
            ],
            "Default": "Bad",
        },
        "Done": {"Type": "Pass", "End": True},
        "Bad": {"Type": "Fail", "Error": "Bad", "Cause": "{% $states.input.FailureReason %}"},
    }
    branch = {"StartAt": "Start", "States": chained(inside)}
    both = {"Type": "Parallel", "Branches": [branch], "Retry": [{"ErrorEquals": ["Bad"]}]}
    definition = {**machine(Run=both, After=given(1)), "QueryLanguage": "JSONata"}
    execution = simulate(definition, {"Run": [capacity(2), returns(after=100)]})
    assert execution.attempts("Run") == 3
    assert [path[-1] for path in execution.paths("Run")] == ["Bad", "Bad", "Done"]
    arns = [output["PipelineExecutionArn"] for output in execution.outputs("Start")]
    assert len(set(arns)) == 3


@pytest.mark.parametrize(
    ("outcomes", "path", "attempts"),
    [
        ([capacity(2)], ("Train",), 3),
        (fails("AlgorithmError: x"), ("Train", "Bug"), 1),
        (throttled(1), ("Train",), 2),
        (times_out(), ("Train", "Late"), 1),
    ],
)
def test_a_job_that_tells_causes_is_scripted_by_its_name(outcomes: Any, path: tuple[str, ...], attempts: int) -> None:
    """It is a Parallel, too; its job is tried again under a new name."""

    def build(stack: Stack) -> sfn.IChainable:
        limit = sfn.Timeout.duration(Duration.hours(1))
        train = ml.TrainingJob(stack, "Train", image=IMAGE, retry=ml.RetryPolicy.by_cause(), task_timeout=limit)
        train.add_catch(sfn.Pass(stack, "Bug"), errors=["AlgorithmError"])
        return train.add_catch(sfn.Pass(stack, "Late"), errors=["States.Timeout"])

    execution = simulate(definition_of(build), {"Train": outcomes})
    assert (execution.path, execution.attempts("Train")) == (path, attempts)
    assert len({request["TrainingJobName"] for request in execution.requests("Train")}) == attempts
