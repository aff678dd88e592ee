"""Near misses: what no role of a workflow may do, and what a role may not do though it may do something like it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from support.calls.needs import PULL, grant, log, metrics
from support.calls.place import (
    ARTIFACTS,
    DATA,
    JOB_ROLE,
    KEY,
    OTHER_KEY,
    REPOSITORY,
    STRANGER,
    VOLUME_KEY,
    Team,
    arn,
    calls,
    passing,
    role,
)
from support.iam import Call

if TYPE_CHECKING:
    from collections.abc import Iterable

MANAGED_RULE = ("events:DescribeRule", "events:PutRule", "events:PutTargets")
_ARN = re.compile(r"arn:aws:(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.*)")


def elsewhere(allowed: Iterable[Call]) -> list[Call]:
    """The same calls on what has the same name in another account, or in another region."""
    found = []
    for call in allowed:
        parts = _ARN.fullmatch(call.resource)
        if parts is None:
            continue
        service, region, account, resource = parts.groups()
        if account:
            found.append(replace(call, resource=f"arn:aws:{service}:{region}:{STRANGER}:{resource}"))
        if region:
            found.append(replace(call, resource=f"arn:aws:{service}:eu-west-1:{account}:{resource}"))
    return found


def wrong_passing(role_arn: str) -> list[Call]:
    """Handing on another role, the same to another service, and the same to nobody knows whom."""
    return [
        passing(role("Admin")),
        passing(f"{role_arn}-2"),
        passing(role_arn, to="lambda.amazonaws.com"),
        passing(role_arn, to="ec2.amazonaws.com"),
        passing(role_arn, to="sagemaker.evil.example"),
        Call("iam:PassRole", role_arn),
    ]


CREATES = {
    "CreateProcessingJob": "processing-job",
    "CreateTrainingJob": "training-job",
    "CreateHyperParameterTuningJob": "hyper-parameter-tuning-job",
    "CreateTransformJob": "transform-job",
    "CreateLabelingJob": "labeling-job",
    "CreateAutoMLJobV2": "automl-job",
    "CreateAutoMLJob": "automl-job",
    "CreateModel": "model",
    "CreateEndpointConfig": "endpoint-config",
    "CreateEndpoint": "endpoint",
    "UpdateEndpoint": "endpoint",
    "CreateModelPackage": "model-package",
    "CreatePipeline": "pipeline",
    "StartPipelineExecution": "pipeline",
    "CreateNotebookInstance": "notebook-instance",
    "CreatePresignedDomainUrl": "user-profile",
}


def other_creates(team: Team, *own: str) -> list[Call]:
    """Making what a state does not make, under a name of its own."""
    assert set(own) <= set(CREATES), own
    return [Call(f"sagemaker:{action}", team.own(kind)) for action, kind in CREATES.items() if action not in own]


def deletes(team: Team) -> list[Call]:
    """Deleting anything, even what is the team's own."""
    own = {
        "DeleteEndpoint": "endpoint",
        "DeleteEndpointConfig": "endpoint-config",
        "DeleteModel": "model",
        "DeleteModelPackage": "model-package",
        "DeleteModelPackageGroup": "model-package-group",
        "DeletePipeline": "pipeline",
        "DeleteTags": "training-job",
    }
    return [
        *(Call(f"sagemaker:{action}", team.own(kind)) for action, kind in own.items()),
        *calls(f"{DATA}/raw/1.csv", "s3:DeleteObject", "s3:DeleteObjectVersion"),
        *calls(f"{ARTIFACTS}/{team.owner}/Step/x/1.csv", "s3:DeleteObject"),
        *calls(DATA, "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketPolicy"),
        *calls(KEY, "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"),
        *calls(REPOSITORY, "ecr:DeleteRepository", "ecr:BatchDeleteImage", "ecr:PutImage"),
        *calls(arn("logs", "log-group:/aws/sagemaker/ProcessingJobs"), "logs:DeleteLogGroup"),
        *calls(arn("events", "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"), "events:DeleteRule"),
        *calls(JOB_ROLE, "iam:DeleteRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "sts:AssumeRole"),
    ]


def other_rules(own: str) -> list[Call]:
    """The rules that Step Functions keeps for other services, and other people's."""
    rules = {
        "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
        "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
        "StepFunctionsGetEventsForSageMakerTransformJobsRule",
        "StepFunctionsGetEventsForSageMakerTuningJobsRule",
        "StepFunctionsGetEventsForECSTaskRule",
        "StepFunctionsGetEventsForStepFunctionsExecutionRule",
        "Nightly",
    }
    return [call for rule in sorted(rules - {own}) for call in calls(arn("events", f"rule/{rule}"), *MANAGED_RULE)]


IN_ANY_NETWORK = [
    *calls(arn("ec2", "instance/i-1"), "ec2:TerminateInstances", "ec2:RunInstances"),
    *calls(arn("ec2", "security-group/sg-1"), "ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup"),
    *calls(arn("ec2", "subnet/subnet-1"), "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"),
    *calls("*", "ec2:DescribeInstances", "ec2:CreateTags"),
]
"""Of the network, what is no job's business."""
OTHER_NETWORK = [
    *IN_ANY_NETWORK,
    *calls(arn("ec2", "subnet/subnet-of-others"), "ec2:CreateNetworkInterface"),
    *calls(arn("ec2", "security-group/sg-of-others"), "ec2:CreateNetworkInterface"),
]


def data_misses(read_prefix: str, written_prefix: str) -> list[Call]:
    """Near misses of reading below one prefix of the data and writing below another."""
    return [
        # another prefix, another bucket
        *calls(f"{DATA}/salaries/1.csv", "s3:GetObject"),
        *calls(f"{DATA}/x{read_prefix}1.csv", "s3:GetObject"),
        *calls(f"arn:aws:s3:::data-of-others/{read_prefix}1.csv", "s3:GetObject"),
        Call("s3:ListBucket", DATA, {"s3:prefix": "salaries/"}),
        Call("s3:ListBucket", DATA, {"s3:prefix": ""}),
        Call("s3:ListBucket", DATA),
        Call("s3:ListBucket", "arn:aws:s3:::data-of-others", {"s3:prefix": read_prefix}),
        Call("s3:ListAllMyBuckets", "*"),
        # writing what is only read, reading what is only written
        *calls(f"{DATA}/{read_prefix}1.csv", "s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"),
        *calls(f"{DATA}/{written_prefix}1.csv", "s3:GetObject", "s3:PutObjectAcl", "s3:DeleteObject"),
        *calls(f"{DATA}/salaries/1.csv", "s3:PutObject"),
        *calls(f"arn:aws:s3:::data-of-others/{written_prefix}1.csv", "s3:PutObject"),
        # other keys, and more than is needed with the right ones
        *calls(OTHER_KEY, "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
        grant(OTHER_KEY),
        grant(KEY),
        grant(VOLUME_KEY, for_aws=False),
        Call("kms:CreateGrant", VOLUME_KEY),
        *calls(VOLUME_KEY, "kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:RevokeGrant"),
    ]


def job_misses(team: Team, log_group: str) -> list[Call]:
    """Near misses of any job's role: other images, logs and metrics, and what is the state machine's business."""
    groups = ("/aws/lambda/payments", f"{log_group}OfOthers", "/aws/sagemaker/NotebookInstances")
    return [
        *calls(arn("ecr", "repository/of-others"), *PULL),
        *calls(f"{REPOSITORY}-2", *PULL),
        *(call for group in groups for call in log(group)),
        *calls(arn("logs", f"log-group:{log_group}:log-stream:x"), "logs:GetLogEvents", "logs:DeleteLogStream"),
        metrics("Payments"),
        metrics("AWS/Lambda"),
        Call("cloudwatch:PutMetricData", "*"),
        passing(JOB_ROLE),
        *other_creates(team),
        *deletes(team),
    ]
