"""A team whose workflows start by themselves: by a schedule, by an upload, by the end of another job."""

from __future__ import annotations

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduled
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare, train

import constructs_ml as ml


class TriggeredStack(Stack):
    """Rules and schedules around one workflow."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        raw = s3.Bucket(self, "Raw", event_bridge_enabled=True)
        topic, inbox, missed = sns.Topic(self, "Alerts"), sqs.Queue(self, "Inbox"), sqs.Queue(self, "Missed")
        topic.add_subscription(subscriptions.SqsSubscription(inbox))
        bus = events.EventBus(self, "Bus")
        first = prepare(self, inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")})
        second = train(self, channels={"train": first.output("train")})
        entry = tasks.EventBridgePutEventsEntry(
            detail=sfn.TaskInput.from_object({"status": second.result("TrainingJobStatus")}),
            detail_type="Trained",
            source="churn",
            event_bus=bus,
        )
        announce = tasks.EventBridgePutEvents(self, "Announce", entries=[entry], result_path=sfn.JsonPath.DISCARD)
        workflow = ml.Workflow(self, "Workflow", definition=first.next(second).next(announce))
        ml.JobStateChangeRule(self, "Changes", jobs=[first, second], targets=[topic])
        trained = events.Rule(self, "Trained", event_bus=bus, event_pattern={"source": ["churn"]})
        trained.add_target(targets.SqsQueue(inbox, dead_letter_queue=missed))
        uploaded = events.Rule(
            self, "Uploaded", event_pattern={"source": ["aws.s3"], "detail": {"bucket": {"name": [raw.bucket_name]}}}
        )
        uploaded.add_target(targets.CloudWatchLogGroup(logs.LogGroup(self, "Uploads")))
        group = scheduler.ScheduleGroup(self, "Schedules")
        for name, hours in (("Daily", 24), ("Weekly", 168)):
            scheduler.Schedule(
                self,
                name,
                schedule=scheduler.ScheduleExpression.rate(Duration.hours(hours)),
                target=scheduled.StepFunctionsStartExecution(
                    workflow, input=scheduler.ScheduleTargetInput.from_object({"day": name})
                ),
                schedule_group=group,
            )
        cleaner = lambda_.Function(
            self,
            "Cleaner",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return {}"),
        )
        events.Rule(self, "Nightly", schedule=events.Schedule.cron(hour="2"), targets=[targets.LambdaFunction(cleaner)])
        iam.Role(self, "Operators", assumed_by=iam.AccountRootPrincipal())


def build(app: App) -> None:
    """Defines the app."""
    TriggeredStack(app, "Triggered")
