"""Likely values of things of which only the name is known: a parameter, an export, a custom resource's attribute.

``SharedSubnetIds`` holds ids of subnets, ``/network/jobs-sg`` one of a security group, ``ModelKeyArn`` a key's ARN. A name may
mislead: who knows more of a value takes the first of the candidates that fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.physical_values import PhysicalValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.cfn.physical_values import Place

# The CDK appends digits to names: Key961B73FD5Arn. S3 and EC2 are words.
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?<!s)(?=\d)|[^A-Za-z0-9]+")
# What a name has to match, in words joined by hyphens, and the value that it then has: what a resource type's Ref gives,
# one of its attributes, or a form of its own. The first that matches.
_REF = ""
_KINDS: tuple[tuple[str, str, str], ...] = (
    (r"\bsgs?\b|security-groups?\b|\bgroup-ids?\b", "AWS::EC2::SecurityGroup", _REF),
    (r"subnets?\b", "AWS::EC2::Subnet", _REF),
    (r"role-name", "AWS::IAM::Role", _REF),
    (r"\broles?\b(?!.*(bucket|key|topic|queue))", "AWS::IAM::Role", "Arn"),
    (r"bucket.*\barn", "AWS::S3::Bucket", "Arn"),
    (r"\b(s3-)?(uris?|paths?|locations?)$(?<!image-uri)(?<!repository-uri)", "", "s3://{name}/data"),
    (r"bucket", "AWS::S3::Bucket", _REF),
    (r"secret", "AWS::SecretsManager::Secret", _REF),
    (r"(kms|cmk|\bkeys?\b).*\barns?", "AWS::KMS::Key", "Arn"),
    (r"\bkms\b|\bcmk\b|key(-ids?)?$|\bkeys?\b", "AWS::KMS::Key", _REF),
    (r"topic(?!.*name)", "AWS::SNS::Topic", _REF),
    (r"queue.*\barn", "AWS::SQS::Queue", "Arn"),
    (r"queue(?!.*name)", "AWS::SQS::Queue", _REF),
    (r"(function|lambda).*\barn", "AWS::Lambda::Function", "Arn"),
    (r"state-machine", "AWS::StepFunctions::StateMachine", _REF),
    (r"table.*\barn", "AWS::DynamoDB::Table", "Arn"),
    (r"\bami\b|image-id", "AWS::EC2::Image", _REF),
    (r"repository-name", "AWS::ECR::Repository", _REF),
    (r"repository.*\barn", "AWS::ECR::Repository", "Arn"),
    (
        r"(repository|ecr|image).*\b(uri|url|image)$|^image$|\bimages?$",
        "",
        "{account}.dkr.ecr.{region}.{suffix}/{name}:latest",
    ),
    (r"file-system|\befs\b|\bfsx\b", "AWS::EFS::FileSystem", _REF),
    (r"mlflow|tracking-server", "AWS::SageMaker::MlflowTrackingServer", "Arn"),
    (r"workteam", "AWS::SageMaker::Workteam", _REF),
    (r"model-package-group.*\barn", "AWS::SageMaker::ModelPackageGroup", _REF),
    (r"\bvpc\b(-ids?)?$|\bvpc-ids?\b", "AWS::EC2::VPC", _REF),
    (r"instance-types?$", "", "ml.m5.xlarge"),
    (r"\b(account|account-id|owner-id)$", "", "{account}"),
    (r"\bregion$", "", "{region}"),
    (r"\bpartition$", "", "{partition}"),
    (r"\b(azs?|availability-zones?)$", "", "{region}a"),
    (r"\b(url|endpoint)$", "", "https://{name}.{region}.{suffix}"),
    (r"\barns?$", "AWS::SageMaker::Model", _REF),
)


def words_of(name: str) -> str:
    """Return a name as words: ``jobs-sg`` for ``/JobsSG``."""
    return "-".join(filter(None, _WORD.split(name))).lower()


def likely_type(name: str) -> str:
    """Return the type of the resource that a name suggests; empty if it suggests none.

    Args:
        name: The name of a parameter, an export or an attribute.
    """
    words = words_of(name)
    return next((resource_type for pattern, resource_type, _ in _KINDS if re.search(pattern, words)), "")


def likely_values(name: str, identity: str, place: Place) -> Iterator[str]:
    """Yield possible values, the likeliest first.

    Args:
        name: Its name where it is defined or used.
        identity: Its unique identity; the same identity has the same values.
        place: The environment that it would be deployed to.

    Yields:
        The value that the name suggests, if any, then a plain name.
    """
    words = words_of(name)
    for pattern, resource_type, form in _KINDS:
        if re.search(pattern, words):
            yield _value(resource_type, form, identity, place)
            break
    yield plain_name(identity, place)


def possible_values(identity: str, place: Place) -> Iterator[str]:
    """Yield one value of each known form.

    Args:
        identity: Its unique identity.
        place: The environment that it would be deployed to.

    Yields:
        The values.
    """
    for _, resource_type, form in _KINDS:
        yield _value(resource_type, form, identity, place)


def plain_name(identity: str, place: Place) -> str:
    """Return a name in lower-case letters, digits and hyphens.

    Args:
        identity: The text that the name is derived from.
        place: The environment that it would be deployed to.
    """
    return PhysicalValues("", words_of(identity) or "simulated", place).reference


def _value(resource_type: str, form: str, identity: str, place: Place) -> str:
    values = PhysicalValues(resource_type, words_of(identity) or "simulated", place)
    if not resource_type:
        return values.filled(form)
    found: Any = values.attribute(form) if form else values.reference
    return str(found)
