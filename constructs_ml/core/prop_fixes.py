"""What to pass instead of a value of the wrong kind: the same value, as aws-cdk-lib or this library takes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIXES = {
    "Code": "pass Code.from_asset({})",
    "ContainerImage": "pass ContainerImage.from_registry({})",
    "JobKind": "pass JobKind.TRAINING",
    "Duration": "pass Duration.hours(1)",
    "S3Data": "pass S3Data.from_uri({})",
    "Size": "pass Size.gibibytes(30)",
    "ec2.ISecurityGroup": "pass ec2.SecurityGroup.from_security_group_id(self, 'Group', {})",
    "ec2.SubnetSelection": "pass ec2.SubnetSelection(subnets=[ec2.Subnet.from_subnet_id(self, 'Subnet', {})])",
    "iam.IRole": "pass iam.Role.from_role_arn(self, 'Role', {})",
    "s3.IBucket": "pass s3.Bucket.from_bucket_name(self, 'Bucket', {})",
    "kms.IKey": "pass kms.Key.from_key_arn(self, 'Key', {})",
}
_UNITS = {"Duration": "Duration.seconds", "Size": "Size.gibibytes"}
"""What a plain number most likely means, as SageMaker's API has it."""


def usual_fix(names: Iterable[str], given: str = "...") -> str:
    """The fix for a value of any kind.

    Args:
        names: The kinds that it may be of.
        given: The value.
    """
    return next((_FIXES[name].format(given) for name in names if name in _FIXES), "")


def fix_of(names: Iterable[str], value: Any) -> str:  # noqa: ANN401 - whatever the user passed
    """The fix for a value, with the value in it.

    Args:
        names: The kinds that it may be of.
        value: The value.
    """
    kinds = tuple(names)
    if isinstance(value, str):
        return next((found for name in kinds if (found := _import(name, value))), "") or usual_fix(kinds, shown(value))
    unit = next((_UNITS[name] for name in kinds if name in _UNITS), None)
    if unit is not None and isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return f"pass {unit}({value})"
    return usual_fix(kinds)


def _import(name: str, text: str) -> str:
    """How aws-cdk-lib imports what a text names otherwise than by the ARN or the name that is usual."""
    given = shown(text)
    key = f"Stack.of(self).format_arn(service='kms', resource='key', resource_name={given})"
    bucket = shown(text.removeprefix("s3://").partition("/")[0])
    found = {
        ("S3Data", "name"): "pass 's3://bucket/prefix'",
        ("iam.IRole", "name"): f"pass iam.Role.from_role_name(self, 'Role', {given})",
        ("kms.IKey", "alias"): f"pass kms.Key.from_lookup(self, 'Key', alias_name={given})",
        ("kms.IKey", "name"): f"pass kms.Key.from_key_arn(self, 'Key', {key})",
        ("s3.IBucket", "arn"): f"pass s3.Bucket.from_bucket_arn(self, 'Bucket', {given})",
        ("s3.IBucket", "s3"): f"pass s3.Bucket.from_bucket_name(self, 'Bucket', {bucket})",
    }
    form = re.match(r"(arn|s3)(?=:)|(alias)(?=/)", text)
    return found.get((name, form[0] if form else "name"), "")
