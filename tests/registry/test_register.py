"""The model registry: every member of CreateModelPackage and UpdateModelPackage, permissions, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Annotations, Match, Template
from support.reached import not_reached, unknown
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

DIGEST = "sha256:" + "0" * 64
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
HERE = "arn:aws:sagemaker:us-east-1:111122223333:"
PACKAGE = f"{HERE}model-package/churn/1"


def image() -> ml.ContainerImage:
    return ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")


class Things:
    """What packages refer to."""

    def __init__(self, stack: Stack) -> None:
        self.bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
        self.key = kms.Key.from_key_arn(stack, "Key", KEY)
        self.role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine", mutable=False)

    def at(self, prefix: str) -> ml.S3Data:
        return ml.S3Data.from_bucket(self.bucket, prefix)

    def file(self, name: str) -> ml.MetricsFile:
        return ml.MetricsFile(source=self.at(name), digest=DIGEST)

    def data(self) -> ml.ModelData:
        return ml.ModelData(
            source=self.at("llm/"),
            accept_eula=True,
            hub_content=f"{HERE}hub-content/hub/Model/llm/1",
            manifest=self.at("manifest.json"),
            etag="a",
            manifest_etag="b",
        )

    def inference(self) -> ml.InferenceSpecification:
        full = ml.PackageContainer(
            image=image(),
            data=self.data(),
            hostname="first",
            image_digest=DIGEST,
            product_id="product",
            environment={"A": "b"},
            model_input='{"input": [1]}',
            framework="PYTORCH",
            framework_version="1.8",
            nearest_model="resnet",
            additional_data={"adapter": self.data()},
            additional_s3_data=self.at("more/"),
            additional_s3_compression="Gzip",
            additional_s3_etag="c",
            data_etag="d",
            is_checkpoint=True,
            hub_content_name="llm",
            hub_content_version="1.0.0",
            recipe_name="recipe",
        )
        return ml.InferenceSpecification(
            containers=[full, ml.PackageContainer(image=image(), data=self.at("model.tar.gz"))],
            content_types=["text/csv"],
            response_types=["text/csv"],
            realtime_instances=["ml.m5.xlarge"],
            transform_instances=["ml.m5.xlarge"],
            description="the other",
        )

    def validation(self) -> ml.PackageValidation:
        return ml.PackageValidation(
            role=self.role,
            data=self.at("try/"),
            output=self.at("tried/"),
            content_type="text/csv",
            compression="Gzip",
            split="Line",
            accept="text/csv",
            assemble_with="Line",
            output_key=self.key,
            volume_key=self.key,
            ami_version="al2-ami-sagemaker-batch-gpu-470",
            max_concurrent=1,
            max_payload_mb=6,
            batch_strategy="MultiRecord",
            environment={"A": "b"},
        )


def everything(stack: Stack, things: Things) -> ml.RegisterModel:
    return ml.RegisterModel(
        stack,
        "Register",
        group="churn",
        inference=things.inference(),
        approval_status="PendingManualApproval",
        description="who will leave us",
        metrics=ml.ModelMetrics(**{name: things.file(name) for name in ml.ModelMetrics.places}),
        drift_baselines=ml.DriftBaselines(**{name: things.file(name) for name in ml.DriftBaselines.places}),
        customer_metadata={"owner": "risk"},
        additional_specifications={"small": things.inference()},
        validation=things.validation(),
        skip_validation="None",
        certify_for_marketplace=False,
        provenance=ml.Provenance(commit_id="1", repository="2", generated_by="3", project_id="4"),
        domain="MACHINE_LEARNING",
        task="CLASSIFICATION",
        sample_payload=things.at("sample.tar.gz"),
        source_uri="mlflow",
        security_key=things.key,
        model_card=ml.ModelCard(content="{}"),
        life_cycle=ml.LifeCycle(stage="Staging", status="Pending", description="new"),
        registration_type="Registered",
        managed_storage="Restricted",
        client_token="token",  # noqa: S106 - what tells a repeated call from a new one
    )


def test_every_member_of_a_package_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """Of versions, of packages without versions, of models made by an algorithm."""
    things = Things(stack)
    algorithm = [
        ml.RegisterModel(
            stack,
            name,
            package_name="mine",
            source_algorithm=ml.SourceAlgorithm(name="algorithm", data=data, data_etag="e"),
            tags={"team": "ml"},
        )
        for name, data in (("ByUrl", things.at("model.tar.gz")), ("BySource", things.data()))
    ]

    states = asl(stack, everything(stack, things).next(algorithm[0]).next(algorithm[1])).values()

    assert not_reached("CreateModelPackage", states) == set()
    assert unknown("CreateModelPackage", states) == set()
    assert {state["Resource"] for state in states} == {"arn:aws:states:::aws-sdk:sagemaker:createModelPackage"}


def test_every_member_of_an_update_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    things = Things(stack)
    update = ml.UpdateModelApproval(
        stack,
        "Approve",
        package=PACKAGE,
        approval_status="Approved",
        approval_description="good enough",
        customer_metadata={"owner": "risk"},
        remove_customer_metadata=["old"],
        inference=things.inference(),
        add_specifications={"small": things.inference()},
        source_uri="mlflow",
        model_card=ml.ModelCard(content="{}"),
        life_cycle=ml.LifeCycle(stage="Staging", status="Approved", description="fine"),
        registration_type="Registered",
        client_token="token",  # noqa: S106 - what tells a repeated call from a new one
    )

    states = asl(stack, update).values()

    assert not_reached("UpdateModelPackage", states) == set()
    assert unknown("UpdateModelPackage", states) == set()


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """An image and artifacts make a version that waits for approval; throttling has the name of the SDK's integration."""
    group = ml.ModelPackageGroup(stack, "Churn")
    train = ml.TrainingJob(stack, "Train", image=image())
    register = ml.RegisterModel(stack, "Register", group=group, image=image(), data=train.model_artifacts)
    approve = ml.UpdateModelApproval(stack, "Approve", package=register, approval_status="Approved")

    states = asl(stack, train.next(register).next(approve))

    assert states["Register"]["Parameters"] == {
        "ModelPackageGroupName": "Census-RoVC-Churn",
        "InferenceSpecification": {
            "Containers": [
                {
                    "Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1",
                    "ModelDataUrl.$": "$.Train.ModelArtifacts.S3ModelArtifacts",
                }
            ]
        },
        "ModelApprovalStatus": "PendingManualApproval",
    }
    assert states["Register"]["Retry"][0]["ErrorEquals"] == ["SageMaker.SageMakerException"]
    assert states["Approve"]["Parameters"] == {
        "ModelPackageArn.$": "$.Register.ModelPackageArn",
        "ModelApprovalStatus": "Approved",
    }


def test_a_group(stack: Stack) -> None:
    """Is a resource that is kept, tagged like everything else."""
    ml.JobDefaults(tags={"team": "ml"}).apply_to(stack)
    ml.ModelPackageGroup(stack, "Churn", name="churn", description="who will leave us", tags={"a": "b"})

    Template.from_stack(stack).has_resource(
        "AWS::SageMaker::ModelPackageGroup",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "ModelPackageGroupName": "churn",
                "ModelPackageGroupDescription": "who will leave us",
                "Tags": [{"Key": "a", "Value": "b"}, {"Key": "team", "Value": "ml"}],
            },
        },
    )


def test_the_state_machines_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """May make and change packages of this group, hand on the validation's role and use the package's key."""
    things = Things(stack)
    register = everything(stack, things)
    approve = ml.UpdateModelApproval(stack, "Approve", package=register, approval_status="Approved")
    gate = ml.ModelApprovalGate(stack, "Gate", package=register)
    ml.Workflow(stack, "Workflow", definition=register.next(approve).next(gate))

    own = [item for item in statements(synth(stack), "Workflow") if not item["Action"][0].startswith(("logs", "xray"))]

    assert {action: set(item["Resource"]) for item in own for action in item["Action"]} == {
        "sagemaker:CreateModelPackage": {f"{HERE}model-package/churn/*"},
        "sagemaker:UpdateModelPackage": {f"{HERE}model-package/churn/*"},
        "sagemaker:DescribeModelPackage": {f"{HERE}model-package/churn/*"},
        "iam:PassRole": {"arn:aws:iam::111122223333:role/mine"},
        "kms:Decrypt": {KEY},
        "kms:DescribeKey": {KEY},
        "kms:GenerateDataKey": {KEY},
    }


def test_a_package_that_is_known_only_at_run_time(stack: Stack, synth: Callable[..., Any]) -> None:
    """Is narrowed by its group; without one there is a warning."""
    late = ml.execution_input("package")
    narrow = ml.UpdateModelApproval(stack, "Narrow", package=late, group="churn", approval_status="Approved")
    ml.Workflow(stack, "Workflow", definition=narrow)
    (own,) = [item for item in statements(synth(stack), "Workflow") if item["Action"][0].startswith("sagemaker:")]
    assert own["Resource"] == [f"{HERE}model-package/churn/*"]
    ml.UpdateModelApproval(stack, "Wide", package=late, approval_status="Approved")
    Annotations.from_stack(stack).has_warning("/Census/Wide", Match.string_like_regexp("pass group="))


def test_a_request_as_a_whole(stack: Stack, asl: Callable[..., Any]) -> None:
    request = {name: ml.execution_input("Register", name) for name in ("InferenceSpecification",)}
    register = ml.RegisterModel.from_request(stack, "Register", {"ModelPackageGroupName": "churn", **request})

    assert register.packages == "churn/*"
    assert asl(stack, register)["Register"]["Parameters"] == {
        "ModelPackageGroupName": "churn",
        "InferenceSpecification.$": "$$.Execution.Input['Register']['InferenceSpecification']",
    }


BAD: list[tuple[dict[str, Any], str]] = [
    ({"group": None}, "group or package_name must be given, and only one of them; pass group="),
    ({"package_name": "mine"}, "group or package_name must be given, and only one of them"),
    ({"image": None}, "image or inference or source_algorithm must be given; pass image="),
    ({"tags": {"a": "b"}}, "tags cannot be given beside a group, whose tags its versions have; tag the group"),
    ({"approval_status": "Maybe"}, "approval_status must be one of Approved, PendingManualApproval, Rejected"),
    ({"content_types": "text/csv"}, "content_types must be a list of texts, got the text 'text/csv'"),
    ({"description": "x" * 1025}, "description must have 0-1024 characters, got 1025"),
    ({"skip_validation": "Some"}, "skip_validation must be one of All, None, got 'Some'"),
    ({"managed_storage": "Free"}, "managed_storage must be one of Restricted, got 'Free'"),
    ({"customer_metadata": {"k" * 129: "v"}}, "customer_metadata must have 1-128 characters"),
    (
        {"inference": ml.InferenceSpecification(containers=[])},
        "inference must not be given beside image, data or types",
    ),
    (
        {"image": None, "inference": ml.InferenceSpecification(containers=[])},
        "inference.containers must have 1-15 items",
    ),
]


@pytest.mark.parametrize(("props", "message"), BAD)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    given = {"group": "churn", "image": image(), **props}
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.RegisterModel(stack, "Register", **given)
    assert message.split(" ", 1)[1] in str(caught.value)
    assert str(caught.value).startswith("Census/Register: ")


def test_bad_updates(stack: Stack) -> None:
    """Likewise."""
    with pytest.raises(ml.InvalidPropsError, match=r"Approve: package must match .*, got 'churn'"):
        ml.UpdateModelApproval(stack, "Approve", package="churn")
    with pytest.raises(ml.InvalidPropsError, match=r"approval_status must be one of"):
        ml.UpdateModelApproval(stack, "Approve", package=PACKAGE, approval_status="Yes")


def test_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """Packages are handed on likewise."""
    language = sfn.QueryLanguage.JSONATA
    register = ml.RegisterModel(stack, "Register", group="churn", image=image(), query_language=language)
    approve = ml.UpdateModelApproval(
        stack, "Approve", package=register, approval_status="Approved", query_language=language
    )
    state = asl(stack, register.next(approve))["Approve"]
    assert state["Arguments"]["ModelPackageArn"] == "{% $states.input.Register.ModelPackageArn %}"
