"""The state machine of a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")


def job(stack: Stack, name: str = "Job", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, name, image=IMAGE, **props)


def machine(stack: Stack) -> Any:
    found = assertions.Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine")
    (resource,) = found.values()
    return resource


def test_it_logs_all_events_and_is_traced(stack: Stack) -> None:
    ml.Workflow(stack, "Workflow", definition=job(stack))
    properties = machine(stack)["Properties"]
    assert properties["LoggingConfiguration"]["Level"] == "ALL"
    assert properties["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert properties["TracingConfiguration"] == {"Enabled": True}


def test_its_log_group_is_kept(stack: Stack) -> None:
    ml.Workflow(stack, "Workflow", definition=job(stack))
    (group,) = assertions.Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert group["DeletionPolicy"] == "Retain"
    assert group["Properties"]["RetentionInDays"] == 365


def test_its_props_reach_the_state_machine(stack: Stack) -> None:
    ml.Workflow(
        stack,
        "Workflow",
        definition=job(stack),
        comment="weekly",
        log_level=sfn.LogLevel.ERROR,
        log_execution_data=True,
        state_machine_name="census",
        timeout=Duration.hours(2),
        tracing_enabled=False,
    )
    properties = machine(stack)["Properties"]
    assert properties["StateMachineName"] == "census"
    assert properties["LoggingConfiguration"]["Level"] == "ERROR"
    assert properties["LoggingConfiguration"]["IncludeExecutionData"] is True
    assert '"TimeoutSeconds":7200,"Comment":"weekly"' in str(properties["DefinitionString"])


def test_a_key_encrypts_the_definition_and_the_log(stack: Stack) -> None:
    key = kms.Key(stack, "Key")
    ml.Workflow(stack, "Workflow", definition=job(stack), encryption_key=key)
    arn = {"Fn::GetAtt": [stack.get_logical_id(key.node.default_child), "Arn"]}  # type: ignore[arg-type]
    assert machine(stack)["Properties"]["EncryptionConfiguration"]["KmsKeyId"] == arn
    (group,) = assertions.Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert group["Properties"]["KmsKeyId"] == arn


def test_it_waits_for_the_permissions_of_its_jobs(stack: Stack) -> None:
    ml.Workflow(stack, "Workflow", definition=job(stack))
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    (jobs,) = [name for name in policies if name.startswith("ConstructsMlJobRole")]
    assert jobs in machine(stack)["DependsOn"]


def test_it_knows_its_jobs_also_inside_parallel_and_map(stack: Stack) -> None:
    inner, mapped, last = job(stack, "Inner"), job(stack, "Mapped"), job(stack, "Last")
    parallel = sfn.Parallel(stack, "Both").branch(inner, sfn.Pass(stack, "Nothing"))
    each = sfn.Map(stack, "Each", items_path="$.items").item_processor(mapped)
    workflow = ml.Workflow(stack, "Workflow", definition=parallel.next(each).next(last))
    assert {found.node.id for found in workflow.jobs} == {"Inner", "Mapped", "Last"}


def test_jobs_keep_their_results_under_their_own_names_when_states_are_prefixed(
    stack: Stack, synth: Callable[[Stack], dict[str, Any]], definition: Callable[..., dict[str, Any]]
) -> None:
    one, two = job(stack, "One"), job(stack, "Two")
    chain = one.next(sfn.Choice(stack, "Ok?").when(one.status_is("Completed"), two).otherwise(sfn.Fail(stack, "No")))
    sfn.State.prefix_states(stack, "A ")
    ml.Workflow(stack, "Workflow", definition=chain)
    states = definition(synth(stack))["States"]
    assert set(states) == {"A One", "A Ok?", "A Two", "A No"}
    assert states["A One"]["ResultPath"] == "$.One"
    assert states["A Ok?"]["Choices"][0]["Variable"] == "$.One.ProcessingJobStatus"


def test_grants_and_metrics_are_the_state_machines(stack: Stack) -> None:
    workflow = ml.Workflow(stack, "Workflow", definition=job(stack))
    caller = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    workflow.grant_start_execution(caller)
    assert workflow.metric_failed().metric_name == "ExecutionsFailed"
    policies = str(assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    assert "states:StartExecution" in policies


def test_a_role_that_is_passed_in_is_granted_the_same(stack: Stack) -> None:
    role = iam.Role(stack, "Mine", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
    ml.Workflow(stack, "Workflow", definition=job(stack), role=role)
    template = assertions.Template.from_stack(stack)
    (policy,) = [
        found for name, found in template.find_resources("AWS::IAM::Policy").items() if name.startswith("Mine")
    ]
    assert "sagemaker:CreateProcessingJob" in str(policy)


def test_an_express_workflow_refuses_jobs_that_it_would_wait_for(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError) as error:
        ml.Workflow(stack, "Fast", definition=job(stack), state_machine_type=sfn.StateMachineType.EXPRESS)
    text = str(error.value)
    assert text.startswith("Census/Fast: state_machine_type must be STANDARD, got EXPRESS, as Job waits")
    assert "wait_for_completion=False" in text


PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"


@pytest.mark.parametrize(
    ("state", "props"),
    [
        (ml.DeployEndpoint, {"endpoint_config": "mine"}),
        (ml.ModelApprovalGate, {"package": PACKAGE}),
        (ml.PipelineExecution, {"pipeline": "churn"}),
        (
            ml.AutoMLJob,
            {"problem": ml.automl.AutoMLProblem.image_classification(), "training": ml.S3Data.from_uri("s3://a/b")},
        ),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_an_express_workflow_refuses_states_that_wait_by_looking(
    stack: Stack, state: Any, props: dict[str, Any], *, inside: bool
) -> None:
    """Those inside a Parallel too: it would end, after five minutes, before they do."""
    waiting = state(stack, "Waiting", **props)
    definition = sfn.Parallel(stack, "Both").branch(waiting) if inside else waiting
    with pytest.raises(ml.InvalidPropsError) as error:
        ml.Workflow(stack, "Fast", definition=definition, state_machine_type=sfn.StateMachineType.EXPRESS)
    (fault,) = error.value.faults
    assert str(fault).startswith("state_machine_type must be STANDARD, got EXPRESS, as Waiting waits; make it STANDARD")


def test_an_express_workflow_names_every_state_that_waits(stack: Stack) -> None:
    """At once."""
    chain = job(stack).next(ml.ModelApprovalGate(stack, "Gate", package=PACKAGE))
    with pytest.raises(ml.InvalidPropsError) as error:
        ml.Workflow(stack, "Fast", definition=chain, state_machine_type=sfn.StateMachineType.EXPRESS)
    assert [fault.problem.rsplit(" as ")[1] for fault in error.value.faults] == ["Job waits", "Gate waits"]


def test_an_express_workflow_may_start_jobs(stack: Stack) -> None:
    first = job(stack, wait_for_completion=False)
    ml.Workflow(stack, "Fast", definition=first, state_machine_type=sfn.StateMachineType.EXPRESS)
    assert machine(stack)["Properties"]["StateMachineType"] == "EXPRESS"


def test_what_a_job_refuses_while_it_is_written_comes_as_it_is(stack: Stack) -> None:
    first = job(stack, arguments=["{% $states.input.x %}"])
    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: .*JSONata"):
        ml.Workflow(stack, "Workflow", definition=first)


def test_two_workflows_of_a_stack_share_the_role_of_their_jobs(stack: Stack) -> None:
    for name in ("A", "B"):
        ml.Workflow(stack, name, definition=job(stack, f"Job{name}"))
    roles = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Role")
    assert len([name for name in roles if name.startswith("ConstructsMlJobRole")]) == 1
