"""The delivery of events to the targets of rules: retried, and kept in a queue if it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from aws_cdk import Duration

from constructs_ml.core.nag import acknowledge_findings
from constructs_ml.workflow.events.targets import rule_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_events as events
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from constructs_ml.core.cdk_types import AnyTarget
    from constructs_ml.errors import Faults

MIN_EVENT_AGE_SECONDS = 60
MAX_EVENT_AGE_HOURS = 24
RETRY_ATTEMPTS = 185


class RuleProps(TypedDict, total=False):
    """Props of every rule."""

    targets: Sequence[AnyTarget]
    """Topics, queues, Lambda functions, state machines and log groups; or targets of aws_events_targets, which bring their
    own retry policy and dead-letter queue."""
    dead_letter_queue: sqs.IQueue
    """Gets the events that could not be delivered. Default: a new queue, kept for 14 days."""
    max_event_age: Duration
    """The time that delivery is tried. Default: 24 hours."""
    retry_attempts: int
    """The number of times that delivery is tried again. Default: 185."""
    description: str
    """The purpose of the rule, in words."""
    enabled: bool
    """Puts the rule in force. Default: yes."""


def delivered(scope: Construct, props: RuleProps, faults: Faults) -> tuple[list[events.IRuleTarget], sqs.IQueue | None]:
    """The targets of a rule and the queue of what could not be delivered; None without targets.

    Args:
        scope: The construct that the rule is a part of.
        props: The rule's props.
        faults: Collects their faults.

    Raises:
        InvalidPropsError: If anything is wrong with the rule; it lists all of it.
    """
    targets, attempts = props.get("targets", ()), props.get("retry_attempts", RETRY_ATTEMPTS)
    age = props.get("max_event_age") or Duration.hours(MAX_EVENT_AGE_HOURS)
    seconds = age.to_seconds(integral=False)
    if not MIN_EVENT_AGE_SECONDS <= seconds <= MAX_EVENT_AGE_HOURS * 3600:
        faults.add("max_event_age", f"must be 1 minute to 24 hours, got {seconds:g} s", "pass Duration.hours(24)")
    if not isinstance(attempts, int) or not 0 <= attempts <= RETRY_ATTEMPTS:
        faults.add("retry_attempts", f"must be 0-{RETRY_ATTEMPTS}, got {attempts!r}", "pass 185")
    faults.raise_if_any()
    queue = props.get("dead_letter_queue") or (_queue(scope) if targets else None)
    made = []
    for resource in targets:
        target = rule_target(
            resource, dead_letter_queue=cast("sqs.IQueue", queue), max_event_age=age, retry_attempts=attempts
        )
        if target is None:
            kind = type(resource).__name__
            faults.add("targets", f"must be topics, queues, functions, state machines or log groups, got a {kind}")
        else:
            made.append(target)
    faults.raise_if_any()
    return made, queue


def _queue(scope: Construct) -> sqs.IQueue:
    from aws_cdk import aws_sqs as sqs

    queue = sqs.Queue(
        scope,
        "DeadLetters",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
    )
    reason = "it is the dead-letter queue of the rule's targets"
    acknowledge_findings(queue, {"AwsSolutions-SQS3": reason, "Serverless-SQSRedrivePolicy": reason})
    return cast("sqs.IQueue", queue)
