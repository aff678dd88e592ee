"""What a call of SageMaker needs.

Source: "IAM policies for calling Amazon SageMaker AI from Step Functions" of the Step Functions developer guide; "Actions,
resources, and condition keys for Amazon SageMaker" of the Service Authorization Reference; "Amazon SageMaker AI API
Permissions" of the SageMaker developer guide. What SageMaker makes with tags takes AddTags besides, and so does each job that
Step Functions waits for: it tags them (issue 32294 of aws/aws-cdk).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from constructs_ml.asl.values import entries
from constructs_ml.iam.policy import ANY, SAGEMAKER, Need, arn, optional
from constructs_ml.iam.resource_names import pattern_of
from constructs_ml.iam.state_machine import MANAGED_RULE_ACTIONS
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.integration import Integration
    from constructs_ml.sagemaker.task_requests import Request

_KINDS = {kind.operation: kind for kind in JobKind}
_VERB = re.compile(r"(Create|Delete|Describe|Start|Stop|Update)(\w+)")

RESOURCES = {
    "AutoMLJob": ("automl-job", "AutoMLJobName"),
    "AutoMLJobV2": ("automl-job", "AutoMLJobName"),
    "CompilationJob": ("compilation-job", "CompilationJobName"),
    "Endpoint": ("endpoint", "EndpointName"),
    "EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "Experiment": ("experiment", "ExperimentName"),
    "FeatureGroup": ("feature-group", "FeatureGroupName"),
    "HyperParameterTuningJob": ("hyper-parameter-tuning-job", "HyperParameterTuningJobName"),
    "LabelingJob": ("labeling-job", "LabelingJobName"),
    "Model": ("model", "ModelName"),
    "ModelPackageGroup": ("model-package-group", "ModelPackageGroupName"),
    "MonitoringSchedule": ("monitoring-schedule", "MonitoringScheduleName"),
    "NotebookInstance": ("notebook-instance", "NotebookInstanceName"),
    "Pipeline": ("pipeline", "PipelineName"),
    "ProcessingJob": ("processing-job", "ProcessingJobName"),
    "TrainingJob": ("training-job", "TrainingJobName"),
    "TransformJob": ("transform-job", "TransformJobName"),
}
"""What an operation is about, by what comes after its verb: the type in the ARN, and the member that has the name."""
OTHERS = {
    "AddTags": ("", "ResourceArn"),
    "DeleteTags": ("", "ResourceArn"),
    "DescribeModelPackage": ("model-package", "ModelPackageName"),
    "ListTags": ("", "ResourceArn"),
    "StartPipelineExecution": ("pipeline", "PipelineName"),
    "UpdateEndpointWeightsAndCapacities": ("endpoint", "EndpointName"),
    "UpdateModelPackage": ("model-package", "ModelPackageArn"),
}
# These take the configuration's ARN too.
_WITH_CONFIG = {"CreateEndpoint", "UpdateEndpoint"}
_ROLES = (
    ("ExecutionRoleArn",),
    ("RoleArn",),
    ("TrainingJobDefinition", "RoleArn"),
    ("ValidationSpecification", "ValidationRole"),
)


def needs_of_call(call: Integration, request: Request) -> Iterator[Need]:
    """What a call needs."""
    on = resources_of(request)
    action = f"sagemaker:{request.operation}"
    kind = _KINDS.get(request.operation)
    if kind is not None and call.waits:
        yield Need((*_actions(kind), "sagemaker:AddTags"), on)
        yield _managed_rule(kind, required=True)
    else:
        yield Need((action, "sagemaker:AddTags") if _tags(request) else (action,), on)
    if request.operation in _WITH_CONFIG:
        yield Need((action,), _named("endpoint-config", pattern_of(request.body, "EndpointConfigName")))
    if request.operation.startswith(("Create", "Update")):
        yield from _passed_roles(request)
    yield from _usual(request, kind, on)


@cache
def _actions(kind: JobKind) -> tuple[str, ...]:
    return kind.job_actions


@cache
def _managed_rule(kind: JobKind, *, required: bool) -> Need:
    return Need(MANAGED_RULE_ACTIONS, (arn("events", f"rule/{kind.managed_rule}"),), required=required)


def resources_of(request: Request) -> tuple[str, ...]:
    """The ARNs that the resource can have which a request is about."""
    if request.operation == "CreateModelPackage":
        return _package(request)
    verb = _VERB.fullmatch(request.operation)
    found = OTHERS.get(request.operation) or (RESOURCES.get(verb[2]) if verb else None)
    return _named(found[0], pattern_of(request.body, found[1])) if found else ANY


def _named(arn_type: str, name: str | None) -> tuple[str, ...]:
    """The ARNs of a resource: with its name as it is written, and in lower case, as SageMaker writes many."""
    if name is None or name == "*":
        return (arn("sagemaker", f"{arn_type}/*"),) if arn_type else ANY
    if name.startswith("arn:"):
        return (name,)
    if not arn_type:
        return ANY
    names = [name] if "${" in name else [name, name.lower()]
    found = [arn("sagemaker", f"{arn_type}/{each}") for each in dict.fromkeys(names)]
    # A token may be the ARN itself.
    return (name, *found) if name.startswith("${") else tuple(found)


def _package(request: Request) -> tuple[str, ...]:
    group = pattern_of(request.body, "ModelPackageGroupName")
    if group is None:
        return _named("model-package", pattern_of(request.body, "ModelPackageName"))
    if group == "*" or group.startswith(("arn:", "${")):
        return (arn("sagemaker", "model-package/*"), arn("sagemaker", "model-package-group/*"))
    packages = [
        name for each in (group, group.lower()) for name in (f"model-package/{each}/*", f"model-package/{each}")
    ]
    return tuple(arn("sagemaker", name) for name in dict.fromkeys([*packages, f"model-package-group/{group}"]))


def _tags(request: Request) -> bool:
    tags = request.get("Tags")
    return request.operation.startswith("Create") and isinstance(tags, list) and bool(tags)


def _passed_roles(request: Request) -> Iterator[Need]:
    roles = [pattern_of(request.body, *names) for names in _ROLES]
    roles += [pattern_of(one, "RoleArn") for _, one in entries(request.get("TrainingJobDefinitions"))]
    for role in dict.fromkeys(role for role in roles if role is not None):
        yield Need(("iam:PassRole",), (role,) if role.startswith(("arn:", "${")) else ANY, SAGEMAKER)


def _usual(request: Request, kind: JobKind | None, on: tuple[str, ...]) -> Iterator[Need]:
    """What AWS's own policies grant besides."""
    yield optional("sagemaker:ListTags")
    yield optional("sagemaker:AddTags", on=on)
    if kind is not None:
        yield optional(*_actions(kind), on=on)
        yield _managed_rule(kind, required=False)
    if request.operation == "CreateTrainingJob" and "TrainingPlanArn" in repr(request.get("ResourceConfig")):
        plans = (arn("sagemaker", "training-plan/*"), arn("sagemaker", "reserved-capacity/*"))
        yield from (optional("sagemaker:CreateTrainingJob", on=(plan,)) for plan in plans)
    if request.operation in {"CreateTransformJob", "CreateEndpoint", "UpdateEndpoint"}:
        # aws-cdk-lib lets a transform job's state pass the model's role.
        yield Need(("iam:PassRole",), ANY, SAGEMAKER, required=False)
    if request.operation.startswith("CreateAutoMLJob"):
        # Its role may go on to EMR.
        yield optional("iam:PassRole")
