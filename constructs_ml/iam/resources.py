"""What a state machine's role may do to make and change models, endpoints and packages.

Source: "Actions, resources, and condition keys for Amazon SageMaker AI" of the Service Authorization Reference, and
"Amazon SageMaker AI API Permissions" of the SageMaker developer guide: creating or updating an endpoint takes both its
own ARN and its configuration's, and ``kms:CreateGrant`` if the configuration has a key. SageMaker writes the names of
models, configurations and endpoints in lower case in their ARNs, and IAM compares ARNs by case.
"""

from __future__ import annotations

from dataclasses import dataclass

from constructs_ml.iam.statements import Statement

PASSED_TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def resource_arns(place: Place, arn_type: str, *names: str) -> tuple[str, ...]:
    """The ARNs of resources whose names match: as they are written, and in lower case.

    Args:
        place: Where they are.
        arn_type: What their ARNs call them: ``endpoint-config``.
        names: Names, or patterns; one for any name makes the others superfluous.
    """
    given = ("*",) if "*" in names else names
    both = (form for name in given for form in (name, in_lower_case(name)))
    return tuple(dict.fromkeys(place.arn("sagemaker", f"{arn_type}/{name}") for name in both))


def in_lower_case(names: str) -> str:
    """Names in lower case; a token of CDK's has to stay as it is."""
    return names if "${Token[" in names else names.lower()


def call_statement(operations: tuple[str, ...], arns: tuple[str, ...], *, tags: bool = False) -> Statement:
    """The statement for calling operations on resources; with tags, for tagging what they make too."""
    actions = tuple(f"sagemaker:{operation}" for operation in operations)
    return Statement((*actions, "sagemaker:AddTags") if tags else actions, arns)


def pass_role(role_arn: str) -> Statement:
    """The statement for handing a role to SageMaker, and to no other service."""
    return Statement(("iam:PassRole",), (role_arn,), PASSED_TO_SAGEMAKER)


def use_volume_key(key_arn: str) -> Statement:
    """The statement for letting SageMaker encrypt an endpoint's volumes."""
    return Statement(("kms:CreateGrant",), (key_arn,), FOR_AWS)


def watch_alarms(alarm_arns: tuple[str, ...]) -> list[Statement]:
    """The statement for rolling a deployment back when an alarm goes off; none without alarms.

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
        """The ARN of a resource in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def s3_arn(self, bucket: str, key: str = "") -> str:
        """The ARN of a bucket, or of the objects whose keys match."""
        return f"arn:{self.partition}:s3:::{bucket}{'/' if key else ''}{key}"
