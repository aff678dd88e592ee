"""The policy engine that the tables of calls are asked of decides as IAM's documentation says: a small known-answer table.

Sources: "IAM JSON policy elements: Action", "Resource", "Condition operators", "Conditions with multiple context keys or
values" of the IAM user guide.
"""

from __future__ import annotations

from typing import Any

import pytest
from support.iam import Call, Role

BUCKET = "arn:aws:s3:::data"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"


def decides(call: Call, **statement: Any) -> bool:
    """Whether one statement allows a call."""
    complete = {"Effect": "Allow", "Action": call.action, "Resource": "*", **statement}
    return Role("arn:aws:iam::111122223333:role/mine", {}, [{"Statement": [complete]}]).may(call)


GET = Call("s3:GetObject", f"{BUCKET}/in/1.csv")


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("s3:GetObject", True),
        ("s3:getobject", True),
        ("s3:Get*", True),
        ("s3:GetObjec?", True),
        ("s3:GetObjectAcl", False),
        ("s3:PutObject", False),
        ("kms:GetObject", False),
        ("*", True),
    ],
)
def test_actions(action: str, allowed: bool) -> None:
    """Compared without case, with wildcards."""
    assert decides(GET, Action=action) is allowed


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        (f"{BUCKET}/in/1.csv", True),
        (f"{BUCKET}/in/*", True),
        (f"{BUCKET}/*", True),
        (f"{BUCKET}/IN/*", False),
        (f"{BUCKET}/in", False),
        (BUCKET, False),
        ("arn:aws:s3:::dat?/in/*", True),
        ("arn:aws:s3:::dat/*", False),
        ("*", True),
    ],
)
def test_resources(resource: str, allowed: bool) -> None:
    """Compared by case, as a whole, with wildcards."""
    assert decides(GET, Resource=resource) is allowed


@pytest.mark.parametrize(
    ("condition", "context", "allowed"),
    [
        # StringEquals: by case, any of the values; a key that is not sent matches nothing
        ({"StringEquals": {"kms:ViaService": "s3.x"}}, {"kms:ViaService": "s3.x"}, True),
        ({"StringEquals": {"kms:ViaService": "s3.x"}}, {"kms:ViaService": "S3.x"}, False),
        ({"StringEquals": {"kms:ViaService": ["ec2.x", "s3.x"]}}, {"kms:ViaService": "s3.x"}, True),
        ({"StringEquals": {"kms:ViaService": "s3.*"}}, {"kms:ViaService": "s3.x"}, False),
        ({"StringEquals": {"kms:ViaService": "s3.x"}}, {}, False),
        ({"StringEqualsIfExists": {"kms:ViaService": "s3.x"}}, {}, True),
        ({"StringNotEquals": {"kms:ViaService": "s3.x"}}, {"kms:ViaService": "ec2.x"}, True),
        ({"StringNotEquals": {"kms:ViaService": ["s3.x", "ec2.x"]}}, {"kms:ViaService": "ec2.x"}, False),
        ({"StringNotEquals": {"kms:ViaService": "s3.x"}}, {}, True),
        # keys are compared without case
        ({"StringEquals": {"KMS:viaservice": "s3.x"}}, {"kms:ViaService": "s3.x"}, True),
        # StringLike
        ({"StringLike": {"s3:prefix": "in/*"}}, {"s3:prefix": "in/"}, True),
        ({"StringLike": {"s3:prefix": "in/*"}}, {"s3:prefix": "in/2026/"}, True),
        ({"StringLike": {"s3:prefix": "in/*"}}, {"s3:prefix": "inner/"}, False),
        ({"StringLike": {"s3:prefix": "in/*"}}, {"s3:prefix": ""}, False),
        ({"StringLike": {"s3:prefix": "in/*"}}, {}, False),
        ({"StringLike": {"s3:prefix": ["a/*", "in/*"]}}, {"s3:prefix": "in/1"}, True),
        # ArnLike
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:t*"}}, {"aws:SourceArn": "arn:aws:sns:x:1:topic"}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:t*"}}, {"aws:SourceArn": "arn:aws:sqs:x:1:topic"}, False),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:x:1:t"}}, {"aws:SourceArn": "arn:aws:sns:x:1:t2"}, False),
        # Bool and Null
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, {"kms:GrantIsForAWSResource": "true"}, True),
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, {"kms:GrantIsForAWSResource": "false"}, False),
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, {}, False),
        ({"Null": {"kms:ViaService": "true"}}, {}, True),
        ({"Null": {"kms:ViaService": "true"}}, {"kms:ViaService": "s3.x"}, False),
        ({"Null": {"kms:ViaService": "false"}}, {"kms:ViaService": "s3.x"}, True),
        # who owns the resource is told by its ARN
        ({"StringEquals": {"aws:ResourceAccount": "111122223333"}}, {}, True),
        ({"StringEquals": {"aws:ResourceAccount": "999988887777"}}, {}, False),
        # several keys and operators: all of them
        ({"StringEquals": {"a:A": "1", "a:B": "2"}}, {"a:A": "1", "a:B": "2"}, True),
        ({"StringEquals": {"a:A": "1", "a:B": "2"}}, {"a:A": "1", "a:B": "3"}, False),
        ({"StringEquals": {"a:A": "1"}, "StringLike": {"a:B": "2*"}}, {"a:A": "1", "a:B": "3"}, False),
        # an operator that it does not know allows nothing
        ({"StringResembles": {"a:A": "1"}}, {"a:A": "1"}, False),
    ],
)
def test_conditions(condition: dict[str, Any], context: dict[str, str], allowed: bool) -> None:
    """As the operators are documented."""
    assert decides(Call("kms:Decrypt", KEY, context), Condition=condition) is allowed


def test_what_denies_wins() -> None:
    """Whatever else allows it, in whatever order."""
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{BUCKET}/in/*"}
    for statements in ([allow, deny], [deny, allow]):
        role = Role("arn:aws:iam::111122223333:role/mine", {}, [{"Statement": statements}])
        assert not role.may(GET)
        assert role.may(Call("s3:GetObject", f"{BUCKET}/out/1.csv"))


def test_what_nothing_allows_is_denied() -> None:
    """Policies are lists of what is allowed."""
    assert not Role("arn:aws:iam::111122223333:role/mine", {}, []).may(GET)
    assert not decides(GET, Action="s3:PutObject")


def test_what_it_decides_otherwise_than_iam() -> None:
    """Policy variables are not replaced, and keys with many values are never absent: no policy here has either."""
    account = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    assert not decides(Call("kms:Decrypt", KEY), Condition=account)
    assert not decides(Call("kms:Decrypt", KEY), Condition={"Null": {"aws:TagKeys": "true"}})
