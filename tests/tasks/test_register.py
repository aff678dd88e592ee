"""The model registry: every member of CreateModelPackage and UpdateModelPackage, permissions, faults."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import CfnElement
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Annotations, Match, Template
from support.full_registry import PACKAGE, approvals, registrations, version
from support.full_world import KEY, World
from support.reached import in_a_row, not_reached, unknown
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

HERE = "arn:aws:sagemaker:us-east-1:111122223333:"


def image() -> ml.ContainerImage:
    return ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")


def test_every_member_of_a_package_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """Of versions, of packages without versions, of models made by an algorithm."""
    made = [ml.RegisterModel(stack, f"Model{at}", **props) for at, props in enumerate(registrations(World(stack)))]

    states = asl(stack, in_a_row(made)).values()

    assert not_reached("CreateModelPackage", states) == set()
    assert unknown("CreateModelPackage", states) == set()
    assert {state["Resource"] for state in states} == {"arn:aws:states:::aws-sdk:sagemaker:createModelPackage"}


def test_every_member_of_an_update_reaches_the_definition(stack: Stack, asl: Callable[..., Any]) -> None:
    """Of what serves the package too."""
    (props,) = approvals(World(stack))

    states = asl(stack, ml.UpdateModelApproval(stack, "Approve", **props)).values()

    assert not_reached("UpdateModelPackage", states) == set()
    assert unknown("UpdateModelPackage", states) == set()


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """An image and artifacts make a version that waits for approval; throttling has the name of the SDK's integration."""
    group = ml.registry.ModelPackageGroup(stack, "Churn")
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


def test_a_group_that_is_there_already(stack: Stack, asl: Callable[..., Any]) -> None:
    """It is named, and nothing is made."""
    group = ml.registry.ModelPackageGroup.from_model_package_group_name(stack, "Churn", "churn")
    register = ml.RegisterModel(stack, "Register", group=group, image=image())

    assert asl(stack, register)["Register"]["Parameters"]["ModelPackageGroupName"] == "churn"
    assert stack.resolve(group.model_package_group_arn)["Fn::Join"][1][-1].endswith(":model-package-group/churn")
    Template.from_stack(stack).resource_count_is("AWS::SageMaker::ModelPackageGroup", 0)


def test_the_old_names_of_a_group_still_hold(stack: Stack) -> None:
    """They warn of the line that has them."""
    with pytest.warns(DeprecationWarning, match=r"^ModelPackageGroup\(name=\) is deprecated; use model_pack") as warned:
        group = ml.registry.ModelPackageGroup(stack, "Churn", name="churn")
    with pytest.warns(
        DeprecationWarning, match=r"^ModelPackageGroup\.name is deprecated; use model_package_group_name$"
    ):
        assert group.name == group.model_package_group_name == "churn"
    with pytest.warns(DeprecationWarning, match=r"^ModelPackageGroup\.arn is deprecated; use model_package_group_arn$"):
        assert group.arn == group.model_package_group_arn
    assert warned[0].filename == __file__


def test_a_group_shows_no_resource_of_cloudformation(stack: Stack) -> None:
    """Nor does a state: what is public is of the level of constructs."""
    shown: list[Any] = [ml.registry.ModelPackageGroup(stack, "Churn"), ml.TrainingJob(stack, "Train", image=image())]
    for made in shown:
        names = [name for name in dir(made) if not name.startswith("_")]
        assert [name for name in names if isinstance(_value(made, name), CfnElement)] == []


def _value(made: Any, name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return None if name == "connections" else getattr(made, name)


def test_a_group(stack: Stack) -> None:
    """Is a resource that is kept, tagged like everything else."""
    ml.JobDefaults(tags={"team": "ml"}).apply_to(stack)
    ml.registry.ModelPackageGroup(
        stack, "Churn", model_package_group_name="churn", description="who will leave us", tags={"a": "b"}
    )

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
    register = ml.RegisterModel(stack, "Register", **version(World(stack)))
    approve = ml.UpdateModelApproval(stack, "Approve", package=register, approval_status="Approved")
    gate = ml.ModelApprovalGate(stack, "Gate", package=register)
    ml.Workflow(stack, "Workflow", definition=register.next(approve).next(gate))

    own = [item for item in statements(synth(stack), "Workflow") if not item["Action"][0].startswith(("logs", "xray"))]

    assert {action: set(item["Resource"]) for item in own for action in item["Action"]} == {
        "sagemaker:CreateModelPackage": {f"{HERE}model-package/churn/*", f"{HERE}model-package-group/churn"},
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
    ({"group": None}, "group or package_name is required, and only one of them; pass group="),
    ({"package_name": "mine"}, "group or package_name is required, and only one of them"),
    ({"image": None}, "image or inference or source_algorithm is required; pass image="),
    ({"tags": {"a": "b"}}, "tags cannot be combined with a group, whose tags its versions have; tag the group"),
    ({"approval_status": "Maybe"}, "approval_status must be one of Approved, PendingManualApproval, Rejected"),
    ({"content_types": "text/csv"}, "content_types must be a list of strings, got the string 'text/csv'"),
    ({"description": "x" * 1025}, "description must have 0-1024 characters, got 1025"),
    ({"skip_validation": "Some"}, "skip_validation must be one of All, None, got 'Some'"),
    ({"managed_storage": "Free"}, "managed_storage must be one of Restricted, got 'Free'"),
    ({"customer_metadata": {"k" * 129: "v"}}, "customer_metadata must have 1-128 characters"),
    (
        {"inference": ml.registry.InferenceSpecification(containers=[])},
        "inference cannot be combined with image, data or types",
    ),
    (
        {"image": None, "inference": ml.registry.InferenceSpecification(containers=[], content_types="text/csv")},
        "inference.content_types must be a list of strings, got the string 'text/csv'",
    ),
    (
        {
            "additional_specifications": {
                "a": ml.registry.InferenceSpecification(containers=[], response_types="text/csv")
            }
        },
        "additional_specifications['a'].response_types must be a list of strings, got the string 'text/csv'",
    ),
    ({"data": ml.S3Data.from_uri("s3://b/" + "x" * 1024)}, "data must have 0-1024 characters, got 1031"),
    (
        {"image": None, "inference": ml.registry.InferenceSpecification(containers=[])},
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
    with pytest.raises(ml.InvalidPropsError, match=r"tags cannot be changed by an update; tag the package when"):
        ml.UpdateModelApproval(stack, "Approve", package=PACKAGE, tags={"team": "risk"})


def test_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """Packages are handed on likewise."""
    language = sfn.QueryLanguage.JSONATA
    register = ml.RegisterModel(stack, "Register", group="churn", image=image(), query_language=language)
    approve = ml.UpdateModelApproval(
        stack, "Approve", package=register, approval_status="Approved", query_language=language
    )
    state = asl(stack, register.next(approve))["Approve"]
    assert state["Arguments"]["ModelPackageArn"] == "{% $states.input.Register.ModelPackageArn %}"
