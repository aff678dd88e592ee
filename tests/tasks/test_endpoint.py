"""Endpoints: every member of CreateEndpoint and UpdateEndpoint, permissions, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match
from support.full_hosting import endpoint_updates, new_endpoints
from support.full_world import ALARM, KEY, World
from support.reached import in_a_row, not_reached, unknown
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

HERE = "arn:aws:sagemaker:us-east-1:111122223333:"


def alarm(stack: Stack) -> cloudwatch.IAlarm:
    return cloudwatch.Alarm.from_alarm_arn(stack, "Errors", ALARM)


def test_every_member_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """With every way to roll an update out."""
    world = World(stack)
    creates = [ml.CreateEndpoint(stack, f"C{at}", **props) for at, props in enumerate(new_endpoints(world))]
    updates = [ml.UpdateEndpoint(stack, f"U{at}", **props) for at, props in enumerate(endpoint_updates(world))]

    states = asl(stack, in_a_row([*creates, *updates]))

    for operation, start in (("CreateEndpoint", "C"), ("UpdateEndpoint", "U")):
        of_it = [state for name, state in states.items() if name.startswith(start)]
        assert not_reached(operation, of_it) == set()
        assert unknown(operation, of_it) == set()
        assert {state["Resource"] for state in of_it} == {
            f"arn:aws:states:::sagemaker:{operation[0].lower()}{operation[1:]}"
        }


def test_from_training_to_an_endpoint(stack: Stack, asl: Callable[..., Any]) -> None:
    """Names and locations are handed on from state to state; all of them are new at every attempt."""
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    train = ml.TrainingJob(stack, "Train", image=image)
    model = ml.CreateModel(stack, "Model", image=image, data=train.model_artifacts)
    config = ml.CreateEndpointConfig(stack, "Configure", model=model)
    endpoint = ml.CreateEndpoint(stack, "Endpoint", endpoint_config=config)
    ml.Workflow(stack, "Workflow", definition=train.next(model).next(config).next(endpoint))

    states = asl(stack)

    assert states["Endpoint"]["Parameters"] == {
        "EndpointName.$": "States.Format('census-rovc-endpoint-{}', States.UUID())",
        "EndpointConfigName.$": "$.Configure.EndpointConfigName",
    }
    assert states["Configure"]["Parameters"]["ProductionVariants"][0]["ModelName.$"] == "$.Model.ModelName"


def test_the_state_machines_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """The endpoint and its configuration, the volumes' key and the alarms, each by its ARN; the model's role sees alarms."""
    image = ml.ContainerImage.from_registry("mine")
    model = ml.CreateModel(stack, "Model", image=image)
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    config = ml.CreateEndpointConfig(stack, "Configure", model=model, volume_key=key)
    update = ml.UpdateEndpoint(
        stack,
        "Update",
        endpoint_name="Churn",
        endpoint_config=config,
        deployment=ml.hosting.Deployment.all_at_once(alarms=[alarm(stack)]),
    )
    ml.Workflow(stack, "Workflow", definition=model.next(config).next(update))

    template = synth(stack)
    own = statements(template, "Workflow")

    found = {
        action: {name for item in own if action in item["Action"] for name in item["Resource"]}
        for action in ("sagemaker:UpdateEndpoint", "kms:CreateGrant", "cloudwatch:DescribeAlarms")
    }
    assert found == {
        "sagemaker:UpdateEndpoint": {
            f"{HERE}endpoint/Churn",
            f"{HERE}endpoint/churn",
            f"{HERE}endpoint/census-rovc-*",
            f"{HERE}endpoint-config/census-rovc-*",
        },
        "kms:CreateGrant": {KEY},
        "cloudwatch:DescribeAlarms": {ALARM},
    }
    (granted,) = [item for item in own if "kms:CreateGrant" in item["Action"]]
    assert granted["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    (seen,) = [
        item for item in statements(template, "ConstructsMlJobRole") if "cloudwatch:DescribeAlarms" in item["Action"]
    ]
    assert seen["Resource"] == [ALARM]


def test_names_that_are_known_only_at_run_time(stack: Stack, synth: Callable[..., Any]) -> None:
    """Are narrowed by prefixes; without them there is a warning."""
    narrow = ml.CreateEndpoint(
        stack,
        "Narrow",
        endpoint_name=ml.execution_input("endpoint"),
        endpoint_config=ml.execution_input("config"),
        name_prefix="churn-",
        endpoint_config_prefix="churn-",
    )
    ml.Workflow(stack, "Workflow", definition=narrow)
    own = [item for item in statements(synth(stack), "Workflow") if "sagemaker:CreateEndpoint" in item["Action"]]
    assert {name for item in own for name in item["Resource"]} == {
        f"{HERE}endpoint/churn-*",
        f"{HERE}endpoint/census-rovc-*",
        f"{HERE}endpoint-config/churn-*",
        f"{HERE}endpoint-config/census-rovc-*",
    }
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())

    ml.CreateEndpoint(stack, "Wide", endpoint_name=ml.execution_input("e"), endpoint_config=ml.execution_input("c"))
    warnings = Annotations.from_stack(stack)
    warnings.has_warning("/Census/Wide", Match.string_like_regexp("may use any endpoint; pass name_prefix"))
    warnings.has_warning("/Census/Wide", Match.string_like_regexp("pass endpoint_config_prefix"))


PERCENT = ml.hosting.Capacity.percent(0)
BAD: list[tuple[type, dict[str, Any], str]] = [
    (ml.CreateEndpoint, {"endpoint_config": "a_b"}, "endpoint_config must match"),
    (ml.CreateEndpoint, {"endpoint_config": "a", "endpoint_name": "a_b"}, "endpoint_name must match"),
    (
        ml.CreateEndpoint,
        {"endpoint_config": "a", "deployment": ml.hosting.Deployment.canary(PERCENT)},
        "deployment.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.CanarySize.Value must be at least 1, got 0",
    ),
    (
        ml.CreateEndpoint,
        {"endpoint_config": "a", "deployment": ml.hosting.Deployment.all_at_once(bake=Duration.hours(2))},
        "deployment.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.WaitIntervalInSeconds must be 0-3600, got 7200",
    ),
    (
        ml.UpdateEndpoint,
        {"endpoint_config": "a", "endpoint_name": "b", "tags": {"a": "b"}},
        "tags cannot be changed by an update; tag the endpoint when it is made",
    ),
    (
        ml.UpdateEndpoint,
        {"endpoint_config": "a", "endpoint_name": "b", "exclude_retained_properties": ["Weight"]},
        "exclude_retained_properties[0].VariantPropertyType must be one of",
    ),
    (
        ml.UpdateEndpoint,
        {"endpoint_config": "a", "endpoint_name": "b", "exclude_retained_properties": "DesiredWeight"},
        "exclude_retained_properties must be a list of strings, got the string 'DesiredWeight'",
    ),
]


@pytest.mark.parametrize(("call", "props", "message"), BAD)
def test_bad_input(stack: Stack, call: type, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        call(stack, "Endpoint", **props)
    assert f"Census/Endpoint: {message}" in str(caught.value)
