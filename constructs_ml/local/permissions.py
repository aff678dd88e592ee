"""What the two roles of a task must be allowed: the state machine's, and the job's.

Calls that the job makes are enforced by the emulator itself. This module names what AWS does on a role's behalf, which
no call of ours shows: pulling the image, granting the use of keys, passing the role, following the job.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.local.kinds import Kind, partition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<repository>[^:@]+)"
)
_ECR_ACTIONS = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
_EC2_ON_ANY = (
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
)
_EC2_ON_INTERFACE = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)


@dataclass(frozen=True)
class Need:
    """One action that a role must be allowed.

    Attributes:
        action: As ``ecr:BatchGetImage``.
        resource: The ARN that it is done on, or ``*``.
        context: Condition keys, in lower case, and their values.
    """

    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)


def workflow_needs(
    kind: Kind, request: dict[str, Any], *, region: str, account: str, sync: bool
) -> tuple[list[Need], Need]:
    """What the state machine's role needs to create a job and, with ``.sync``, to follow it.

    Args:
        kind: The kind of job.
        request: The Create…Job request.
        region: The region of the state machine.
        account: Its account.
        sync: Whether the task waits for the job.

    Returns:
        The actions that Step Functions does, and the passing of the job's role.
    """
    job = kind.arn(request[f"{kind.job}Name"], region=region, account=account)
    needs = [Need(f"sagemaker:Create{kind.job}", job)]
    if sync or request.get("Tags"):
        # With .sync, Step Functions tags the job MANAGED_BY_AWS.
        needs.append(Need("sagemaker:AddTags", job))
    if sync:
        needs += [Need(f"sagemaker:Describe{kind.job}", job), Need(f"sagemaker:Stop{kind.job}", job)]
        rule = f"arn:{partition_of(region)}:events:{region}:{account}:rule/{kind.rule}"
        needs += [Need(f"events:{action}", rule) for action in ("PutTargets", "PutRule", "DescribeRule")]
    passing = Need("iam:PassRole", request["RoleArn"], {"iam:passedtoservice": "sagemaker.amazonaws.com"})
    return needs, passing


def job_needs(
    kind: Kind, request: dict[str, Any], *, region: str, account: str, key_arn: Callable[[str], str]
) -> list[Need]:
    """What the job's own role needs beyond the calls that the job makes.

    Args:
        kind: The kind of job.
        request: The Create…Job request.
        region: The region of the job.
        account: Its account.
        key_arn: Gives the ARN of a KMS key, named by id, alias or ARN.
    """
    partition = partition_of(region)
    needs = [*_image_needs(_image(kind, request), partition), *_key_needs(kind, request, region, key_arn)]
    if kind is Kind.TRAINING and request["AlgorithmSpecification"].get("MetricDefinitions"):
        needs.append(Need("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "/aws/sagemaker/TrainingJobs"}))
    vpc = (request.get("NetworkConfig") or {}).get("VpcConfig") or request.get("VpcConfig")
    if vpc:
        needs += _network_needs(vpc, f"arn:{partition}:ec2:{region}:{account}")
    return needs


def _image(kind: Kind, request: dict[str, Any]) -> str:
    if kind is Kind.PROCESSING:
        return str(request["AppSpecification"]["ImageUri"])
    return str(request["AlgorithmSpecification"].get("TrainingImage", ""))


def _image_needs(image: str, partition: str) -> Iterator[Need]:
    found = _ECR_IMAGE.match(image)
    if found is None:
        return
    repository = f"arn:{partition}:ecr:{found['region']}:{found['account']}:repository/{found['repository']}"
    yield Need("ecr:GetAuthorizationToken", "*")
    for action in _ECR_ACTIONS:
        yield Need(action, repository)


def _key_needs(kind: Kind, request: dict[str, Any], region: str, key_arn: Callable[[str], str]) -> Iterator[Need]:
    if kind is Kind.PROCESSING:
        cluster = request["ProcessingResources"]["ClusterConfig"]
        output = request.get("ProcessingOutputConfig") or {}
    else:
        cluster, output = request["ResourceConfig"], request["OutputDataConfig"]
    if cluster.get("VolumeKmsKeyId"):
        granted = {"kms:grantisforawsresource": "true", "kms:viaservice": f"sagemaker.{region}.amazonaws.com"}
        yield Need("kms:CreateGrant", key_arn(cluster["VolumeKmsKeyId"]), granted)
    if output.get("KmsKeyId"):
        via_s3 = {"kms:viaservice": f"s3.{region}.amazonaws.com"}
        yield Need("kms:GenerateDataKey", key_arn(output["KmsKeyId"]), via_s3)


def _network_needs(vpc: dict[str, list[str]], prefix: str) -> Iterator[Need]:
    for action in _EC2_ON_ANY:
        yield Need(action, "*")
    for action in _EC2_ON_INTERFACE:
        context = {"ec2:authorizedservice": "sagemaker.amazonaws.com"} if action.endswith("Permission") else {}
        yield Need(action, f"{prefix}:network-interface/eni-00000000000000000", context)
    for subnet in vpc.get("Subnets", []):
        yield Need("ec2:CreateNetworkInterface", f"{prefix}:subnet/{subnet}")
    for group in vpc.get("SecurityGroupIds", []):
        yield Need("ec2:CreateNetworkInterface", f"{prefix}:security-group/{group}")
