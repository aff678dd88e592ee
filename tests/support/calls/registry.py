"""Model packages: registered, approved, waited for.

Sources: "Actions, resources, and condition keys for Amazon SageMaker AI" of the Service Authorization Reference, by which
CreateModelPackage takes packages and groups; the managed policy AmazonSageMakerJobFullAccess, which grants both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam

import constructs_ml as ml
from support.calls.declare import declared_bucket
from support.calls.misses import deletes, elsewhere, other_creates, other_rules, wrong_passing
from support.calls.needs import WORKFLOW
from support.calls.place import DATA, IMAGE, KEY, OTHER_KEY, Access, Case, Team, arn, calls, passing, role

if TYPE_CHECKING:
    from aws_cdk import Stack

    from support.iam import Call

STATES = "states.amazonaws.com"
VALIDATING = role("validating")
REGISTER, APPROVE, GATE = Team("Registering"), Team("Approving"), Team("Gating")
GROUP = arn("sagemaker", "model-package-group/Churn")
VERSION, LOWER = arn("sagemaker", "model-package/Churn/7"), arn("sagemaker", "model-package/churn/7")
PACKAGE = arn("sagemaker", "model-package/churn/3")


def _register(stack: Stack) -> Any:
    bucket = declared_bucket(stack)
    return ml.RegisterModel(
        stack,
        "Step",
        group="Churn",
        image=ml.ContainerImage.from_registry(IMAGE),
        data=ml.S3Data.from_object(bucket, "raw/model.tar.gz"),
        validation=ml.registry.PackageValidation(
            role=iam.Role.from_role_arn(stack, "Validating", VALIDATING, mutable=False),
            data=ml.S3Data.from_bucket(bucket, "try/"),
            output=ml.S3Data.from_bucket(bucket, "tried/"),
        ),
        security_key=bucket.encryption_key,
    )


def _approve(stack: Stack) -> Any:
    return ml.UpdateModelApproval(stack, "Step", package=PACKAGE, approval_status="Approved")


def _gate(stack: Stack) -> Any:
    return ml.ModelApprovalGate(stack, "Step", package=PACKAGE)


_REGISTER = [
    *calls(VERSION, "sagemaker:CreateModelPackage"),
    *calls(LOWER, "sagemaker:CreateModelPackage"),
    *calls(GROUP, "sagemaker:CreateModelPackage"),
    *calls(GROUP.lower(), "sagemaker:CreateModelPackage"),
    passing(VALIDATING),
    *calls(KEY, "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"),
]
_APPROVE = calls(PACKAGE, "sagemaker:UpdateModelPackage")
_GATE = calls(PACKAGE, "sagemaker:DescribeModelPackage")


def _others(*actions: str) -> list[Call]:
    """Versions of other groups, and whole groups."""
    names = (
        "model-package/Marketing/1",
        "model-package/Churn-2/1",
        "model-package/churn",
        "model-package-group/Marketing",
    )
    return [call for name in names for call in calls(arn("sagemaker", name), *actions)]


def _misses(team: Team, *creates: str) -> list[Call]:
    return [
        *other_creates(team, *creates),
        *deletes(team),
        *wrong_passing(VALIDATING),
        *other_rules(""),
        *calls(f"{DATA}/raw/model.tar.gz", "s3:GetObject", "s3:PutObject"),
        *calls(LOWER, "sagemaker:DeleteModelPackage", "sagemaker:CreateModel"),
        *calls(GROUP, "sagemaker:DeleteModelPackageGroup", "sagemaker:PutModelPackageGroupPolicy"),
    ]


CASES = {
    "registration": Case(
        REGISTER,
        _register,
        [
            Access(
                "WorkflowRole",
                may=[*_REGISTER, *WORKFLOW],
                may_not=[
                    *elsewhere(_REGISTER),
                    *_others("sagemaker:CreateModelPackage"),
                    *calls(VERSION, "sagemaker:UpdateModelPackage", "sagemaker:DescribeModelPackage"),
                    *calls(OTHER_KEY, "kms:Decrypt", "kms:GenerateDataKey"),
                    *_misses(REGISTER, "CreateModelPackage"),
                ],
                assumed_by=STATES,
            )
        ],
    ),
    "approval": Case(
        APPROVE,
        _approve,
        [
            Access(
                "WorkflowRole",
                may=[*_APPROVE, *WORKFLOW],
                may_not=[
                    *elsewhere(_APPROVE),
                    *_others("sagemaker:UpdateModelPackage"),
                    *calls(LOWER, "sagemaker:UpdateModelPackage"),
                    *calls(PACKAGE, "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"),
                    *_misses(APPROVE),
                    passing(VALIDATING),
                ],
                assumed_by=STATES,
            )
        ],
    ),
    "gate": Case(
        GATE,
        _gate,
        [
            Access(
                "WorkflowRole",
                may=[*_GATE, *WORKFLOW],
                may_not=[
                    *elsewhere(_GATE),
                    *_others("sagemaker:DescribeModelPackage"),
                    *calls(LOWER, "sagemaker:DescribeModelPackage"),
                    *calls(PACKAGE, "sagemaker:UpdateModelPackage", "sagemaker:ListModelPackages"),
                    *_misses(GATE),
                ],
                assumed_by=STATES,
            )
        ],
    ),
}
