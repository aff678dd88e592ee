"""What can be simulated: state machines of an app, templates and definitions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack, Stage
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from simulated_machines import given, machine, processing

import constructs_ml as ml
from constructs_ml.testing import SimulationError, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMAGE = ml.ContainerImage.sklearn("1.2-1")


def job(scope: Any, name: str = "Prepare") -> ml.ProcessingJob:
    bucket = s3.Bucket(scope, f"{name}Data")
    inputs = {"raw": ml.S3Data.from_bucket(bucket, "in/")}
    return ml.ProcessingJob(scope, name, image=IMAGE, inputs=inputs, outputs=["train"])


def test_a_workflow_is_synthesized(stack: Stack) -> None:
    """Names and ARNs stand for what is known only when it is deployed."""
    execution = simulate(ml.Workflow(stack, "Workflow", definition=job(stack)), name="one")
    (request,) = execution.requests("Prepare")
    assert request["RoleArn"].startswith("arn:aws:iam::111122223333:role/")
    assert request["AppSpecification"]["ImageUri"].startswith("683313688378.dkr.ecr.us-east-1.amazonaws.com/")
    assert re.fullmatch(r"s3://preparedata[0-9a-f]+/in/", request["ProcessingInputs"][0]["S3Input"]["S3Uri"])
    place = request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert re.fullmatch(r"s3://constructsmlartifacts\w+/Census-\w+/Prepare/train/one/", place)
    assert "Token" not in json.dumps(request)


def test_any_state_machine_is(stack: Stack) -> None:
    """Also several of one stack, and those that are defined after others were run."""
    first = sfn.StateMachine(stack, "First", definition_body=sfn.DefinitionBody.from_chainable(job(stack)))
    assert simulate(first).path == ("Prepare",)
    second = sfn.StateMachine(stack, "Second", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "P")))
    assert simulate(second).path == ("P",)
    assert simulate(first).path == ("Prepare",)


def test_that_of_a_stack_is(stack: Stack) -> None:
    """Also of a stack that has got another since it was synthesized: that is named by the start of its logical id."""
    sfn.StateMachine(stack, "First", definition_body=sfn.DefinitionBody.from_chainable(job(stack)))
    assert simulate(stack).path == ("Prepare",)
    ml.Workflow(stack, "Second", definition=sfn.Pass(stack, "P"))
    assert simulate(stack, logical_id="Second").path == ("P",)
    with pytest.raises(
        SimulationError, match=r"several state machines; name one with logical_id=, it has First\w+, Second"
    ):
        simulate(stack)
    with pytest.raises(SimulationError, match="has none"):
        simulate(Stack(App(), "Empty"))


def test_one_in_a_stage_is(app: App) -> None:
    """Its assembly is a part of the app's."""
    stack = Stack(Stage(app, "Beta"), "Census")
    assert simulate(ml.Workflow(stack, "Workflow", definition=job(stack))).path == ("Prepare",)


def test_one_whose_definition_is_in_a_file_is(stack: Stack, tmp_path: Path) -> None:
    """The file is an asset, and its substitutions are made."""
    file = tmp_path / "workflow.asl.json"
    file.write_text(json.dumps(machine(Give=given("${Bucket}/x"), Job=processing())))
    bucket = s3.Bucket(stack, "Data")
    body = sfn.DefinitionBody.from_file(str(file))
    made = sfn.StateMachine(
        stack, "Machine", definition_body=body, definition_substitutions={"Bucket": bucket.bucket_name}
    )
    execution = simulate(made)
    assert re.fullmatch(r"data[0-9a-f]+/x", execution.outputs("Give")[0])


def test_an_image_of_a_repository_has_an_address(stack: Stack) -> None:
    """CloudFormation cuts it out of the repository's ARN."""
    image = ml.ContainerImage.from_ecr_repository(ecr.Repository(stack, "Repository"), "v1")
    made = ml.ProcessingJob(stack, "Prepare", image=image)
    (request,) = simulate(ml.Workflow(stack, "Workflow", definition=made)).requests("Prepare")
    uri = request["AppSpecification"]["ImageUri"]
    assert re.fullmatch(r"111122223333\.dkr\.ecr\.us-east-1\.amazonaws\.com/repository[0-9a-f]+:v1", uri)


def test_a_template_is(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    """With a logical id, or the start of one, if it has several state machines."""
    ml.Workflow(stack, "One", definition=job(stack))
    assert simulate(synth(stack)).path == ("Prepare",)
    ml.Workflow(stack, "Two", definition=sfn.Pass(stack, "P"))
    template = synth(stack)
    assert simulate(template, logical_id="Two").path == ("P",)
    with pytest.raises(
        SimulationError, match=r"has several state machines; name one with logical_id=, it has One\w+, Two"
    ):
        simulate(template)
    with pytest.raises(SimulationError, match="has no state machine Three; name one with logical_id="):
        simulate(template, logical_id="Three")
    with pytest.raises(
        SimulationError, match=r"has none; .* it has no AWS::StepFunctions::StateMachine whose definition"
    ):
        simulate({"Resources": {}})


@pytest.mark.parametrize("path", ["$.rows[?(@.n==1)]", "$.rows[1:3]", "$..n", "$.rows.length()"])
def test_a_path_that_cannot_be_followed_is_told(path: str) -> None:
    """It is no failure of the workflow: a test that expects one would pass."""
    with pytest.raises(SimulationError, match="kind that the emulator cannot follow: it cannot be simulated"):
        simulate(machine(Give=given("x", InputPath=path)), input={"rows": [{"n": 1}]})


@pytest.mark.parametrize("resources", [None, {"Topic": None}, {"Fn::ForEach::Each": ["Name", ["a"], {}]}])
def test_a_template_without_state_machines_is_told(resources: Any) -> None:
    """Whatever else it has."""
    with pytest.raises(SimulationError, match="has none"):
        simulate({"Resources": resources})


def test_a_template_by_hand_is() -> None:
    """Whatever intrinsic functions it has."""
    definition = machine(
        Give=given(
            {
                "bucket": "${Data}",
                "queue": "${Queue.Arn}",
                "topic": "${Topic}",
                "kept": "${!Kept}",
                "type": "${Instance}",
            }
        )
    )
    properties = {"DefinitionString": {"Fn::Sub": json.dumps(definition)}, "RoleArn": "arn"}
    template = {
        "Parameters": {"Instance": {"Type": "String", "Default": "ml.m5.large"}},
        "Resources": {
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties},
            "Data": {"Type": "AWS::S3::Bucket"},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Topic": {"Type": "AWS::SNS::Topic"},
        },
    }
    assert simulate(template).output == {
        "bucket": "data",
        "queue": "arn:aws:sqs:us-east-1:111122223333:queue",
        "topic": "arn:aws:sns:us-east-1:111122223333:topic",
        "kept": "${Kept}",
        "type": "ml.m5.large",
    }


def test_input_and_name_are_the_executions() -> None:
    """The context object has them."""
    see = {"Type": "Pass", "Parameters": {"input.$": "$$.Execution.Input", "name.$": "$$.Execution.Name"}}
    execution = simulate(machine(See=see), input={"year": 1994}, name="one")
    assert execution.output == {"input": {"year": 1994}, "name": "one"}
    assert execution.input == {"year": 1994}
    first, second = (simulate(machine(See=see)).output["name"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("wrong", ["workflow", 7, None])
def test_anything_else_is_refused(wrong: Any) -> None:
    """It is told what can be simulated."""
    with pytest.raises(SimulationError, match=r"cannot be simulated; pass a Workflow, an sfn.StateMachine"):
        simulate(wrong)
