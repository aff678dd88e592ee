"""What a strict reviewer looks for in a template."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.each import each
from synth_stacks import RichStack, example_template, template_of


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type, by their names."""
    return {name: item for name, item in template["Resources"].items() if item["Type"] == kind}


@pytest.fixture(scope="module")
def rich() -> dict[str, Any]:
    return template_of(RichStack)


def test_sagemaker_takes_the_jobs_role_for_this_account_only() -> None:
    roles = of_type(example_template(), "AWS::IAM::Role")
    (role,) = [item["Properties"] for name, item in roles.items() if name.startswith("ConstructsMlJobRole")]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_no_execution_can_start_before_the_roles_have_their_permissions() -> None:
    template = example_template()
    (machine,) = of_type(template, "AWS::StepFunctions::StateMachine").values()
    assert set(each(of_type(template, "AWS::IAM::Policy"))) <= set(machine["DependsOn"])


def test_what_is_hard_to_replace_outlives_the_stack() -> None:
    template = example_template()
    for kind in ("AWS::S3::Bucket", "AWS::Logs::LogGroup"):
        for name, item in each(of_type(template, kind).items()):
            assert item["DeletionPolicy"] == item["UpdateReplacePolicy"] == "Retain", name


def test_nothing_has_a_name_that_would_clash_with_a_second_stack() -> None:
    names = ("BucketName", "FunctionName", "LogGroupName", "QueueName", "RoleName", "StateMachineName", "TopicName")
    named = [
        name
        for name, item in each(example_template()["Resources"].items())
        if any(member in item.get("Properties", {}) for member in names)
    ]
    assert named == []


def test_cloudwatch_may_use_the_key_of_the_log_group(rich: dict[str, Any]) -> None:
    (group,) = [
        item["Properties"] for item in of_type(rich, "AWS::Logs::LogGroup").values() if "KmsKeyId" in item["Properties"]
    ]
    key = rich["Resources"][group["KmsKeyId"]["Fn::GetAtt"][0]]["Properties"]["KeyPolicy"]["Statement"]
    (statement,) = [item for item in key if "kms:EncryptionContext:aws:logs:arn" in json.dumps(item)]
    assert {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"} <= set(statement["Action"])
    assert "logs." in json.dumps(statement["Principal"])


def test_a_workflow_may_use_its_own_key(rich: dict[str, Any]) -> None:
    patterns = [
        statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:states:stateMachineArn"]["Fn::Join"][1][-1]
        for policy in of_type(rich, "AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "kms:EncryptionContext:aws:states:stateMachineArn" in statement.get("Condition", {}).get("ArnLike", {})
    ]
    assert patterns == [":stateMachine:*"]


def test_only_the_rules_write_to_the_log_group(rich: dict[str, Any]) -> None:
    (policy,) = of_type(rich, "AWS::Logs::ResourcePolicy").values()
    text = json.dumps(policy["Properties"]["PolicyDocument"])
    assert text.count("logs:CreateLogStream") == 1
    assert text.count("logs:PutLogEvents") == text.count("aws:SourceArn") == 2


def test_every_security_group_says_what_it_is_for(rich: dict[str, Any]) -> None:
    (group,) = of_type(rich, "AWS::EC2::SecurityGroup").values()
    assert group["Properties"]["GroupDescription"] == "The SageMaker jobs of Penguins"
