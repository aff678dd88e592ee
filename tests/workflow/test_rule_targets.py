"""How the targets of rules are reached, of whatever kind they are and wherever they come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from support.each import each
from support.templates import Deployment

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("mine")
TARGETS: dict[str, Callable[[Stack], Any]] = {
    "topic": lambda stack: sns.Topic(stack, "Target"),
    "queue": lambda stack: sqs.Queue(stack, "Target"),
    "function": lambda stack: lambda_.Function(
        stack,
        "Target",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    ),
    "state machine": lambda stack: sfn.StateMachine(
        stack, "Target", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Pass"))
    ),
    "workflow": lambda stack: ml.Workflow(stack, "Target", definition=sfn.Pass(stack, "Pass")),
    "log group": lambda stack: logs.LogGroup(stack, "Target"),
    "imported topic": lambda stack: sns.Topic.from_topic_arn(
        stack, "Target", "arn:aws:sns:us-east-1:111122223333:target"
    ),
    "imported queue": lambda stack: sqs.Queue.from_queue_arn(
        stack, "Target", "arn:aws:sqs:us-east-1:111122223333:target"
    ),
    "imported log group": lambda stack: logs.LogGroup.from_log_group_name(stack, "Target", "target"),
}


def processing(stack: Stack, construct_id: str = "Preprocess", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, construct_id, image=IMAGE, **props)


def rules(template: dict[str, Any]) -> list[dict[str, Any]]:
    return list(Deployment(template).resources("AWS::Events::Rule").values())


def test_jobs_with_names_of_the_users(stack: Stack, synth: Callable[..., Any]) -> None:
    """A literal name is matched as it is, one known at run time by its prefix."""
    named = processing(stack, job_name="my-job")
    started = processing(stack, "Started", job_name=ml.execution_input("Name"), job_name_prefix="nightly-")
    ml.JobStateChangeRule(stack, "Rule", jobs=[named, started])

    (rule,) = rules(synth(stack))

    assert rule["EventPattern"]["detail"] == {"ProcessingJobName": ["my-job", {"prefix": "nightly-"}]}


@pytest.mark.parametrize("kind", TARGETS)
def test_a_target(stack: Stack, synth: Callable[..., Any], kind: str) -> None:
    """With a retry policy and a dead-letter queue, and an ARN that EventBridge takes."""
    target = TARGETS[kind](stack)
    rule = ml.JobStateChangeRule(stack, "Rule", jobs=[processing(stack)], targets=[target])

    template = synth(stack)
    (written,) = rules(template)
    (reached,) = written["Targets"]

    queues = Deployment(template).resources("AWS::SQS::Queue")
    (dead_letters,) = [name for name in queues if name.startswith("RuleDeadLetters")]
    assert rule.dead_letter_queue is not None
    assert reached["DeadLetterConfig"] == {"Arn": f"arn:aws:sqs:us-east-1:111122223333:{dead_letters.lower()}"}
    assert reached["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}
    assert re.fullmatch(r"arn:aws:(sns|sqs|lambda|states|logs):us-east-1:111122223333:[^*]*target[^*]*", reached["Arn"])


def test_a_log_group_takes_events_from_the_rule(stack: Stack, synth: Callable[..., Any]) -> None:
    """Its resource policy names the service; no custom resource is made for it."""
    ml.JobStateChangeRule(stack, "Rule", jobs=[processing(stack)], targets=[logs.LogGroup(stack, "Group")])

    template = synth(stack)

    (policy,) = Deployment(template).resources("AWS::Logs::ResourcePolicy").values()
    assert "events.amazonaws.com" in policy["PolicyDocument"]
    assert "logs:PutLogEvents" in policy["PolicyDocument"]
    assert not [item for item in template["Resources"].values() if item["Type"].startswith("Custom::")]


def test_how_delivery_is_tried_can_be_said(stack: Stack, synth: Callable[..., Any]) -> None:
    """For every target, with a queue of the user's."""
    queue = sqs.Queue(stack, "Mine")
    ml.JobStateChangeRule(
        stack,
        "Rule",
        jobs=[processing(stack)],
        targets=[sns.Topic(stack, "Topic"), logs.LogGroup(stack, "Group")],
        dead_letter_queue=queue,
        max_event_age=Duration.hours(1),
        retry_attempts=3,
    )

    template = synth(stack)
    (rule,) = rules(template)

    for target in each(rule["Targets"]):
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 3}
        assert ":mine" in target["DeadLetterConfig"]["Arn"]
    assert len(Deployment(template).resources("AWS::SQS::Queue")) == 1


def test_both_rules_of_both_kinds_reach_a_target(stack: Stack, synth: Callable[..., Any]) -> None:
    """Also one that is bound to each of them."""
    train = ml.TrainingJob(stack, "Train", image=IMAGE)
    group = logs.LogGroup(stack, "Group")
    ml.JobStateChangeRule(stack, "Rule", jobs=[processing(stack), train], targets=[group, sns.Topic(stack, "Topic")])

    assert [len(rule["Targets"]) for rule in rules(synth(stack))] == [2, 2]


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({}, "jobs or kinds is required, and only one of them; pass jobs="),
        (
            {"kinds": [ml.events.JobKind.TRAINING], "statuses": ["Complete"]},
            "statuses must be one of .*Completed.*, got 'Complete'",
        ),
        (
            {"kinds": [ml.events.JobKind.TRAINING], "max_event_age": Duration.seconds(5)},
            "max_event_age must be 1 minute",
        ),
        (
            {"kinds": [ml.events.JobKind.TRAINING], "max_event_age": Duration.days(2)},
            "max_event_age .* got 172800 s; pass",
        ),
        (
            {"kinds": [ml.events.JobKind.TRAINING], "retry_attempts": 186},
            "retry_attempts must be 0-185, got 186; pass 185",
        ),
    ],
)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    """One clear error."""
    with pytest.raises(ml.InvalidPropsError, match=f"Census/Rule: {message}") as caught:
        ml.JobStateChangeRule(stack, "Rule", **props)

    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("target", ["arn:aws:sns:us-east-1:111122223333:topic", s3.Bucket])
def test_a_target_of_no_known_kind(stack: Stack, target: Any) -> None:
    """What was got is named."""
    given = s3.Bucket(stack, "Bucket") if target is s3.Bucket else target
    kind = type(given).__name__

    with pytest.raises(ml.InvalidPropsError, match=f"targets must be topics, queues, .*, got a {kind}") as caught:
        ml.JobStateChangeRule(stack, "Rule", kinds=[ml.events.JobKind.TRAINING], targets=[given])

    assert len(caught.value.faults) == 1


def test_no_target_is_none(stack: Stack) -> None:
    """As an item of any list of props."""
    with pytest.raises(ml.InvalidPropsError, match=r"^Census/Rule: targets\[0\] must not be None; leave it out$"):
        ml.JobStateChangeRule(stack, "Rule", kinds=[ml.events.JobKind.TRAINING], targets=[None])
