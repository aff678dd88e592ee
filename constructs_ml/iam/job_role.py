"""The permissions of a job's own role: the least that its declared inputs, outputs, keys, image and network need.

Source: "How to use SageMaker AI execution roles" of the SageMaker developer guide, the sections on CreateProcessingJob,
CreateTrainingJob, CreateHyperParameterTuningJob and CreateModel, narrowed to what the job names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from constructs_ml.iam.facts import LIST_TAGS
from constructs_ml.iam.resources import pass_role, use_volume_key
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.iam.resources import Place


PULL_IMAGE = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
KEEP_INTERFACES = (
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)
DESCRIBE_NETWORK = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
# Neither signing in to a registry nor metrics have a resource to narrow them to; the namespace is SageMaker's own.
SIGN_IN = Statement(("ecr:GetAuthorizationToken",), ("*",))
PUT_METRICS = Statement(
    ("cloudwatch:PutMetricData",), ("*",), {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
)
# Tokens of CodeArtifact are issued by STS, for a service and not for a resource.
BEARER_TOKEN = Statement(
    ("sts:GetServiceBearerToken",), ("*",), {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}
)
WRITE_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


@dataclass(frozen=True)
class Objects:
    """The objects of a bucket whose keys start with a prefix.

    Attributes:
        bucket_arn: The bucket's ARN, or that of an access point.
        prefix: The prefix of the keys; empty for all of them.
        key_arn: The KMS key that the objects are encrypted with, if any.
        exact: True if the prefix is one object's whole key.
    """

    bucket_arn: str
    prefix: str = ""
    key_arn: str | None = None
    exact: bool = False

    @cached_property
    def arn(self) -> str:
        """The ARN that matches the objects."""
        objects = f"{self.bucket_arn}/object" if ":accesspoint/" in self.bucket_arn else self.bucket_arn
        return f"{objects}/{self.prefix}{'' if self.exact else '*'}"

    @cached_property
    def in_directory(self) -> bool:
        """True for a directory bucket, whose policies name the bucket alone."""
        return ":s3express:" in self.bucket_arn


@dataclass(slots=True)
class JobAccess:
    """The access that one job declares to need.

    Attributes:
        log_group: The log group that its containers write to.
        reads: The objects that it reads.
        writes: The objects that it writes.
        repositories: The ARNs of the ECR repositories that its image is pulled from.
        volume_keys: The ARNs of the KMS keys of its volumes.
        subnets: The ids of its subnets, if it runs in a VPC.
        security_groups: The ids of its security groups, if it runs in a VPC.
        any_network: True if SageMaker checks, when the job is created, that the role may use any network.
        other: Statements that the fields above do not cover.
    """

    log_group: str
    reads: list[Objects] = field(default_factory=list)
    writes: list[Objects] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)
    volume_keys: list[str] = field(default_factory=list)
    subnets: list[str] = field(default_factory=list)
    security_groups: list[str] = field(default_factory=list)
    any_network: bool = False
    other: list[Statement] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Return all strings that the statements name."""
        named = [*self.repositories, *self.volume_keys, *self.subnets, *self.security_groups]
        for objects in (*self.reads, *self.writes):
            named += [objects.bucket_arn, objects.key_arn or ""]
        for statement in self.other:
            named += statement.resources
        return named


def job_statements(access: JobAccess, place: Place) -> list[Statement]:
    """Return the statements that a job's role needs for the access that the job declares."""
    network = _network(access, place) if access.subnets else ()
    logs = write_logs(place, access.log_group)
    return [*_data(access), *_keys(access), *_image(access), logs, PUT_METRICS, *network, *access.other]


def _data(access: JobAccess) -> list[Statement]:
    # A directory bucket is read and written by a session on the bucket as a whole.
    everything = dict.fromkeys((*access.reads, *access.writes))
    found = [Statement(("s3express:CreateSession",), (each.bucket_arn,)) for each in everything if each.in_directory]
    for objects in access.reads:
        if not objects.in_directory:
            # SageMaker lists the objects under a prefix, even if there is only one.
            found += [Statement(("s3:GetObject",), (objects.arn,)), list_objects(objects)]
    # Uploads of several parts are aborted when a job is stopped.
    writes = ("s3:AbortMultipartUpload", "s3:PutObject")
    return found + [Statement(writes, (objects.arn,)) for objects in access.writes if not objects.in_directory]


def list_objects(objects: Objects) -> Statement:
    """Return the statement for listing objects, and no others of their bucket."""
    if not objects.prefix:
        return Statement(("s3:ListBucket",), (objects.bucket_arn,))
    return Statement(("s3:ListBucket",), (objects.bucket_arn,), {"StringLike": {"s3:prefix": f"{objects.prefix}*"}})


def _keys(access: JobAccess) -> list[Statement]:
    found = [Statement(("kms:Decrypt",), (each.key_arn,)) for each in access.reads if each.key_arn]
    # S3 decrypts the parts of an upload to put them together.
    encrypt = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
    found += [Statement(encrypt, (each.key_arn,)) for each in access.writes if each.key_arn]
    return [*found, *map(use_volume_key, access.volume_keys)]


def _image(access: JobAccess) -> list[Statement]:
    pulls = [Statement(PULL_IMAGE, (repository,)) for repository in access.repositories]
    return [*pulls, SIGN_IN] if pulls else []


def write_logs(place: Place, *groups: str) -> Statement:
    """Return the statement for writing to log groups."""
    arns = [place.arn("logs", f"log-group:{group}") for group in groups]
    return Statement(WRITE_LOGS, tuple(arn for group in arns for arn in (group, f"{group}:*")))


def read_packages(repository_arn: str, domain_arn: str) -> list[Statement]:
    """Return the statements for installing packages from a CodeArtifact repository.

    Source: "AWS CodeArtifact authentication and tokens" of the CodeArtifact user guide, and "Actions, resources, and condition
    keys for AWS CodeArtifact" of the Service Authorization Reference.

    Args:
        repository_arn: The repository.
        domain_arn: Its domain, which issues the token.
    """
    return [
        Statement(("codeartifact:GetAuthorizationToken",), (domain_arn,)),
        Statement(("codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository"), (repository_arn,)),
        BEARER_TOKEN,
    ]


def _network(access: JobAccess, place: Place) -> Iterator[Statement]:
    # The Describe actions of EC2 have no resources to narrow them to.
    yield Statement(DESCRIBE_NETWORK, ("*",))
    if access.any_network:
        # "Don't scope in the policy with any conditions or resource filters. Otherwise, the validation checks that occur
        # during the creation of the processing job fail", as AWS has it.
        yield Statement(("ec2:CreateNetworkInterface", *KEEP_INTERFACES), ("*",))
        return
    interfaces = place.arn("ec2", "network-interface/*")
    yield Statement(
        ("ec2:CreateNetworkInterface",),
        (
            interfaces,
            *(place.arn("ec2", f"subnet/{subnet}") for subnet in access.subnets),
            *(place.arn("ec2", f"security-group/{group}") for group in access.security_groups),
        ),
    )
    # The ids of the interfaces are known only when SageMaker has made them.
    yield Statement(KEEP_INTERFACES, (interfaces,))


# The permissions of an AutoML job's role beyond reading and writing its data.
#
# Source: "CreateAutoMLJob and CreateAutoMLJobV2 API: Execution Role Permissions" of the SageMaker developer guide, narrowed
# to this account and region. SageMaker runs jobs, models and endpoints under names of its own, in images of its own.

LOG_GROUPS = ("ProcessingJobs", "TrainingJobs", "TransformJobs", "Endpoints/*")
_HOSTING: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("model", "Model", ()),
    # Creating an endpoint needs a permission on its configuration too.
    ("endpoint-config", "EndpointConfig", ("sagemaker:CreateEndpoint",)),
    ("endpoint", "Endpoint", ("sagemaker:InvokeEndpoint",)),
)


def automl_statements(role_arn: str, place: Place) -> Iterator[Statement]:
    """Yield the statements that an AutoML job's role needs for the candidates that SageMaker tries.

    Args:
        role_arn: The role, which it passes to the jobs and models.
        place: Its partition, region and account.
    """
    yield pass_role(role_arn)
    for kind, word, more in _HOSTING:
        actions = (f"sagemaker:{verb}{word}" for verb in ("Create", "Delete", "Describe"))
        # SageMaker names them.
        yield Statement((*actions, LIST_TAGS, *more), (place.arn("sagemaker", f"{kind}/*"),))
    # Which of its images it tries, and in which account they are, is SageMaker's choice.
    yield Statement(PULL_IMAGE, (f"arn:{place.partition}:ecr:{place.region}:*:repository/*",))
    yield SIGN_IN
    yield PUT_METRICS
    yield write_logs(place, *(f"/aws/sagemaker/{group}" for group in LOG_GROUPS))
