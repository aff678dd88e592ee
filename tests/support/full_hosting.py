"""Props that set every member of the requests of hosting between them; what excludes each other is in different states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Size

import constructs_ml as ml
from support.full_world import HUB, REGISTRY, SAGEMAKER

if TYPE_CHECKING:
    from support.full_world import World

HOUR, MINUTE = Duration.hours(1), Duration.minutes(1)


def model_data(world: World) -> ml.data.ModelData:
    return ml.data.ModelData(
        source=world.data("llm/"),
        accept_eula=True,
        hub_content=f"{HUB}/Model/llm/1",
        manifest=world.data("manifest.json"),
        etag="a",
        manifest_etag="b",
    )


def several_models(world: World) -> ml.hosting.ModelContainer:
    return ml.hosting.ModelContainer(
        image=ml.ContainerImage.from_registry(REGISTRY),
        data=world.data("models/"),
        hostname="several",
        multi_model=True,
        cache_models=False,
    )


def container(world: World) -> ml.hosting.ModelContainer:
    return ml.hosting.ModelContainer(
        image=ml.ContainerImage.from_registry(REGISTRY),
        data=model_data(world),
        additional_data={"adapter": model_data(world)},
        environment={"MODEL": "x"},
        hostname="first",
        image_access="Vpc",
        registry_credentials=world.function,
        metrics_path="/metrics",
        metrics_interval=Duration.seconds(60),
    )


def models(world: World) -> list[dict[str, Any]]:
    """Props of models: of one container and of several, artifacts as a location and as a structure."""
    image = ml.ContainerImage.from_registry(REGISTRY)
    url = ml.hosting.ModelContainer(image=image, data=world.data("model.tar.gz"))
    package = ml.hosting.ModelContainer(
        model_package="churn/1",
        inference_specification="main",
        reads=[world.data("m/")],
        environment={"A": "b"},
        hostname="last",
    )
    every: dict[str, Any] = {
        "execution_mode": "Direct",
        "model_name": "mine",
        "network_isolation": True,
        "role": world.role,
        "tags": {"team": "ml"},
        **world.network(),
    }
    return [
        {**every, "containers": [container(world)]},
        {**every, "containers": [several_models(world)]},
        {**every, "containers": [container(world), several_models(world), package]},
        {"containers": [url]},
        {"containers": [package]},
        {"image": image, "data": world.data("model.tar.gz"), "environment": {"MODEL": "x"}},
        {"image": image, "data": model_data(world)},
        {"model_package": "churn/1"},
    ]


def variant(world: World, name: str) -> ml.hosting.Variant:
    return ml.hosting.Variant(
        model="mine",
        name=name,
        instance_type="ml.m5.xlarge",
        instance_count=2,
        weight=0.5,
        volume_size=Size.gibibytes(64),
        scaling=ml.hosting.ManagedScaling(
            min_count=0, max_count=4, scale_in="CONSOLIDATION", max_step=2, cooldown=Duration.minutes(10)
        ),
        routing=ml.hosting.Routing(strategy="PREFIX_AWARE", prefix_length=2048, concurrency_threshold=8),
        model_download_timeout=Duration.minutes(10),
        startup_timeout=Duration.minutes(5),
        provision_timeout=Duration.minutes(30),
        ami_version="al2023-ami-sagemaker-inference-gpu-4-1",
        accelerator_type="ml.eia2.medium",
        core_dump=world.data("dumps/"),
        core_dump_key=world.key,
        ssm_access=True,
        capacity_reservation=f"{SAGEMAKER}:training-plan/mine",
    )


def variants(world: World, name: str) -> list[ml.hosting.Variant]:
    """On instances, in pools and without servers."""
    pools = [ml.hosting.InstancePool(instance_type="ml.g5.xlarge", priority=1, model_name="small")]
    serverless = ml.hosting.Serverless(memory=Size.gibibytes(2), max_concurrency=5, provisioned_concurrency=1)
    return [
        variant(world, name),
        ml.hosting.Variant(model="mine", name=f"{name}Pools", instance_pools=pools),
        ml.hosting.Variant(model="mine", name=f"{name}Serverless", serverless=serverless),
    ]


def explainer(baseline: ml.S3Data | str) -> ml.hosting.ClarifyExplainer:
    return ml.hosting.ClarifyExplainer(
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


def capture(world: World) -> ml.hosting.DataCapture:
    return ml.hosting.DataCapture(
        destination=world.data("captured/"),
        sampling_percentage=20,
        key=world.key,
        csv_content_types=["text/csv"],
        json_content_types=["application/json"],
    )


def answers_later(world: World) -> ml.hosting.AsyncInference:
    return ml.hosting.AsyncInference(
        output=world.data("answers/"),
        failures=world.data("failures/"),
        key=world.key,
        success_topic=world.topic,
        error_topic=world.topic,
        include_response_in=["SUCCESS_NOTIFICATION_TOPIC"],
        max_concurrent_invocations=4,
        inputs=[world.data("questions/")],
    )


def endpoint_configs(world: World) -> list[dict[str, Any]]:
    """Props of endpoint configurations."""
    every: dict[str, Any] = {
        "endpoint_config_name": "mine",
        "async_inference": answers_later(world),
        "explainer": explainer("1,2,3"),
        "volume_key": world.key,
        "enhanced_metrics": True,
        "detailed_observability": True,
        "metrics_interval": Duration.seconds(60),
        "tags": {"team": "ml"},
        "role": world.role,
        "network_isolation": True,
        **world.network(),
    }
    ways = zip(variants(world, "a"), variants(world, "b"), strict=True)
    capturing = ({**every, "data_capture": capture(world)}, {**every, "data_capture": capture(world)}, every)
    return [
        *(
            {**props, "variants": [one], "shadow_variants": [shadow]}
            for props, (one, shadow) in zip(capturing, ways, strict=True)
        ),
        {"model": "mine", "explainer": explainer(world.data("base.csv"))},
    ]


def deployments(world: World) -> list[ml.hosting.Deployment]:
    """Every way to roll an update out."""
    every: dict[str, Any] = {"bake": MINUTE, "max_duration": HOUR}
    return [
        ml.hosting.Deployment.all_at_once(alarms=[world.alarm], keep_old=MINUTE, **every),
        ml.hosting.Deployment.canary(ml.hosting.Capacity.percent(10), keep_old=MINUTE, **every),
        ml.hosting.Deployment.linear(ml.hosting.Capacity.instances(1), keep_old=MINUTE, **every),
        ml.hosting.Deployment.rolling(
            ml.hosting.Capacity.percent(25), rollback_batch=ml.hosting.Capacity.percent(50), **every
        ),
    ]


def new_endpoints(world: World) -> list[dict[str, Any]]:
    """Props of endpoints that are made."""
    every = {"endpoint_name": "churn", "endpoint_config": "mine", "tags": {"team": "ml"}}
    return [{**every, "deployment": one} for one in deployments(world)]


def endpoint_updates(world: World) -> list[dict[str, Any]]:
    """Props of endpoints that are updated."""
    every = {
        "endpoint_name": "churn",
        "endpoint_config": "mine",
        "retain_variant_properties": True,
        "exclude_retained_properties": ["DesiredWeight"],
        "retain_deployment": False,
    }
    return [{**every, "deployment": one} for one in deployments(world)]


FULL: dict[str, tuple[Any, Any]] = {
    "CreateModel": (ml.CreateModel, models),
    "CreateEndpointConfig": (ml.CreateEndpointConfig, endpoint_configs),
    "CreateEndpoint": (ml.CreateEndpoint, new_endpoints),
    "UpdateEndpoint": (ml.UpdateEndpoint, endpoint_updates),
}
"""The construct of each API, and the props that set all of its members."""
