"""The inputs that `constructs-ml run --list` names: what an execution reads of its input, and nothing that its states make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Template

import constructs_ml as ml
from constructs_ml.cfn.template import machines_of
from constructs_ml.local.runner.listing import inputs_of

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"


def of_states(*, jsonata: bool = False, **states: Any) -> list[str]:
    language = {"QueryLanguage": "JSONata"} if jsonata else {}
    return inputs_of({"StartAt": next(iter(states)), "States": states, **language})


@pytest.mark.parametrize("jsonata", [False, True])
def test_a_deployment_after_a_training_job_and_a_map(*, jsonata: bool) -> None:
    """Inner states of a deployment read what those before them found; iterations read their items."""
    stack = Stack(App(), "Census")
    props: dict[str, Any] = {"query_language": sfn.QueryLanguage.JSONATA} if jsonata else {}
    items = (
        {"items": sfn.ProvideItems.jsonata("{% $states.input.countries %}")}
        if jsonata
        else {"items_path": "$.countries"}
    )
    image = ml.ContainerImage.from_registry(IMAGE)
    train = ml.TrainingJob(stack, "Train", image=image, **props)
    model = ml.CreateModel(stack, "Model", image=image, data=train.model_artifacts, **props)
    variant = ml.hosting.Variant(model=model, instance_type="ml.m5.large")
    config = ml.CreateEndpointConfig(stack, "Config", variants=[variant], **props)
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_config=config, **props)
    each = ml.Map(stack, "Each", **items, **props)
    name = "{% $states.input.name %}" if jsonata else sfn.JsonPath.string_at("$.name")
    each.item_processor(ml.ProcessingJob(each, "Prepare", image=image, arguments=[name], **props))
    definition = train.next(model).next(config).next(deploy).next(each)
    ml.Workflow(stack, "Workflow", definition=definition, **props)
    (machine,) = machines_of(json.loads(json.dumps(Template.from_stack(stack).to_json())))
    assert inputs_of(machine.body) == ["countries"]


def test_results_of_states_before_are_no_inputs() -> None:
    """Neither at their own place nor in the place of all of the input."""
    make = {"Type": "Task", "Resource": "r", "ResultPath": "$.made", "Next": "Use"}
    use = {"Type": "Pass", "Parameters": {"a.$": "$.made.x", "b.$": "$.day"}, "Next": "Last"}
    last = {"Type": "Pass", "Parameters": {"a.$": "$.a"}, "End": True}
    assert of_states(Make=make, Use=use, Last=last) == ["day"]


def test_selectors_and_comments_name_no_inputs() -> None:
    go = {
        "Type": "Task",
        "Resource": "r",
        "Comment": "of $.nothing",
        "ResultSelector": {"x.$": "$.Payload"},
        "ResultPath": "$.made",
        "OutputPath": "$.made",
        "End": True,
    }
    assert of_states(Go=go) == []


def test_branches_read_what_their_parallel_has() -> None:
    branch = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Parameters": {"x.$": "$.day"}, "End": True}}}
    assert of_states(Both={"Type": "Parallel", "Branches": [branch], "End": True}) == ["day"]
    assert of_states(Both={"Type": "Parallel", "Branches": [branch], "Parameters": {"day": 1}, "End": True}) == []


def test_the_input_of_an_iteration_that_is_an_execution_is_its_item() -> None:
    inner = {"In": {"Type": "Pass", "Parameters": {"x.$": "$$.Execution.Input.file"}, "End": True}}
    processor = {"StartAt": "In", "States": inner, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    each = {"Type": "Map", "ItemsPath": "$.files", "ItemProcessor": processor, "End": True}
    assert of_states(Each=each) == ["files"]


def test_the_rest_of_a_state_with_an_input_path_is_of_that_path() -> None:
    assert of_states(Go={"Type": "Pass", "InputPath": "$.day", "Parameters": {"x.$": "$.month"}, "End": True}) == [
        "day"
    ]


def test_jsonata_reads_by_its_own_names() -> None:
    go = {"Type": "Pass", "Output": "{% $states.input.`the day` & $states.context.Execution.Input.to %}", "End": True}
    assert of_states(jsonata=True, Go=go) == ["the day", "to"]
