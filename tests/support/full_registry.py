"""Props that set every member of the requests of the model registry between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import constructs_ml as ml
from support.full_hosting import model_data
from support.full_world import REGISTRY, SAGEMAKER

if TYPE_CHECKING:
    from support.full_world import World

DIGEST = "sha256:" + "0" * 64
PACKAGE = f"{SAGEMAKER}:model-package/churn/1"
TOKEN = "token"  # noqa: S105 - what tells a repeated call from a new one


def inference(world: World) -> ml.registry.InferenceSpecification:
    image = ml.ContainerImage.from_registry(REGISTRY)
    full = ml.registry.PackageContainer(
        image=image,
        data=model_data(world),
        hostname="first",
        image_digest=DIGEST,
        product_id="product",
        environment={"A": "b"},
        model_input='{"input": [1]}',
        framework="PYTORCH",
        framework_version="1.8",
        nearest_model="resnet",
        additional_data={"adapter": model_data(world)},
        additional_s3_data=world.data("more/"),
        additional_s3_compression="Gzip",
        additional_s3_etag="c",
        data_etag="d",
        is_checkpoint=True,
        hub_content_name="llm",
        hub_content_version="1.0.0",
        recipe_name="recipe",
    )
    return ml.registry.InferenceSpecification(
        containers=[full, ml.registry.PackageContainer(image=image, data=world.data("model.tar.gz"))],
        content_types=["text/csv"],
        response_types=["text/csv"],
        realtime_instances=["ml.m5.xlarge"],
        transform_instances=["ml.m5.xlarge"],
        description="the other",
    )


def validation(world: World) -> ml.registry.PackageValidation:
    return ml.registry.PackageValidation(
        role=world.role,
        data=world.data("try/"),
        output=world.data("tried/"),
        content_type="text/csv",
        compression="Gzip",
        split="Line",
        accept="text/csv",
        assemble_with="Line",
        output_key=world.key,
        volume_key=world.key,
        ami_version="al2-ami-sagemaker-batch-gpu-470",
        max_concurrent=1,
        max_payload_mb=6,
        batch_strategy="MultiRecord",
        environment={"A": "b"},
    )


def version(world: World) -> dict[str, Any]:
    """Props of a version with all that a package of an algorithm does not have."""

    def file(name: str) -> ml.registry.MetricsFile:
        return ml.registry.MetricsFile(source=world.data(name), digest=DIGEST)

    return {
        "group": "churn",
        "inference": inference(world),
        "approval_status": "Approved",
        "description": "who will leave us",
        "metrics": ml.registry.ModelMetrics(**{name: file(name) for name in ml.registry.ModelMetrics.places}),
        "drift_baselines": ml.registry.DriftBaselines(
            **{name: file(name) for name in ml.registry.DriftBaselines.places}
        ),
        "customer_metadata": {"owner": "risk"},
        "additional_specifications": {"small": inference(world)},
        "validation": validation(world),
        "skip_validation": "None",
        "certify_for_marketplace": False,
        "provenance": ml.registry.Provenance(commit_id="1", repository="2", generated_by="3", project_id="4"),
        "domain": "MACHINE_LEARNING",
        "task": "CLASSIFICATION",
        "sample_payload": world.data("sample.tar.gz"),
        "source_uri": "mlflow",
        "security_key": world.key,
        "model_card": ml.registry.ModelCard(content="{}"),
        "life_cycle": ml.registry.LifeCycle(stage="Staging", status="Pending", description="new"),
        "registration_type": "Registered",
        "managed_storage": "Restricted",
        "client_token": TOKEN,
    }


def registrations(world: World) -> list[dict[str, Any]]:
    """Props of versions, of packages without versions, of models made by an algorithm."""
    algorithms = [
        {
            "package_name": "mine",
            "source_algorithm": ml.registry.SourceAlgorithm(name="algorithm", data=data, data_etag="e"),
            "tags": {"team": "ml"},
        }
        for data in (world.data("model.tar.gz"), model_data(world))
    ]
    single = {
        "group": "churn",
        "image": ml.ContainerImage.from_registry(REGISTRY),
        "content_types": ["text/csv"],
        "response_types": ["text/csv"],
        "realtime_instances": ["ml.m5.xlarge"],
        "transform_instances": ["ml.m5.xlarge"],
    }
    return [
        version(world),
        *algorithms,
        {**single, "data": world.data("model.tar.gz")},
        {**single, "data": model_data(world)},
    ]


def approvals(world: World) -> list[dict[str, Any]]:
    """Props of updates of model packages."""
    update = {
        "package": PACKAGE,
        "approval_status": "Approved",
        "approval_description": "good enough",
        "customer_metadata": {"owner": "risk"},
        "remove_customer_metadata": ["old"],
        "inference": inference(world),
        "add_specifications": {"small": inference(world)},
        "source_uri": "mlflow",
        "model_card": ml.registry.ModelCard(content="{}"),
        "life_cycle": ml.registry.LifeCycle(stage="Staging", status="Approved", description="fine"),
        "registration_type": "Registered",
        "client_token": TOKEN,
    }
    return [update]


FULL: dict[str, tuple[Any, Any]] = {
    "CreateModelPackage": (ml.RegisterModel, registrations),
    "UpdateModelPackage": (ml.UpdateModelApproval, approvals),
}
"""The construct of each API, and the props that set all of its members."""
