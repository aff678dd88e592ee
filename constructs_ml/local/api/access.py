"""Permissions that the caller of an operation needs, and roles that SageMaker may assume.

Source: "Actions, resources, and condition keys for Amazon SageMaker" of the Service Authorization Reference; with
``.sync`` the Step Functions developer guide, "IAM policies for calling Amazon SageMaker AI".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws import arns
from constructs_ml.local.aws.permissions import Need
from constructs_ml.local.jobs.call import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.sagemaker.kinds import JobKind

_PASSED_TO = {"iam:passedtoservice": "sagemaker.amazonaws.com"}
_RULE_ACTIONS = ("PutTargets", "PutRule", "DescribeRule")
# Operation -> the types of the resources that it is done on, and the member that names each.
_RESOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    **{
        f"{verb}{what}": ((arn_type, f"{what}Name"),)
        for verb in ("Create", "Describe", "Stop")
        for what, arn_type in (
            ("ProcessingJob", "processing-job"),
            ("TrainingJob", "training-job"),
            ("TransformJob", "transform-job"),
            ("HyperParameterTuningJob", "hyper-parameter-tuning-job"),
            ("LabelingJob", "labeling-job"),
        )
    },
    **{
        f"{verb}{what}": ((arn_type, f"{what}Name"),)
        for verb in ("Create", "Describe", "Delete")
        for what, arn_type in (
            ("Model", "model"),
            ("EndpointConfig", "endpoint-config"),
            ("Endpoint", "endpoint"),
            ("ModelPackageGroup", "model-package-group"),
            ("ModelPackage", "model-package"),
            ("Pipeline", "pipeline"),
        )
    },
    "CreateEndpoint": (("endpoint", "EndpointName"), ("endpoint-config", "EndpointConfigName")),
    "UpdateEndpoint": (("endpoint", "EndpointName"), ("endpoint-config", "EndpointConfigName")),
    "UpdateModelPackage": (("model-package", "ModelPackageArn"),),
    "ListModelPackages": (("model-package-group", "ModelPackageGroupName"),),
    "ListTrainingJobsForHyperParameterTuningJob": (("hyper-parameter-tuning-job", "HyperParameterTuningJobName"),),
    "CreateAutoMLJobV2": (("automl-job", "AutoMLJobName"),),
    "DescribeAutoMLJobV2": (("automl-job", "AutoMLJobName"),),
    "StopAutoMLJob": (("automl-job", "AutoMLJobName"),),
    "StartPipelineExecution": (("pipeline", "PipelineName"),),
    "DescribePipelineExecution": (("pipeline", "PipelineExecutionArn"),),
    "StopPipelineExecution": (("pipeline", "PipelineExecutionArn"),),
    "AddTags": (("", "ResourceArn"),),
    "ListTags": (("", "ResourceArn"),),
}
# A version of a package is not known before it is there: a policy names all of a group's.
_ANY_VERSION = "1"
_ACCOUNT = 4


def needs(operation: str, request: dict[str, Any], *, region: str, account: str) -> list[Need]:
    """The permissions for an operation, the passing of roles included.

    Args:
        operation: As ``CreateModel``.
        request: Its request.
        region: The region of the call.
        account: The account of the call.
    """
    resources = [
        _resource(arn_type, request.get(member), region=region, account=account)
        for arn_type, member in _RESOURCES.get(operation, ())
    ]
    if operation == "CreateModelPackage":
        resources = [_package(request, region=region, account=account)]
    found = [Need(f"sagemaker:{operation}", resource) for resource in resources or ["*"]]
    if request.get("Tags") and operation != "AddTags":
        found.append(Need("sagemaker:AddTags", found[0].resource))
    return found + [Need("iam:PassRole", role, _PASSED_TO) for role in passed_roles(request)]


def foreign_arn(operation: str, request: dict[str, Any], *, region: str, account: str) -> str:
    """The ARN by which a request names a resource of another region or account; empty if it names none.

    Args:
        operation: As ``DescribeModelPackage``.
        request: Its request.
        region: The region of the call.
        account: The account of the call.
    """
    named = (request.get(member) for _, member in _RESOURCES.get(operation, ()))
    arns = (name for name in named if isinstance(name, str) and name.startswith("arn:"))
    return next((arn for arn in arns if arn.split(":")[3:5] != [region, account]), "")


def sync_needs(kind: JobKind, name: str, *, region: str, account: str) -> list[Need]:
    """The further permissions of a state machine's role to wait for a job.

    Args:
        kind: The kind of job.
        name: Its name.
        region: The region of the state machine.
        account: Its account.
    """
    job = arns.job_arn(kind, name, region=region, account=account)
    rule = arns.arn(f"rule/{kind.managed_rule}", region=region, account=account, service="events")
    # Step Functions tags the job MANAGED_BY_AWS.
    actions = ("sagemaker:AddTags", *(action for action in kind.job_actions if ":Create" not in action))
    return [
        *(Need(action, job) for action in actions),
        *(Need(f"events:{action}", rule) for action in _RULE_ACTIONS),
    ]


def passed_roles(request: dict[str, Any]) -> list[str]:
    """The roles that a request passes to SageMaker, each once."""
    return list(dict.fromkeys(_roles(request)))


def _roles(request: dict[str, Any]) -> Iterator[str]:
    definitions = [request.get("TrainingJobDefinition"), *(request.get("TrainingJobDefinitions") or [])]
    for part in (request, *(definition for definition in definitions if definition)):
        for member in ("RoleArn", "ExecutionRoleArn"):
            if part.get(member):
                yield part[member]


def _resource(arn_type: str, name: str | None, *, region: str, account: str) -> str:
    if not name:
        return "*"
    return name if name.startswith("arn:") else arns.arn(f"{arn_type}/{name}", region=region, account=account)


def _package(request: dict[str, Any], *, region: str, account: str) -> str:
    group = request.get("ModelPackageGroupName")
    name = f"{group.rpartition('/')[2]}/{_ANY_VERSION}" if group else request.get("ModelPackageName")
    return _resource("model-package", name, region=region, account=account)


def check_trust(role: Callable[[str], dict[str, Any] | None], role_arn: str, account: str) -> None:
    """Check that a role exists, belongs to the caller's account and trusts SageMaker.

    Args:
        role: Gives a role by its ARN.
        role_arn: The role.
        account: The caller's account.

    Raises:
        ApiError: If it does not.
    """
    if role_arn.split(":")[_ACCOUNT] != account:
        raise invalid(f"Cross-account pass role is not allowed: {role_arn} is not of account {account}.")
    found = role(role_arn)
    document = (found or {}).get("AssumeRolePolicyDocument") or "{}"
    statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
    if not any(_lets_sagemaker(found) for found in (statements if isinstance(statements, list) else [statements])):
        elsewhere = "" if found else f"; a role that no stack makes is given to a local run: --role {role_arn}"
        message = (
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            f"'sagemaker.amazonaws.com' to assume the role{elsewhere}."
        )
        raise invalid(message)


def _lets_sagemaker(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    actions = statement.get("Action", [])
    return (
        statement.get("Effect") == "Allow"
        and "sagemaker.amazonaws.com" in ([services] if isinstance(services, str) else services)
        and "sts:AssumeRole" in ([actions] if isinstance(actions, str) else actions)
    )
