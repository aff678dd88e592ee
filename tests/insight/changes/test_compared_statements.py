"""Which grants cover which: a wildcard, an exclusion and a condition, each in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.insight.changes.statements import grants_in, uncovered


def _statement(action: Any = "s3:GetObject", resource: Any = "arn:aws:s3:::b/in/x", **members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


def _if(operator: str, *values: str, key: str = "s3:prefix") -> dict[str, Any]:
    return _statement(Condition={operator: {key: list(values)}})


WIDER = [
    (_statement("s3:Get*"), _statement()),
    (_statement("*"), _statement()),
    (_statement("s3:GetObjec?"), _statement()),
    (_statement("s3:GetObject*"), _statement("s3:GetObject?")),
    (_statement("s3:*Object"), _statement("s3:Get*Object")),
    (_statement(resource="*"), _statement()),
    (_statement(resource="arn:aws:s3:::b/*"), _statement(resource="arn:aws:s3:::b/in/*")),
    (_statement(resource="arn:aws:s3:::b/*"), _statement(resource="arn:aws:s3:::b/???")),
    (_statement(), _if("StringEquals", "in/")),
    (_if("StringEquals", "in/", "out/"), _if("StringEquals", "in/")),
    (_if("StringLike", "in/*"), _if("StringEquals", "in/x")),
    (_if("StringLike", "i*"), _if("StringLike", "in/*")),
    (_if("StringEqualsIfExists", "in/"), _if("StringEquals", "in/")),
    (_if("StringNotEquals", "in/"), _if("StringNotEquals", "in/", "out/")),
    (_if("ForAnyValue:StringLike", "a*"), _if("ForAnyValue:StringLike", "ab*")),
    (
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        _statement(),
    ),
    (
        {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"},
        {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"},
    ),
    (
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"},
        _statement(),
    ),
    (_statement(Principal="*"), _statement(Principal={"Service": "states.amazonaws.com"})),
    (_statement(Principal={"AWS": "*"}), _statement(Principal={"AWS": "111122223333"})),
]


@pytest.mark.parametrize(("wide", "narrow"), WIDER)
def test_a_wider_statement_covers_a_narrower_one(wide: dict[str, Any], narrow: dict[str, Any]) -> None:
    """And the narrower one does not cover the wider one."""
    both = [grants_in([{"Statement": [each]}]) for each in (wide, narrow)]
    assert uncovered(both[1], both[0]) == []
    assert uncovered(both[0], both[1]) == [*both[0]]


APART = [
    (_statement("s3:GetObject"), _statement("s3:GetObjectTagging")),
    (_statement(resource="arn:aws:s3:::b/in/*"), _statement(resource="arn:aws:s3:::b/*/x")),
    (_if("StringEquals", "in/"), _if("StringEquals", "in/", key="s3:delimiter")),
    (_if("ForAllValues:StringEquals", "in/"), _if("ForAnyValue:StringEquals", "in/")),
    ({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}, _statement()),
    (_statement(Principal={"AWS": "111122223333"}), _statement(Principal={"AWS": "444455556666"})),
    (_statement(), {**_statement(), "Effect": "Deny"}),
    # The condition that values must not be equal to is another one if it may be absent.
    (_if("StringNotEquals", "in/"), _if("StringEquals", "out/")),
]


@pytest.mark.parametrize(("one", "other"), APART)
def test_statements_about_different_things_cover_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Neither covers the other."""
    both = [grants_in([{"Statement": [each]}]) for each in (one, other)]
    assert uncovered(both[0], both[1]) == [*both[0]]
    assert uncovered(both[1], both[0]) == [*both[1]]


SAME = [
    (_statement(["s3:GetObject", "s3:PutObject"]), [_statement("s3:putobject"), _statement("S3:GETOBJECT")]),
    (_statement(resource="a**b"), [_statement(resource="a*b")]),
    (_statement(Principal={"AWS": "111122223333"}), [_statement(Principal={"AWS": "arn:aws:iam::111122223333:root"})]),
    (_statement(Condition={"Bool": {"k": True}}), [_statement(Condition={"Bool": {"k": ["true"]}})]),
    (
        _statement(resource="arn:${Token[AWS::Partition]}:s3:::b"),
        [_statement(resource="arn:aws:s3:::b"), _statement(resource="arn:aws:s3:::b")],
    ),
]


@pytest.mark.parametrize(("one", "others"), SAME)
def test_the_same_in_other_statements(one: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """However it is written, it is the same set of grants."""
    assert grants_in([{"Statement": one}]) == grants_in([{"Statement": others[:1]}, {"Statement": others[1:]}])
