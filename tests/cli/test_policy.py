"""`constructs-ml policy`: documents for who grants them, as JSON, as Markdown and as files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.command_line import ended

if TYPE_CHECKING:
    from pathlib import Path

_REGION = {"Ref": "AWS::Region"}
_ARN = {
    "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sagemaker:", _REGION, ":", {"Ref": "AWS::AccountId"}, ":*"]]
}
_TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
_IMAGE = {"Fn::FindInMap": ["Images", _REGION, "sklearn"]}


def _statement(action: str, *resources: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": list(resources)}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


TEMPLATE = {
    "Mappings": {"Images": {"eu-central-1": {"sklearn": "492215442770"}}},
    "Parameters": {"Bucket": {"Type": "String"}, "Prefix": {"Type": "String", "Default": "in"}},
    "Resources": {
        "Data": {"Type": "AWS::S3::Bucket"},
        "Named": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "data-${AWS::AccountId}"}}},
        "Key": {"Type": "AWS::KMS::Key"},
        "Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": _document(_TRUST),
                "Policies": [{"PolicyName": "own", "PolicyDocument": _document(_statement("sagemaker:StopTrainingJob", _ARN))}],
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            },
            "Metadata": {"aws:cdk:path": "App/Flow/Role/Resource"},
        },
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "more",
                "Roles": [{"Ref": "Role"}, "theirs"],
                "PolicyDocument": _document(
                    _statement("s3:GetObject", {"Fn::Sub": "${Data.Arn}/${Prefix}/*"}, {"Fn::Sub": "${Named.Arn}/*"}),
                    _statement("s3:ListBucket", {"Fn::Sub": "arn:aws:s3:::${Bucket}"}),
                    _statement("kms:Decrypt", {"Fn::GetAtt": ["Key", "Arn"]}),
                    _statement("ecr:BatchGetImage", {"Fn::Join": ["", ["arn:aws:ecr:", _REGION, ":", _IMAGE, ":repository/x"]]}),
                    _statement("iam:GetUser", "arn:aws:iam::*:user/${aws:username}"),
                ),
            },
        },
    },
}  # fmt: skip


@pytest.fixture
def assembly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    stack = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "App.template.json"},
        "displayName": "App",
    }
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {"App": stack}}))
    (out / "App.template.json").write_text(json.dumps(TEMPLATE))
    monkeypatch.chdir(tmp_path)
    return "out"


def resources(role: dict[str, Any]) -> dict[str, Any]:
    return {statement["Action"]: statement["Resource"] for statement in role["policy"]["Statement"]}


def test_what_is_not_known_is_a_pattern_or_a_placeholder(assembly: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that CloudFormation draws, names that are given, ids, parameters, mappings by the region, and IAM's own variables."""
    end = ended(capsys, "policy", assembly, "--json")
    assert end.code == 0
    own, theirs = json.loads(end.out)["roles"]
    assert resources(own) == {
        "sagemaker:StopTrainingJob": ["arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:*"],
        "s3:GetObject": ["arn:${AWS::Partition}:s3:::app-data-*/in/*", "arn:${AWS::Partition}:s3:::data-${AWS::AccountId}/*"],
        "s3:ListBucket": ["arn:aws:s3:::${Bucket}"],
        "kms:Decrypt": ["${Key.Arn}"],
        "ecr:BatchGetImage": ["arn:aws:ecr:${AWS::Region}:${Images.sklearn}:repository/x"],
        "iam:GetUser": ["arn:aws:iam::*:user/${aws:username}"],
    }  # fmt: skip
    assert (own["path"], own["name"], own["in_template"]) == ("App/Flow/Role", "App-Role-*", True)
    assert own["trust_policy"] == _document(_TRUST)
    assert own["managed_policies"] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert {"Bucket", "Key.Arn", "Images.sklearn"} < set(own["placeholders"])
    assert "aws:username" not in own["placeholders"]
    assert (theirs["path"], theirs["in_template"], theirs["trust_policy"]) == ("theirs", False, None)
    assert set(resources(own)) - set(resources(theirs)) == {"sagemaker:StopTrainingJob"}


def test_account_region_and_values_fill_placeholders(assembly: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The partition and the account of an image are the region's."""
    given = [
        "--account",
        "123456789012",
        "--region",
        "eu-central-1",
        "--value",
        "Bucket=raw",
        "--value",
        "Key.Arn=arn:k",
    ]
    own, _ = json.loads(ended(capsys, "policy", assembly, "--json", *given).out)["roles"]
    assert own["placeholders"] == []
    assert resources(own) == {
        "sagemaker:StopTrainingJob": ["arn:aws:sagemaker:eu-central-1:123456789012:*"],
        "s3:GetObject": ["arn:aws:s3:::app-data-*/in/*", "arn:aws:s3:::data-123456789012/*"],
        "s3:ListBucket": ["arn:aws:s3:::raw"],
        "kms:Decrypt": ["arn:k"],
        "ecr:BatchGetImage": ["arn:aws:ecr:eu-central-1:492215442770:repository/x"],
        "iam:GetUser": ["arn:aws:iam::*:user/${aws:username}"],
    }


def test_people_read_markdown_and_files(assembly: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The same documents, with what is to be known of each role."""
    end = ended(capsys, "policy", assembly, "--out", "handed")
    assert "### App/Flow/Role" in end.out
    assert "- Made by the template, as `Role`; its name is `App-Role-*`." in end.out
    assert "- Made elsewhere; its name is `theirs`." in end.out
    assert "- Nothing in the app says who assumes it." in end.out
    assert "- To be filled in: `${AWS::Partition}`" in end.out
    folder = tmp_path / "handed"
    assert {file.name for file in folder.iterdir()} == {
        "App-Flow-Role.policy.json",
        "App-Flow-Role.trust.json",
        "policies.md",
        "theirs.policy.json",
    }
    assert (folder / "policies.md").read_text() == end.out
    shown = json.loads((folder / "theirs.policy.json").read_text())
    assert json.dumps(shown, indent=2) in end.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--account", "1234"], "must be an account of 12 digits, got 1234"),
        (["--region", "Frankfurt"], "must be a region such as eu-central-1, got Frankfurt"),
        (["--stack", "Other"], "--stack Other: no such stack has a role; there are: App"),
        (["--value", "Bucket"], "must be NAME=VALUE, got Bucket"),
        (["--out", "out/manifest.json"], "manifest.json"),
    ],
)
def test_a_bad_argument_is_one_error(
    assembly: str, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """It says what it got and what is needed."""
    end = ended(capsys, "policy", assembly, *arguments)
    assert end.code == 2
    assert end.is_clean()
    assert told in end.err


def test_a_folder_without_an_app_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what an app has."""
    end = ended(capsys, "policy", str(tmp_path))
    assert end.code == 2
    assert "is not an app: it has no cdk.json, no app.py and no manifest.json" in end.err
