"""What the roles and resource policies of all stacks allow: in the example no more than this table, and nowhere a wildcard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from every_stack import EVERY_STACK
from support.each import each
from support.reference import NO_RESOURCE, ON_ANY, exists, types_of
from synth_stacks import example_template, template_of

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
        "sagemaker:CreateModel",
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


def test_the_policies_allow_exactly_these_actions() -> None:
    found: dict[str, set[str]] = {}
    for name, statement in statements(example_template()):
        policy = next((start for start in ALLOWED if name.startswith(start)), name)
        found.setdefault(policy, set()).update(actions(statement))
    assert found == ALLOWED


@pytest.fixture(scope="module", params=EVERY_STACK)
def template(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The template of each stack."""
    return template_of(EVERY_STACK[request.param])


def test_every_action_exists_and_none_has_a_wildcard(template: dict[str, Any]) -> None:
    """In the policies of roles and of resources."""
    found = [(name, action) for name, statement in statements(template) for action in actions(statement)]
    assert found
    assert [item for item in found if not exists(item[1])] == []


def test_every_resource_that_can_be_narrowed_is(template: dict[str, Any]) -> None:
    """A star has its reason, and the service authorization reference agrees."""
    for _, statement in each(statements(template)):
        for action in actions(statement) if statement.get("Resource") == "*" else []:
            assert action in ON_ANY, action
            assert ON_ANY[action] != NO_RESOURCE or not types_of(action)


def test_only_the_jobs_role_is_passed_and_only_to_sagemaker() -> None:
    (passing,) = [item for _, item in statements(example_template()) if "iam:PassRole" in actions(item)]
    assert passing["Resource"]["Fn::GetAtt"][0].startswith("ConstructsMlJobRole")
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
