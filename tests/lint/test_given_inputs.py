"""Inputs that rules, schedules and other workflows give to one with typed inputs, and reads of its fields."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.asl.inputs import METADATA, InputField, InputKind, InputShape
from constructs_ml.lint import Severity, check_template

FIELDS = (
    InputField("day", InputKind.TEXT, min_length=10, max_length=10),
    InputField("depth", InputKind.WHOLE, default=6, ge=1, le=32),
    InputField("rows", InputKind.TEXT, default="s3://raw/rows/", is_uri=True),
)
ROLE = "arn:aws:iam::111122223333:role/Flow"
DAY = {"day": "2026-01-31"}
WRONG = {"day": "2026-01-31", "depth": 64, "dya": 1}
FAULTS = ["depth must be an integer from 1 to 32, got 64", "dya is not a field of the input"]


def machine(definition: dict[str, Any], **more: Any) -> dict[str, Any]:
    properties = {"RoleArn": ROLE, "DefinitionString": json.dumps(definition)}
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties, **more}


def found(*, closed: bool = True, **resources: Any) -> list[str]:
    keep = {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}}
    shape = InputShape("Inputs", FIELDS, closed=closed)
    flow = machine(keep, Metadata={METADATA: shape.json_schema()})
    violations = check_template({"Resources": {"Flow": flow, **resources}})
    mine = [each for each in violations if each.rule == "CML606"]
    assert all(each.severity is Severity.ERROR for each in mine)
    return [f"{each.member} {each.problem}" for each in mine]


def rule(**target: Any) -> dict[str, Any]:
    properties = {
        "ScheduleExpression": "rate(1 day)",
        "Targets": [{"Id": "Flow", "Arn": {"Ref": "Flow"}, "RoleArn": ROLE, **target}],
    }
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def schedule(**target: Any) -> dict[str, Any]:
    properties = {
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": {"Fn::GetAtt": ["Flow", "Arn"]}, "RoleArn": ROLE, **target},
    }
    return {"Type": "AWS::Scheduler::Schedule", "Properties": properties}


def starter(**fields: Any) -> dict[str, Any]:
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": True, **fields}
    return machine({"StartAt": "Start", "States": {"Start": start}})


def given_to_flow(parameters: Any) -> dict[str, Any]:
    made = starter(Parameters={"StateMachineArn": "${Target}", **parameters})
    made["Properties"]["DefinitionSubstitutions"] = {"Target": {"Ref": "Flow"}}
    return made


@pytest.mark.parametrize(
    ("resource", "member"),
    [
        (rule(Input=json.dumps(WRONG)), "Other.Targets[0].Input"),
        (schedule(Input=json.dumps(WRONG)), "Other.Target.Input"),
        (given_to_flow({"Input": WRONG}), "Other.Start.Parameters.Input"),
        (given_to_flow({"Input": json.dumps(WRONG)}), "Other.Start.Parameters.Input"),
    ],
    ids=["rule", "schedule", "workflow", "text"],
)
def test_a_constant_input_that_is_refused_is_found(resource: dict[str, Any], member: str) -> None:
    """In the words of the execution."""
    assert found(Other=resource) == [f"{member} is refused by Flow: {fault}" for fault in FAULTS]


@pytest.mark.parametrize(
    "resource",
    [
        rule(Input=json.dumps(DAY)),
        schedule(Input=json.dumps({**DAY, "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "x"})),
        schedule(),
        given_to_flow({"Input": DAY}),
        rule(Input=json.dumps({**WRONG}), Arn="arn:aws:states:us-east-1:111122223333:stateMachine:other"),
    ],
    ids=["rule", "schedule", "no input", "workflow", "elsewhere"],
)
def test_an_input_that_is_taken_is_none(resource: dict[str, Any]) -> None:
    assert found(Other=resource) == []


@pytest.mark.parametrize(
    "resource",
    [
        rule(InputPath="$.detail"),
        rule(InputTransformer={"InputTemplate": '{"dya": 1}'}),
        rule(Input={"Ref": "Text"}),
        rule(Input={"Fn::Sub": '{"day": "${AWS::StackName}"}'}),
        schedule(Input='{"day": "<aws.scheduler.scheduled-time>"}'),
        given_to_flow({"Input.$": "$.given"}),
        given_to_flow({"Input": {"day.$": "$.day", "rows.$": "States.Format('{}', $.rows)"}}),
        given_to_flow({"Input": {**DAY, "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"}}),
        starter(QueryLanguage="JSONata", Arguments={"StateMachineArn": "${Flow}", "Input": "{% $states.input %}"}),
    ],
    ids=["path", "transformer", "token", "tokens", "scheduled time", "whole", "parts", "nested", "JSONata"],
)
def test_what_is_known_only_later_is_not_judged(resource: dict[str, Any]) -> None:
    assert found(Other=resource) == []


def test_the_members_of_an_input_are_judged_even_so() -> None:
    assert found(Other=rule(Input={"Fn::Sub": '{"dya": "${AWS::StackName}"}'})) == [
        "Other.Targets[0].Input is refused by Flow: day is missing, must be a string of 10 characters",
        "Other.Targets[0].Input is refused by Flow: dya is not a field of the input",
    ]


def test_a_rule_without_an_input_hands_the_event_on() -> None:
    (problem,) = found(Other=rule())
    assert problem.startswith(
        "Other.Targets[0].Input is not given, so that the event is, which Flow refuses: day is missing"
    )
    (problem,) = found(Other=rule(), closed=False)
    assert problem.endswith("which Flow refuses: day is missing, must be a string of 10 characters")


def test_an_input_that_is_no_object_is_refused() -> None:
    assert found(Other=schedule(Input="[1]")) == [
        "Other.Target.Input is refused by Flow: the input must be an object, got [1]"
    ]


def test_a_workflow_without_a_schema_takes_anything() -> None:
    keep = machine({"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}})
    resources = {"Flow": keep, "Other": schedule(Input=json.dumps(WRONG))}
    assert [each for each in check_template({"Resources": resources}) if each.rule == "CML606"] == []


# Reads of the fields ------------------------------------------------------------------------------------------------


class Inputs(ml.ExecutionInput):
    """The inputs of the tests."""

    day: str
    depth: int = 6


def read_by(state: Any, *, inside: bool = False, handed_in: bool = False) -> list[tuple[str, str]]:
    """The violations of a state that is written in a workflow, or in a distributed Map of one."""
    stack = Stack(App(analytics_reporting=False), "Census")
    definition: sfn.IChainable = sfn.CustomState(stack, "Read", state_json=state)
    if inside:
        each = ml.DistributedMap(stack, "Each", items_path="$$.Execution.Input", inputs=Inputs if handed_in else None)
        definition = each.item_processor(definition)
    workflow = ml.Workflow(stack, "Machine", definition=definition, inputs=Inputs)
    resource = cast("sfn.CfnStateMachine", workflow.node.default_child)
    properties = {"RoleArn": ROLE, "DefinitionString": stack.resolve(resource.definition_string)}
    violations = check_template(
        {"Resources": {"Machine": {"Type": resource.cfn_resource_type, "Properties": properties}}}
    )
    return [(each.rule, each.problem) for each in violations if "workflowInputs" in f"{each.problem}{each.fix}"]


def jsonata(expression: str) -> dict[str, Any]:
    return {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"x": f"{{% {expression} %}}"}}


def jsonpath(path: str) -> dict[str, Any]:
    return {"Type": "Pass", "Parameters": {"x.$": path}}


@pytest.mark.parametrize("inside", [False, True], ids=["outside", "in a distributed Map"])
@pytest.mark.parametrize(
    "state", [jsonata("$workflowInputs.dya"), jsonpath("$workflowInputs.dya")], ids=["JSONata", "JSONPath"]
)
def test_an_unknown_field_is_found_in_a_state_of_the_users(state: dict[str, Any], *, inside: bool) -> None:
    ((rule_id, problem),) = read_by(state, inside=inside, handed_in=True)
    assert rule_id == "CML101"
    assert "$workflowInputs has only" in problem


@pytest.mark.parametrize("inside", [False, True], ids=["outside", "in a distributed Map"])
@pytest.mark.parametrize(
    "state", [jsonata("$workflowInputs.day"), jsonpath("$workflowInputs.depth")], ids=["JSONata", "JSONPath"]
)
def test_a_field_is_known(state: dict[str, Any], *, inside: bool) -> None:
    assert read_by(state, inside=inside, handed_in=True) == []


@pytest.mark.parametrize(
    ("state", "rule_id"), [(jsonata("$workflowInputs.day"), "CML110"), (jsonpath("$workflowInputs.day"), "CML112")]
)
def test_a_distributed_map_without_inputs_does_not_see_them(state: dict[str, Any], rule_id: str) -> None:
    ((found_by, _),) = read_by(state, inside=True)
    assert found_by == rule_id
