"""Rules on state changes of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, assertions
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from support.smallest import STEPS

import constructs_ml as ml
from constructs_ml.core.job_task import SyncJob
from constructs_ml.workflow.events.rule import state_change_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")


def processing(stack: Stack, name: str = "Preprocess", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, name, image=IMAGE, **props)


def rules(stack: Stack) -> list[dict[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources("AWS::Events::Rule")
    return [rule["Properties"] for rule in found.values()]


def function(stack: Stack) -> lambda_.Function:
    code = lambda_.Code.from_inline("def handler(event, context): return event")
    return lambda_.Function(stack, "Fn", code=code, handler="index.handler", runtime=lambda_.Runtime.PYTHON_3_12)


TARGETS: dict[str, Callable[[Stack], Any]] = {
    "topic": lambda stack: sns.Topic(stack, "Topic"),
    "imported topic": lambda stack: sns.Topic.from_topic_arn(stack, "T", "arn:aws:sns:us-east-1:111122223333:t"),
    "queue": lambda stack: sqs.Queue(stack, "Queue"),
    "function": function,
    "state machine": lambda stack: sfn.StateMachine(
        stack, "Other", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Nothing"))
    ),
    "log group": lambda stack: logs.LogGroup(stack, "Log"),
}


def test_the_pattern_names_source_type_job_and_status() -> None:
    pattern = state_change_pattern(ml.events.JobKind.PROCESSING, [{"prefix": "Census-"}], ["Failed"])
    assert pattern == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
        "detail": {"ProcessingJobName": [{"prefix": "Census-"}], "ProcessingJobStatus": ["Failed"]},
    }


def test_a_rule_filters_by_the_names_of_its_job(stack: Stack) -> None:
    job = processing(stack)
    ml.JobStateChangeRule(stack, "Alert", jobs=[job], statuses=["Failed", "Stopped"])
    (rule,) = rules(stack)
    assert rule["EventPattern"]["detail"] == {
        "ProcessingJobName": [{"prefix": job.job_name_prefix}],
        "ProcessingJobStatus": ["Failed", "Stopped"],
    }


def test_a_name_that_is_given_is_matched_whole(stack: Stack) -> None:
    ml.JobStateChangeRule(stack, "Alert", jobs=[processing(stack, job_name="nightly")])
    assert rules(stack)[0]["EventPattern"]["detail"] == {"ProcessingJobName": ["nightly"]}


def test_kinds_match_any_job(stack: Stack) -> None:
    ml.JobStateChangeRule(stack, "Any", kinds=[ml.events.JobKind.PROCESSING])
    assert rules(stack)[0]["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
    }


def test_jobs_of_two_kinds_get_a_rule_each(stack: Stack) -> None:
    train = ml.TrainingJob(stack, "Train", image=IMAGE)
    made = ml.JobStateChangeRule(stack, "Alert", jobs=[processing(stack), train])
    types = {rule["EventPattern"]["detail-type"][0] for rule in rules(stack)}
    assert types == {"SageMaker Processing Job State Change", "SageMaker Training Job State Change"}
    assert set(made.rules) == {ml.events.JobKind.PROCESSING, ml.events.JobKind.TRAINING}


@pytest.mark.parametrize("kind", TARGETS)
def test_each_target_has_a_retry_policy_and_a_dead_letter_queue(stack: Stack, kind: str) -> None:
    ml.JobStateChangeRule(
        stack,
        "Alert",
        jobs=[processing(stack)],
        targets=[TARGETS[kind](stack)],
        max_event_age=Duration.hours(2),
        retry_attempts=5,
    )
    ((target,),) = [rule["Targets"] for rule in rules(stack)]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 5}
    assert "DeadLetters" in str(target["DeadLetterConfig"]["Arn"])


def test_delivery_is_tried_for_a_day_by_default(stack: Stack) -> None:
    ml.JobStateChangeRule(stack, "Alert", jobs=[processing(stack)], targets=[sns.Topic(stack, "Topic")])
    assert rules(stack)[0]["Targets"][0]["RetryPolicy"] == {
        "MaximumEventAgeInSeconds": 86400,
        "MaximumRetryAttempts": 185,
    }


def test_the_dead_letter_queue_is_shared_encrypted_and_kept(stack: Stack) -> None:
    two = [sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue")]
    rule = ml.JobStateChangeRule(stack, "Alert", jobs=[processing(stack)], targets=two)
    queues = assertions.Template.from_stack(stack).find_resources("AWS::SQS::Queue")
    (dead,) = [queue["Properties"] for name, queue in queues.items() if "DeadLetters" in name]
    assert dead == {"MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": True}
    assert rule.dead_letter_queue is not None


def test_a_queue_that_is_passed_in_is_used(stack: Stack) -> None:
    mine = sqs.Queue(stack, "Mine")
    topic = sns.Topic(stack, "Topic")
    ml.JobStateChangeRule(stack, "Alert", jobs=[processing(stack)], targets=[topic], dead_letter_queue=mine)
    assert len(assertions.Template.from_stack(stack).find_resources("AWS::SQS::Queue")) == 1


def test_a_target_of_aws_cdk_lib_is_taken_as_it_is(stack: Stack) -> None:
    own = targets.SqsQueue(sqs.Queue(stack, "Queue"), retry_attempts=1)
    ml.JobStateChangeRule(stack, "Alert", jobs=[processing(stack)], targets=[own])
    assert rules(stack)[0]["Targets"][0]["RetryPolicy"] == {"MaximumRetryAttempts": 1}


def test_a_log_group_is_written_to_for_this_rule_only(stack: Stack) -> None:
    ml.JobStateChangeRule(stack, "Alert", jobs=[processing(stack)], targets=[logs.LogGroup(stack, "Log")])
    (policy,) = assertions.Template.from_stack(stack).find_resources("AWS::Logs::ResourcePolicy").values()
    document = str(policy["Properties"]["PolicyDocument"])
    assert "logs:PutLogEvents" in document
    assert "aws:SourceArn" in document


@pytest.mark.parametrize(
    ("props", "told"),
    [
        ({}, "jobs or kinds is required, and only one of them"),
        (
            {"statuses": ["Faild"]},
            "statuses must be one of Completed, Failed, InProgress, Stopped, Stopping, got 'Faild'",
        ),
        ({"targets": ["a bucket"]}, "targets must be topics, queues, functions, state machines or log groups"),
        ({"max_event_age": Duration.seconds(5)}, "max_event_age must be 1 minute to 24 hours, got 5 s"),
        ({"retry_attempts": 186}, "retry_attempts must be 0-185, got 186"),
    ],
)
def test_what_is_wrong_is_told(stack: Stack, props: dict[str, Any], told: str) -> None:
    given = {name: [s3.Bucket(stack, "B")] if value == ["a bucket"] else value for name, value in props.items()}
    jobs = {"jobs": [processing(stack)]} if props else {}
    with pytest.raises(ml.InvalidPropsError) as error:
        ml.JobStateChangeRule(stack, "Alert", **jobs, **given)
    assert f"Census/Alert: {told}" in str(error.value)


def test_a_job_whose_name_is_unknown_cannot_be_matched(stack: Stack) -> None:
    job = processing(stack, job_name=ml.execution_input("name"))
    with pytest.raises(ml.InvalidPropsError, match="Preprocess, whose name is known only at run time"):
        ml.JobStateChangeRule(stack, "Alert", jobs=[job])


def test_a_rule_of_a_job_itself(stack: Stack) -> None:
    """It is the one that JobStateChangeRule makes; more targets may be added to it."""
    job = processing(stack)
    rule = job.on_state_change("Alert", statuses=["Failed"], target=sns.Topic(stack, "Topic"), description="Alarms")
    rule.add_target(targets.SqsQueue(sqs.Queue(stack, "Queue")))

    (found,) = rules(stack)
    assert found["EventPattern"]["detail"] == {
        "ProcessingJobName": [{"prefix": job.job_name_prefix}],
        "ProcessingJobStatus": ["Failed"],
    }
    assert found["Description"] == "Alarms"
    assert len(found["Targets"]) == 2
    assert rule.node.path.startswith("Census/Preprocess/Alert/")


@pytest.mark.parametrize("name", STEPS)
def test_only_jobs_that_send_events_have_rules_of_their_own(stack: Stack, name: str) -> None:
    made = STEPS[name](stack, "It")
    if not isinstance(made, SyncJob):
        assert not hasattr(made, "on_state_change")
        return
    made.on_state_change("Alert")
    (found,) = rules(stack)
    assert found["EventPattern"]["detail-type"] == [made.kind.event_type]


def test_what_is_wrong_with_a_rule_of_a_job_is_told_with_its_place(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match=r"^Census/Preprocess/Alert: statuses must be .*, got 'Fail'"):
        processing(stack).on_state_change("Alert", statuses=["Fail"])
