"""Targets of rules, each with a retry policy and a dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from constructs_ml.core.context import pseudo

if TYPE_CHECKING:
    from aws_cdk import Duration
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_sqs as sqs

TARGETS = (
    ("topic_arn", "SnsTopic"),
    ("queue_arn", "SqsQueue"),
    ("function_arn", "LambdaFunction"),
    ("state_machine_arn", "SfnStateMachine"),
)
"""Members that identify a resource's kind, and its class in aws_events_targets."""


def rule_target(
    resource: Any,  # noqa: ANN401 - resources of five modules, which are not imported for it
    *,
    dead_letter_queue: sqs.IQueue,
    max_event_age: Duration,
    retry_attempts: int,
) -> events.IRuleTarget | None:
    """A target of a rule, or None if the resource is of no kind that a rule can have as one."""
    if hasattr(resource, "bind"):
        return cast("events.IRuleTarget", resource)
    delivery = {
        "dead_letter_queue": dead_letter_queue,
        "max_event_age": max_event_age,
        "retry_attempts": retry_attempts,
    }
    for attribute, name in TARGETS:
        if hasattr(resource, attribute):
            from aws_cdk import aws_events_targets

            return cast("events.IRuleTarget", getattr(aws_events_targets, name)(resource, **delivery))
    if hasattr(resource, "log_group_arn"):
        return cast(
            "events.IRuleTarget",
            LogGroupTarget(resource, dead_letter_queue, int(max_event_age.to_seconds()), retry_attempts),
        )
    return None


@jsii.implements(events.IRuleTarget)
class LogGroupTarget:
    """A log group that events are written to.

    aws-cdk-lib's own target for log groups grants the access by a custom resource with a Lambda function; the resource
    policy that CloudFormation has since is enough.

    Source: "Using resource-based policies", section "Amazon CloudWatch Logs permissions", of the EventBridge user guide.
    """

    def __init__(
        self, log_group: logs.ILogGroup, dead_letter_queue: sqs.IQueue, max_event_age: int, retry_attempts: int
    ) -> None:
        self._log_group = log_group
        self._dead_letter_queue = dead_letter_queue
        self._max_event_age = max_event_age
        self._retry_attempts = retry_attempts
        self._bound = False

    @jsii.member(jsii_name="bind")
    def bind(self, rule: events.IRule, target_id: str | None = None) -> events.RuleTargetConfig:  # noqa: ARG002 - jsii
        """Allow the rule to write to the log group and its dead-letter queue."""
        service = cast("iam.IPrincipal", iam.ServicePrincipal("events.amazonaws.com"))
        from_rule = {"ArnEquals": {"aws:SourceArn": rule.rule_arn}}
        env = self._log_group.env
        arn = self._log_group.log_group_arn
        if not self._bound:
            # EventBridge makes streams on behalf of no rule.
            self._allow(arn, "logs:CreateLogStream", None)
        self._bound = True
        self._allow(arn, "logs:PutLogEvents", from_rule)
        self._dead_letter_queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service],
                actions=["sqs:SendMessage"],
                resources=[self._dead_letter_queue.queue_arn],
                conditions=from_rule,
            )
        )
        return events.RuleTargetConfig(
            # The ARN that CloudFormation gives ends in ":*", which EventBridge does not take.
            arn=f"arn:{pseudo('PARTITION')}:logs:{env.region}:{env.account}:log-group:{self._log_group.log_group_name}",
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead_letter_queue.queue_arn),
            retry_policy=events.CfnRule.RetryPolicyProperty(
                maximum_event_age_in_seconds=self._max_event_age, maximum_retry_attempts=self._retry_attempts
            ),
        )

    def _allow(self, arn: str, action: str, conditions: dict[str, Any] | None) -> None:
        service = cast("iam.IPrincipal", iam.ServicePrincipal("events.amazonaws.com"))
        self._log_group.add_to_resource_policy(
            iam.PolicyStatement(principals=[service], actions=[action], resources=[arn], conditions=conditions)
        )
