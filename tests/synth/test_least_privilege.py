"""Every action that the example's roles and resource policies allow: no more than this table, and no wildcard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cfnlint.data.AdditionalSpecs
import pytest
from cfnlint.helpers import load_resource
from synth_stacks import RichStack, example_template, template_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOWED = {
    "ConstructsMlJobRole": {
        "cloudwatch:PutMetricData",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    },
    "WorkflowRole": {
        "events:DescribeRule",
        "events:PutRule",
        "events:PutTargets",
        "iam:PassRole",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "sagemaker:AddTags",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:ListTags",
        "sagemaker:StopProcessingJob",
        "sagemaker:StopTrainingJob",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    },
    "RawDataPolicy": {"s3:PutObject"},  # by the S3 service, of access logs
    "AlertsPolicy": {"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"},  # by the rules
    "JobStatesDeadLettersPolicy": {"sqs:SendMessage"},  # by the rules
}
"""By the start of the policy's name in the template: every one of its actions."""

NARROWED_BY_CONDITION = {
    # Of its resources only data sets have ARNs, which are for metrics of OpenTelemetry.
    "cloudwatch:PutMetricData": "cloudwatch:namespace",
}
_ACTIONS = load_resource(cfnlint.data.AdditionalSpecs, filename="Policies.json")
"""The service authorization reference, as cfn-lint carries it."""


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The statements that allow something, with the names of their policies in the template."""
    for name, resource in template["Resources"].items():
        # The document of a log group's policy is a text; tests/synth/test_review.py looks at it.
        for statement in resource.get("Properties", {}).get("PolicyDocument", {}).get("Statement", []):
            if statement["Effect"] == "Allow":
                yield name, statement


def actions(statement: dict[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else action


def could_be_narrowed(action: str) -> bool:
    """Whether the action has resources that a statement can name."""
    service, name = action.split(":")
    return "Resources" in _ACTIONS[service]["Actions"][name.lower()]


def test_the_policies_allow_exactly_these_actions() -> None:
    found: dict[str, set[str]] = {}
    for name, statement in statements(example_template()):
        policy = next((start for start in ALLOWED if name.startswith(start)), name)
        found.setdefault(policy, set()).update(actions(statement))
    assert found == ALLOWED


@pytest.fixture(scope="module")
def rich() -> dict[str, Any]:
    return template_of(RichStack)


def test_no_action_has_a_wildcard(rich: dict[str, Any]) -> None:
    for template in (example_template(), rich):
        wildcards = [
            (name, action) for name, statement in statements(template) for action in actions(statement) if "*" in action
        ]
        assert wildcards == []


def test_every_resource_that_can_be_narrowed_is(rich: dict[str, Any]) -> None:
    for template in (example_template(), rich):
        avoidable = [
            (name, action)
            for name, statement in statements(template)
            if statement.get("Resource") == "*"
            for action in actions(statement)
            if could_be_narrowed(action) and NARROWED_BY_CONDITION.get(action, "?") not in json.dumps(statement)
        ]
        assert avoidable == []


def test_the_reference_knows_what_can_be_narrowed() -> None:
    assert could_be_narrowed("s3:GetObject")
    assert not could_be_narrowed("ecr:GetAuthorizationToken")


def test_every_action_exists(rich: dict[str, Any]) -> None:
    for _, statement in [*statements(example_template()), *statements(rich)]:
        for action in actions(statement):
            service, name = action.split(":")
            assert name.lower() in _ACTIONS[service]["Actions"], action


def test_only_the_jobs_role_is_passed_and_only_to_sagemaker() -> None:
    (passing,) = [item for _, item in statements(example_template()) if "iam:PassRole" in actions(item)]
    assert passing["Resource"]["Fn::GetAtt"][0].startswith("ConstructsMlJobRole")
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
