"""The one internal name of aws-cdk-lib that the library overrides.

If a test of this file fails after an update of aws-cdk-lib, ``_renderTask`` has moved. Look for the abstract method that
``TaskStateBase.toStateJson()`` spreads into its result, and rename it in ``constructs_ml/core/native_task.py``; or override
``to_state_json`` there, which is public, and render the common fields too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
import pytest
from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.core.native_task import NativeTask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk import Stack


class Echo(NativeTask):
    """A task as a user might write one."""

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ARG002
        return {"Resource": "arn:aws:states:::echo", "Parameters": {"who": "native"}}


class Granted(Echo):
    """A task that needs a permission."""

    @property
    def _task_policies(self) -> list[iam.PolicyStatement] | None:
        return [iam.PolicyStatement(actions=["sns:Publish"], resources=["arn:aws:sns:::topic"])]


def test_aws_cdk_asks_render_task_for_the_fields_of_a_state(stack: Stack, asl: Callable[..., Any]) -> None:
    """toStateJson() spreads what _renderTask() gives: see the docstring of this file if not."""
    state = asl(stack, Echo(stack, "Echo", comment="a comment"))["Echo"]

    assert state["Resource"] == "arn:aws:states:::echo", __doc__
    assert state["Parameters"] == {"who": "native"}
    assert (state["Type"], state["End"], state["Comment"]) == ("Task", True, "a comment")


def test_the_kernel_still_knows_no_render_task_of_its_own() -> None:
    """The method is internal: were it typed, the override could be declared properly."""
    assert not hasattr(sfn.TaskStateBase, "_render_task"), __doc__
    assert NativeTask.__jsii_declared_type__ == sfn.TaskStateBase.__jsii_type__
    assert isinstance(NativeTask, jsii.JSIIMeta)


def test_the_role_of_the_state_machine_gets_the_policies_of_the_task(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]
) -> None:
    """TaskPolicies is asked for."""
    asl(stack, Granted(stack, "Granted"))

    policies = [item for item in synth(stack)["Resources"].values() if item["Type"] == "AWS::IAM::Policy"]
    assert "sns:Publish" in str(policies)


def test_aws_cdk_renders_the_common_fields(stack: Stack, asl: Callable[..., Any]) -> None:
    """Catch, timeouts, paths and transitions are aws-cdk-lib's."""
    task = Echo(
        stack,
        "Echo",
        task_timeout=sfn.Timeout.duration(Duration.minutes(5)),
        heartbeat_timeout=sfn.Timeout.duration(Duration.minutes(1)),
        input_path="$.in",
        result_path="$.out",
        assign={"seen": sfn.JsonPath.string_at("$.x")},
    )
    task.add_catch(sfn.Fail(stack, "Failed"), errors=["States.TaskFailed"])

    state = asl(stack, task.next(sfn.Succeed(stack, "Done")))["Echo"]

    assert (state["TimeoutSeconds"], state["HeartbeatSeconds"]) == (300, 60)
    assert (state["InputPath"], state["ResultPath"], state["Next"]) == ("$.in", "$.out", "Done")
    assert state["Catch"] == [{"ErrorEquals": ["States.TaskFailed"], "Next": "Failed"}]
    assert state["Assign"] == {"seen.$": "$.x"}


def test_add_catch_and_add_retry_give_the_job_itself(stack: Stack) -> None:
    """They chain, with the job's own type."""
    job = ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.sklearn("1.2-1"))

    chained: ml.ProcessingJob = job.add_retry(errors=["A"]).add_catch(sfn.Fail(stack, "Failed"))

    assert chained is job


WHY = {"why": "{% $states.errorOutput.Cause %}"}


def test_outputs_of_a_catch_are_written_for_a_state_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """In a state machine in JSONPath too."""
    image = ml.ContainerImage.sklearn("1.2-1")
    job = ml.ProcessingJob(stack, "Job", image=image, query_language=sfn.QueryLanguage.JSONATA)
    job.add_catch(sfn.Fail(stack, "Failed"), outputs=WHY)

    assert asl(stack, job)["Job"]["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "Failed", "Output": WHY}]


def test_outputs_of_a_catch_that_would_be_dropped_are_refused(stack: Stack) -> None:
    """Whatever the state machine is in, which the state does not know yet."""
    job = ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.sklearn("1.2-1"))
    gate = ml.ModelApprovalGate(stack, "Gate", package=ml.execution_input("package"))
    for state in (job, gate):
        with pytest.raises(ml.InvalidPropsError, match=r"outputs of a Catch would be dropped.*; pass query_language="):
            state.add_catch(sfn.Fail(stack, f"Failed{state.node.id}"), outputs=WHY)


def test_aws_cdk_drops_outputs_of_a_catch_in_a_state_machine_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """Once it does not, the refusal above can go."""
    task = Echo(stack, "Echo")
    task.add_catch(sfn.Fail(stack, "Failed"), outputs=WHY)

    state = asl(stack, task, query_language=sfn.QueryLanguage.JSONATA)["Echo"]

    assert state["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]
