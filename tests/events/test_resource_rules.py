"""Rules on endpoints and model packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

import constructs_ml as ml

if TYPE_CHECKING:
    from aws_cdk import Stack


def test_a_rule_on_endpoints(stack: Stack) -> None:
    """Matches both spellings of a status, and delivers like any other rule."""
    topic = sns.Topic(stack, "Topic")
    made = ml.EndpointStateChangeRule(
        stack, "Alert", endpoints=["churn"], statuses=["InService", "Failed"], targets=[topic], description="told"
    )

    assert made.dead_letter_queue is not None
    Template.from_stack(stack).has_resource_properties(
        "AWS::Events::Rule",
        {
            "Description": "told",
            "EventPattern": {
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Endpoint State Change"],
                "detail": {
                    "EndpointName": ["churn"],
                    "EndpointStatus": ["InService", "IN_SERVICE", "Failed", "FAILED"],
                },
            },
            "State": "ENABLED",
            "Targets": [Match.object_like({"DeadLetterConfig": Match.any_value(), "RetryPolicy": Match.any_value()})],
        },
    )


def test_a_rule_on_model_packages(stack: Stack) -> None:
    """Of all groups, unless some are named."""
    ml.ModelPackageStateChangeRule(stack, "Approved", groups=["churn"], approval_statuses=["Approved"])
    ml.ModelPackageStateChangeRule(stack, "Any", enabled=False)

    template = Template.from_stack(stack)
    of_type = {"detail-type": ["SageMaker Model Package State Change"], "source": ["aws.sagemaker"]}
    detail = {"ModelPackageGroupName": ["churn"], "ModelApprovalStatus": ["Approved"]}
    template.has_resource_properties("AWS::Events::Rule", {"EventPattern": {**of_type, "detail": detail}})
    template.has_resource_properties("AWS::Events::Rule", {"EventPattern": of_type, "State": "DISABLED"})


BAD: list[tuple[type, dict[str, Any], str]] = [
    (
        ml.EndpointStateChangeRule,
        {"statuses": ["InServise"]},
        "statuses must be of Creating, .* did you mean InService",
    ),
    (ml.ModelPackageStateChangeRule, {"approval_statuses": ["Yes"]}, "approval_statuses must be of Approved, Pending"),
    (ml.ModelPackageStateChangeRule, {"statuses": ["Done"]}, "statuses must be of Completed, Deleting, Failed"),
    (ml.EndpointStateChangeRule, {"targets": ["topic"]}, "targets must be topics, .* got a str"),
    (ml.EndpointStateChangeRule, {"retry_attempts": 186}, "retry_attempts must be 0-185, got 186; pass 185"),
    (ml.EndpointStateChangeRule, {"max_event_age": Duration.days(2)}, "max_event_age must be 1 minute to 24 hours"),
]


@pytest.mark.parametrize(("rule", "props", "message"), BAD)
def test_bad_input(stack: Stack, rule: type, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError, match=f"Census/Alert: {message}"):
        rule(stack, "Alert", **props)
