"""Endpoint configurations: every member of CreateEndpointConfig, what models are granted, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from support.reached import not_reached, unknown
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"


class Things:
    """What a configuration refers to."""

    def __init__(self, stack: Stack) -> None:
        self.bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
        self.key = kms.Key.from_key_arn(stack, "Key", KEY)
        self.topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:us-east-1:111122223333:told")
        self.role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine", mutable=False)

    def at(self, prefix: str) -> ml.S3Data:
        return ml.S3Data.from_bucket(self.bucket, prefix)

    def variant(self, name: str) -> ml.Variant:
        return ml.Variant(
            model="mine",
            name=name,
            instance_type="ml.m5.xlarge",
            instance_count=2,
            weight=0.5,
            volume_size=Size.gibibytes(64),
            scaling=ml.ManagedScaling(
                min_count=0, max_count=4, scale_in="CONSOLIDATION", max_step=2, cooldown=Duration.minutes(10)
            ),
            routing=ml.Routing(strategy="PREFIX_AWARE", prefix_length=2048, concurrency_threshold=8),
            model_download_timeout=Duration.minutes(10),
            startup_timeout=Duration.minutes(5),
            provision_timeout=Duration.minutes(30),
            ami_version="al2023-ami-sagemaker-inference-gpu-4-1",
            accelerator_type="ml.eia2.medium",
            core_dump=self.at("dumps/"),
            core_dump_key=self.key,
            ssm_access=True,
            capacity_reservation="arn:aws:sagemaker:us-east-1:111122223333:training-plan/mine",
        )

    def other_variants(self, name: str) -> list[ml.Variant]:
        pools = [ml.InstancePool(instance_type="ml.g5.xlarge", priority=1, model_name="small")]
        serverless = ml.Serverless(memory=Size.gibibytes(2), max_concurrency=5, provisioned_concurrency=1)
        return [
            ml.Variant(model="mine", name=f"{name}Pools", instance_pools=pools),
            ml.Variant(model="mine", name=f"{name}Serverless", serverless=serverless),
        ]

    def explainer(self, baseline: ml.S3Data | str) -> ml.ClarifyExplainer:
        return ml.ClarifyExplainer(
            baseline=baseline,
            baseline_type="text/csv",
            enable="`true`",
            features_attribute="features",
            content_template='{"features":$features}',
            max_records=10,
            max_payload_mb=5,
            probability_index=1,
            label_index=0,
            probability_attribute="score",
            label_attribute="label",
            label_headers=["yes", "no"],
            feature_headers=["age"],
            feature_types=["numerical"],
            samples=100,
            use_logit=True,
            seed=7,
            text_language="en",
            text_granularity="token",
        )

    def capture(self) -> ml.DataCapture:
        return ml.DataCapture(
            destination=self.at("captured/"),
            sampling_percentage=20,
            key=self.key,
            csv_content_types=["text/csv"],
            json_content_types=["application/json"],
        )

    def later(self) -> ml.AsyncInference:
        return ml.AsyncInference(
            output=self.at("answers/"),
            failures=self.at("failures/"),
            key=self.key,
            success_topic=self.topic,
            error_topic=self.topic,
            include_response_in=["SUCCESS_NOTIFICATION_TOPIC"],
            max_concurrent_invocations=4,
            inputs=[self.at("questions/")],
        )


def test_every_member_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """Of variants and shadow variants on instances, in pools and without servers."""
    things = Things(stack)
    one = ml.CreateEndpointConfig(
        stack,
        "One",
        variants=[things.variant("a"), *things.other_variants("a")],
        shadow_variants=[things.variant("b"), *things.other_variants("b")],
        data_capture=things.capture(),
        async_inference=things.later(),
        explainer=things.explainer("1,2,3"),
        volume_key=things.key,
        enhanced_metrics=True,
        detailed_observability=True,
        metrics_interval=Duration.seconds(60),
        tags={"team": "ml"},
        role=things.role,
        network_isolation=True,
        vpc=ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
        ),
    )
    other = ml.CreateEndpointConfig(stack, "Other", model="mine", explainer=things.explainer(things.at("base.csv")))

    states = asl(stack, one.next(other)).values()

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
    things = Things(stack)
    model = ml.CreateModel(stack, "Model", image=ml.ContainerImage.from_registry(IMAGE))
    config = ml.CreateEndpointConfig(
        stack,
        "Configure",
        variants=[ml.Variant(model=model, core_dump=things.at("dumps/"))],
        data_capture=things.capture(),
        async_inference=things.later(),
        explainer=things.explainer(things.at("base.csv")),
    )
    ml.Workflow(stack, "Workflow", definition=model.next(config))

    found = statements(synth(stack), "ConstructsMlJobRole")

    def resources(action: str) -> set[str]:
        return {name for item in found if action in item["Action"] for name in item["Resource"]}

    data = "arn:aws:s3:::data/"
    assert resources("s3:PutObject") == {f"{data}{at}/*" for at in ("dumps", "captured", "answers", "failures")}
    assert resources("s3:GetObject") == {f"{data}questions/*", f"{data}base.csv*"}
    assert resources("sns:Publish") == {"arn:aws:sns:us-east-1:111122223333:told"}
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
    serverless = ml.Serverless(memory=Size.gibibytes(1), max_concurrency=1)
    lean = ml.CreateEndpointConfig(stack, "Lean", variants=[ml.Variant(model="mine", serverless=serverless)])

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


SERVERLESS = ml.Serverless(memory=Size.gibibytes(2), max_concurrency=5)
LATE = ml.S3Data.from_uri(sfn.JsonPath.string_at("$.uri"))
BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "model or variants must be given, and only one of them; pass model="),
    ({"model": "a", "variants": [ml.Variant(model="b")]}, "model or variants must be given, and only one of them"),
    ({"model": "under_score"}, "variants[0].ModelName must match"),
    ({"variants": [ml.Variant(model="a", name="b_c")]}, "variants[0].VariantName must match"),
    ({"variants": [ml.Variant(model="a", instance_count=0)]}, "InitialInstanceCount must be at least 1, got 0"),
    ({"variants": [ml.Variant(model="a", instance_type="big")]}, "must be an instance type ml.FAMILY.SIZE, got 'big'"),
    (
        {"variants": [ml.Variant(model="a", serverless=SERVERLESS, instance_count=1)]},
        "variants[0].instance_count is not",
    ),
    (
        {"variants": [ml.Variant(model="a", serverless=ml.Serverless(memory=Size.gibibytes(9), max_concurrency=1))]},
        "ServerlessConfig.MemorySizeInMB must be 1024-6144, got 9216",
    ),
    ({"variants": [ml.Variant(model="a", volume_size=Size.gibibytes(999))]}, "VolumeSizeInGB must be 1-512, got 999"),
    ({"variants": [ml.Variant(model="a", startup_timeout=Duration.seconds(1))]}, "must be 60-3600, got 1"),
    ({"variants": [ml.Variant(model="a", core_dump=LATE)]}, "variants[0].core_dump has a location that is known only"),
    ({"variants": [ml.Variant(model="a", routing=ml.Routing(strategy="MIN"))]}, "RoutingStrategy must be one of"),
    ({"model": "a", "shadow_variants": [ml.Variant(model="a", weight=-1)]}, "shadow_variants[0].InitialVariantWeight"),
    ({"model": "a", "data_capture": ml.DataCapture(destination=LATE)}, "data_capture.destination has a location"),
    (
        {"model": "a", "async_inference": ml.AsyncInference(include_response_in=["ALL"])},
        "async_inference.OutputConfig.NotificationConfig.IncludeInferenceResponseIn[0] must be one of",
    ),
    (
        {"model": "a", "explainer": ml.ClarifyExplainer(label_headers="yes")},
        "explainer.label_headers must be a list of texts, got the text 'yes'; pass ['yes']",
    ),
    ({"model": "a", "network_isolation": True}, "network_isolation is for inference components, and needs a role"),
    ({"model": "a", "endpoint_config_name": "a_b"}, "endpoint_config_name must match"),
]


@pytest.mark.parametrize(("props", "message"), BAD)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.CreateEndpointConfig(stack, "Configure", **props)
    assert f"Census/Configure: {message}" in str(caught.value) or message in str(caught.value)
    assert str(caught.value).startswith("Census/Configure: ")
