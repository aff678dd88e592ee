"""Endpoint configurations: every member of CreateEndpointConfig, what models are granted, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Size
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from support.full_hosting import answers_later, capture, endpoint_configs, explainer
from support.full_world import KEY, World
from support.reached import in_a_row, not_reached, unknown
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"


def test_every_member_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """Of variants and shadow variants on instances, in pools and without servers."""
    made = [
        ml.CreateEndpointConfig(stack, f"Config{at}", **props)
        for at, props in enumerate(endpoint_configs(World(stack)))
    ]

    states = asl(stack, in_a_row(made)).values()

    assert not_reached("CreateEndpointConfig", states) == set()
    assert unknown("CreateEndpointConfig", states) == set()


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """A model on one instance, all requests to it."""
    model = ml.CreateModel(stack, "Model", image=ml.ContainerImage.from_registry(IMAGE))
    config = ml.CreateEndpointConfig(stack, "Configure", model=model)

    state = asl(stack, model.next(config))["Configure"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createEndpointConfig"
    assert state["Parameters"] == {
        "EndpointConfigName.$": "States.Format('census-rovc-configure-{}', States.UUID())",
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "ModelName.$": "$.Model.ModelName",
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.xlarge",
            }
        ],
    }
    assert config.path_to("EndpointConfigName") == "$.Configure.EndpointConfigName"


def test_the_models_role_gets_what_the_endpoint_does(stack: Stack, synth: Callable[..., Any]) -> None:
    """It writes captures, answers and dumps, reads questions, tells topics; and nothing else."""
    world = World(stack)
    model = ml.CreateModel(stack, "Model", image=ml.ContainerImage.from_registry(IMAGE))
    config = ml.CreateEndpointConfig(
        stack,
        "Configure",
        variants=[ml.hosting.Variant(model=model, core_dump=world.data("dumps/"))],
        data_capture=capture(world),
        async_inference=answers_later(world),
        explainer=explainer(world.data("base.csv")),
    )
    ml.Workflow(stack, "Workflow", definition=model.next(config))

    found = statements(synth(stack), "ConstructsMlJobRole")

    def resources(action: str) -> set[str]:
        return {name for item in found if action in item["Action"] for name in item["Resource"]}

    data = "arn:aws:s3:::data/"
    assert resources("s3:PutObject") == {f"{data}{at}/*" for at in ("dumps", "captured", "answers", "failures")}
    assert resources("s3:GetObject") == {f"{data}questions/*", f"{data}base.csv*"}
    assert resources("sns:Publish") == {"arn:aws:sns:us-east-1:111122223333:topic"}
    assert resources("kms:GenerateDataKey") == {KEY}


def test_the_state_machines_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """Makes configurations of the stack's names; it hands on a role only where the configuration has one."""
    config = ml.CreateEndpointConfig(stack, "Configure", model="mine")
    ml.Workflow(stack, "Workflow", definition=config)

    own = [
        item for item in statements(synth(stack), "Workflow") if item["Action"][0].startswith(("sagemaker:", "iam:"))
    ]

    assert [(item["Action"], item["Resource"]) for item in own] == [
        (
            ["sagemaker:CreateEndpointConfig"],
            ["arn:aws:sagemaker:us-east-1:111122223333:endpoint-config/census-rovc-*"],
        )
    ]


def test_defaults_come_down_the_tree(stack: Stack, asl: Callable[..., Any]) -> None:
    """The instance type, the volumes' key and the tags; serverless variants have neither of the first two."""
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    ml.JobDefaults(instance_type="ml.c5.large", volume_key=key, tags={"team": "ml"}).apply_to(stack)
    served = ml.CreateEndpointConfig(stack, "Served", model="mine")
    serverless = ml.hosting.Serverless(memory=Size.gibibytes(1), max_concurrency=1)
    lean = ml.CreateEndpointConfig(stack, "Lean", variants=[ml.hosting.Variant(model="mine", serverless=serverless)])

    states = asl(stack, served.next(lean))

    parameters = states["Served"]["Parameters"]
    assert parameters["ProductionVariants"][0]["InstanceType"] == "ml.c5.large"
    assert parameters["KmsKeyId"] == KEY
    assert parameters["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert "KmsKeyId" not in states["Lean"]["Parameters"]
    assert set(states["Lean"]["Parameters"]["ProductionVariants"][0]) == {
        "ModelName",
        "ServerlessConfig",
        "VariantName",
    }


SERVERLESS = ml.hosting.Serverless(memory=Size.gibibytes(2), max_concurrency=5)
LATE = ml.S3Data.from_uri(sfn.JsonPath.string_at("$.uri"))
BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "model or variants is required, and only one of them; pass model="),
    (
        {"model": "a", "variants": [ml.hosting.Variant(model="b")]},
        "model or variants is required, and only one of them",
    ),
    ({"model": "under_score"}, "model must match"),
    ({"variants": [ml.hosting.Variant(model="a", name="b_c")]}, "variants[0].VariantName must match"),
    ({"variants": [ml.hosting.Variant(model="a", instance_count=0)]}, "InitialInstanceCount must be at least 1, got 0"),
    (
        {"variants": [ml.hosting.Variant(model="a", instance_type="big")]},
        "must be an instance type ml.FAMILY.SIZE, got 'big'",
    ),
    (
        {"variants": [ml.hosting.Variant(model="a", serverless=SERVERLESS, instance_count=1)]},
        "variants[0].instance_count is not",
    ),
    (
        {
            "variants": [
                ml.hosting.Variant(
                    model="a", serverless=ml.hosting.Serverless(memory=Size.gibibytes(9), max_concurrency=1)
                )
            ]
        },
        "ServerlessConfig.MemorySizeInMB must be 1024-6144, got 9216",
    ),
    (
        {"variants": [ml.hosting.Variant(model="a", volume_size=Size.gibibytes(999))]},
        "VolumeSizeInGB must be 1-512, got 999",
    ),
    ({"variants": [ml.hosting.Variant(model="a", startup_timeout=Duration.seconds(1))]}, "must be 60-3600, got 1"),
    (
        {"variants": [ml.hosting.Variant(model="a", core_dump=LATE)]},
        "variants[0].core_dump has a location that is known only",
    ),
    (
        {"variants": [ml.hosting.Variant(model="a", routing=ml.hosting.Routing(strategy="MIN"))]},
        "RoutingStrategy must be one of",
    ),
    (
        {"model": "a", "shadow_variants": [ml.hosting.Variant(model="a", weight=-1)]},
        "shadow_variants[0].InitialVariantWeight",
    ),
    (
        {"model": "a", "data_capture": ml.hosting.DataCapture(destination=LATE)},
        "data_capture.destination has a location",
    ),
    (
        {"model": "a", "async_inference": ml.hosting.AsyncInference(include_response_in=["ALL"])},
        "async_inference.OutputConfig.NotificationConfig.IncludeInferenceResponseIn[0] must be one of",
    ),
    (
        {"model": "a", "explainer": ml.hosting.ClarifyExplainer(label_headers="yes")},
        "explainer.label_headers must be a list of strings, got the string 'yes'; pass ['yes']",
    ),
    ({"model": "a", "network_isolation": True}, "network_isolation is for inference components, and needs a role"),
    ({"model": "a", "endpoint_config_name": "a_b"}, "endpoint_config_name must match"),
]


@pytest.mark.parametrize(("props", "message"), BAD)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.CreateEndpointConfig(stack, "Configure", **props)
    assert message in str(caught.value)
    assert str(caught.value).startswith("Census/Configure: ")
