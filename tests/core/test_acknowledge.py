"""One call accepts a finding, with every version of aws-cdk-lib and of cdk-nag."""

from __future__ import annotations

import sys
from base64 import b64decode
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_s3 as s3

import constructs_ml as ml
from constructs_ml.core import suppressions as features
from constructs_ml.core.suppressions import METADATA_KEY, acknowledged_on, record

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(params=[True, False], ids=["plugins", "tree"])
def holds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether aws-cdk-lib's acknowledgements hold for a construct. Where it has none, there is one way only."""
    if request.param and not features.plugins_hold():
        pytest.skip("this aws-cdk-lib has no acknowledgements for a single construct")
    monkeypatch.setattr("constructs_ml.core.suppressions.plugins_hold", lambda: request.param)
    return bool(request.param)


@pytest.mark.usefixtures("holds")
@pytest.mark.parametrize(
    ("rule", "known"),
    [
        ("CML307", "constructs-ml::CML307"),
        ("constructs-ml::CML307", "constructs-ml::CML307"),
        ("CMS011", "constructs-ml-security::CMS011"),
        ("constructs-ml-security::CMS011", "constructs-ml-security::CMS011"),
        ("another-plugin::R1", "another-plugin::R1"),
    ],
)
def test_a_rule_is_acknowledged_by_its_id(stack: Stack, rule: str, known: str) -> None:
    """With the plugin's name or without it."""
    ml.acknowledge(stack, rule, "meant")
    assert acknowledged_on(stack) == {known: "meant"}


@pytest.mark.usefixtures("holds")
def test_several_are_acknowledged_on_one_construct(stack: Stack) -> None:
    """Neither replaces another."""
    ml.acknowledge(stack, "CML307", "once")
    ml.acknowledge(stack, "CMS011", "public")
    assert acknowledged_on(stack) == {"constructs-ml::CML307": "once", "constructs-ml-security::CMS011": "public"}


@pytest.mark.parametrize(
    ("rule", "reason", "problem"),
    [
        ("CML37", "meant", "rule must be the id of a rule, got 'CML37'; pass one such as CML307"),
        ("", "meant", "rule must be the id of a rule, got ''"),
        ("constructs-ml::CMS011", "meant", "rule must be constructs-ml-security::CMS011, got constructs-ml::CMS011"),
        ("CML307", " ", "reason is required; say why it is intended"),
    ],
)
def test_a_wrong_acknowledgement_is_refused(stack: Stack, rule: str, reason: str, problem: str) -> None:
    """It would silently accept nothing."""
    with pytest.raises(ml.InvalidPropsError, match=rf"(?s)Census.*{problem}"):
        ml.acknowledge(stack, rule, reason)


def test_the_key_is_aws_cdk_libs() -> None:
    """By which aws-cdk-lib and cdk-nag 3 find what versions without a call of their own have."""
    import aws_cdk

    validations: Any = getattr(aws_cdk, "Validations", None)
    assert getattr(validations, "ACKNOWLEDGED_RULES_METADATA_KEY", METADATA_KEY) == METADATA_KEY


def rules_in(template: dict[str, Any]) -> list[dict[str, Any]]:
    """What cdk-nag 2 would read of the one bucket of a template."""
    (bucket,) = (item for item in template["Resources"].values() if item["Type"] == "AWS::S3::Bucket")
    found: list[dict[str, Any]] = bucket.get("Metadata", {}).get("cdk_nag", {}).get("rules_to_suppress", [])
    return found


@pytest.mark.parametrize("old", [True, False], ids=["cdk-nag 2", "cdk-nag 3"])
@pytest.mark.parametrize("complete", [True, False], ids=["complete", "early"])
def test_cdk_nag_2_reads_resources(
    monkeypatch: pytest.MonkeyPatch,
    stack: Stack,
    synth: Callable[[Stack], dict[str, Any]],
    *,
    old: bool,
    complete: bool,
) -> None:
    """In its own form, beside what its user wrote; rules of this library are not its."""
    monkeypatch.setattr("constructs_ml.core.suppressions.nag_reads_templates", lambda: old)
    monkeypatch.setitem(sys.modules, "cdk_nag", ModuleType("cdk_nag"))
    theirs = {"id": "AwsSolutions-S2", "reason": "theirs"}

    def bucket() -> None:
        made: Any = s3.Bucket(stack, "Bucket").node.default_child
        made.add_metadata("cdk_nag", {"rules_to_suppress": [theirs]})

    if complete:
        bucket()
    record(stack, {"AwsSolutions-S1": "no log", "Pack-R[Resource::<A.Arn>/*]": "für „alle“"}, complete=complete)
    record(stack, {"constructs-ml::CML307": "once"}, complete=complete)
    if not complete:
        bucket()
    first, *others = rules_in(synth(stack))
    assert first == theirs
    if not old:
        assert others == []
        return
    plain, encoded = others
    assert plain == {"id": "AwsSolutions-S1", "reason": "no log"}
    assert (encoded["id"], encoded["applies_to"]) == ("Pack-R", ["Resource::<A.Arn>/*"])
    assert encoded["is_reason_encoded"]
    assert b64decode(encoded["reason"]).decode() == "für „alle“"


def test_an_app_without_cdk_nag_has_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, stack: Stack, synth: Callable[[Stack], dict[str, Any]]
) -> None:
    """Whatever else is installed: templates do not depend on it."""
    monkeypatch.setattr("constructs_ml.core.suppressions.nag_reads_templates", lambda: True)
    monkeypatch.delitem(sys.modules, "cdk_nag", raising=False)
    s3.Bucket(stack, "Bucket")
    ml.acknowledge(stack, "AwsSolutions-S1", "no log")
    assert rules_in(synth(stack)) == []


def test_versions_are_read_from_what_is_installed() -> None:
    """What is not installed has none."""
    assert (features.version_of("aws-cdk-lib") or (0, 0)) >= (2, 200)
    assert features.version_of("no-such-distribution-anywhere") is None
