"""The permissions of a job's own role.

Calls that the job makes are enforced by the emulator itself. This module names what AWS does on the role's behalf, which
no call of ours shows: pulling the image, granting the use of keys, joining the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.arns import partition_of
from constructs_ml.sagemaker.kinds import JobKind

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
    context: dict[str, str] = field(default_factory=dict, hash=False)


def job_needs(
    kind: JobKind,
    request: dict[str, Any],
    *,
    region: str,
    account: str,
    key_arn: Callable[[str], str],
    images: list[str] | None = None,
    vpc: dict[str, list[str]] | None = None,
) -> list[Need]:
    """The permissions of the job's own role beyond those of the calls that the job makes.

    Args:
        kind: The kind of job.
        request: The Create…Job request.
        region: The region of the job.
        account: Its account.
        key_arn: Gives the ARN of a KMS key, named by id, alias or ARN.
        images: The images that it runs, where the request itself does not name them.
        vpc: The network that it runs in, likewise.
    """
    partition = partition_of(region)
    needs = [need for image in images or [_image(kind, request)] for need in _image_needs(image, partition)]
    needs += _key_needs(kind, request, region, key_arn)
    if kind is JobKind.TRAINING and request["AlgorithmSpecification"].get("MetricDefinitions"):
        needs.append(Need("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "/aws/sagemaker/TrainingJobs"}))
    vpc = vpc or (request.get("NetworkConfig") or {}).get("VpcConfig") or request.get("VpcConfig")
    if vpc:
        needs += _network_needs(vpc, f"arn:{partition}:ec2:{region}:{account}")
    return list(dict.fromkeys(needs))


def _image(kind: JobKind, request: dict[str, Any]) -> str:
    if kind is JobKind.PROCESSING:
        return str(request["AppSpecification"]["ImageUri"])
    return str((request.get("AlgorithmSpecification") or {}).get("TrainingImage", ""))


def _image_needs(image: str, partition: str) -> Iterator[Need]:
    found = _ECR_IMAGE.match(image)
    if found is None:
        return
    repository = f"arn:{partition}:ecr:{found['region']}:{found['account']}:repository/{found['repository']}"
    yield Need("ecr:GetAuthorizationToken", "*")
    for action in _ECR_ACTIONS:
        yield Need(action, repository)


def _key_needs(kind: JobKind, request: dict[str, Any], region: str, key_arn: Callable[[str], str]) -> Iterator[Need]:
    if kind is JobKind.PROCESSING:
        cluster = request["ProcessingResources"]["ClusterConfig"]
        output = request.get("ProcessingOutputConfig") or {}
    elif kind is JobKind.TRANSFORM:
        cluster, output = request["TransformResources"], request["TransformOutput"]
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
