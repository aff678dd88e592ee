"""The permissions of a state machine's role: run jobs; create and change models, endpoints and packages.

Source: "Actions, resources, and condition keys for Amazon SageMaker AI" of the Service Authorization Reference, and
"Amazon SageMaker AI API Permissions" of the SageMaker developer guide: creating or updating an endpoint takes both its
own ARN and its configuration's, and ``kms:CreateGrant`` if the configuration has a key. SageMaker writes the names of
models, configurations and endpoints in lower case in their ARNs, and IAM compares ARNs by case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.iam.facts import (
    ADD_TAGS,
    FOR_AWS,
    LIST_TAGS,
    MANAGED_RULE_ACTIONS,
    PASSED_TO_SAGEMAKER,
    job_actions,
)
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from constructs_ml.sagemaker.kinds import JobKind


def resource_arns(place: Place, arn_type: str, *names: str) -> tuple[str, ...]:
    """Return the ARNs of resources whose names match: as written, and in lower case.

    Args:
        place: Their partition, region and account.
        arn_type: Their type in ARNs: ``endpoint-config``.
        names: Names, or patterns; ``*`` makes the others superfluous.
    """
    given = ("*",) if "*" in names else names
    both = (form for name in given for form in (name, in_lower_case(name)))
    return tuple(dict.fromkeys(place.arn("sagemaker", f"{arn_type}/{name}") for name in both))


def in_lower_case(names: str) -> str:
    """Return names in lower case, except their CDK tokens."""
    return names if "${Token[" in names else names.lower()


def call_statement(operations: tuple[str, ...], arns: tuple[str, ...], *, tags: bool = False) -> Statement:
    """Return the statement for calling operations on resources and, with ``tags``, for tagging these."""
    actions = tuple(f"sagemaker:{operation}" for operation in operations)
    return Statement((*actions, ADD_TAGS) if tags else actions, arns)


def pass_role(role_arn: str) -> Statement:
    """Return the statement for passing a role to SageMaker, and to no other service."""
    return Statement(("iam:PassRole",), (role_arn,), PASSED_TO_SAGEMAKER)


def use_volume_key(key_arn: str) -> Statement:
    """Return the statement for letting SageMaker encrypt the volumes of jobs and endpoints."""
    return Statement(("kms:CreateGrant",), (key_arn,), FOR_AWS)


def watch_alarms(alarm_arns: tuple[str, ...]) -> list[Statement]:
    """Return the statement for rolling a deployment back on an alarm; none without alarms.

    Source: "Auto-Rollback Configuration and Monitoring" of the SageMaker developer guide.
    """
    return [Statement(("cloudwatch:DescribeAlarms",), alarm_arns)] if alarm_arns else []


@dataclass(frozen=True, slots=True)
class Place:
    """A partition, region and account; each a literal or a token.

    Attributes:
        partition: ``aws``, ``aws-cn``, ``aws-us-gov`` or a token for it.
        region: The region or a token for it.
        account: The account's id or a token for it.
    """

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def s3_arn(self, bucket: str, key: str = "") -> str:
        """Return the ARN of a bucket, or of the objects whose keys match."""
        return f"arn:{self.partition}:s3:::{bucket}{'/' if key else ''}{key}"


def run_job_statements(
    kind: JobKind, names: str | tuple[str, ...], role_arn: str | None, place: Place, *, wait: bool, tags: bool = False
) -> list[Statement]:
    """Return the statements for running jobs by their names.

    Args:
        kind: The kind of the jobs.
        names: Their names, or patterns: ``census-4fga-*``.
        role_arn: The role that the jobs run under; None if they have none.
        place: Their partition, region and account.
        wait: True if the state machine waits for them to end.
        tags: True if they have tags.
    """
    jobs = resource_arns(place, kind.arn_type, *((names,) if isinstance(names, str) else names))
    # The guide's policies grant ListTags on everything.
    statements = [Statement((*job_actions(kind, wait=wait, tags=tags), LIST_TAGS), jobs)]
    if role_arn is not None:
        statements.append(pass_role(role_arn))
    if wait:
        rule = place.arn("events", f"rule/{kind.managed_rule}")
        statements.append(Statement(MANAGED_RULE_ACTIONS, (rule,)))
    return statements
