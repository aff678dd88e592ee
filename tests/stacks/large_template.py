"""A team with one large workflow: forty jobs with all that they are told, in a template of some 400 kB."""

from __future__ import annotations

import itertools

from aws_cdk import App, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import prepare

import constructs_ml as ml

BRANCHES, JOBS, VARIABLES = 4, 10, 90


class LargeStack(Stack):
    """Branches of jobs."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        raw, queue = s3.Bucket(self, "Raw"), sqs.Queue(self, "Done")
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        ml.JobDefaults(vpc=vpc).apply_to(self)
        every = sfn.Parallel(self, "Every", result_path=sfn.JsonPath.DISCARD)
        jobs = []
        for branch in range(BRANCHES):
            chain = []
            for number in range(JOBS):
                variables = {
                    f"SETTING_{index:02}": f"{branch}-{number}-{index} ".ljust(80, "x") for index in range(VARIABLES)
                }
                name = f"Prepare{branch}{number}"
                inputs = {"raw": ml.S3Data.from_bucket(raw, "rows/")}
                chain.append(prepare(self, name, inputs=inputs, environment=variables))
            for before, after in itertools.pairwise(chain):
                before.next(after)
            every.branch(chain[0])
            jobs += chain
        body = sfn.TaskInput.from_text("all of them")
        sent = tasks.SqsSendMessage(self, "Send", queue=queue, message_body=body)
        workflow = ml.Workflow(self, "Workflow", definition=every.next(sent))
        ml.JobStateChangeRule(self, "Changes", jobs=jobs, targets=[sns.Topic(self, "Alerts")])
        cloudwatch.Alarm(self, "Failures", metric=workflow.metric_failed(), threshold=1, evaluation_periods=1)


def build(app: App) -> None:
    """Defines the app."""
    LargeStack(app, "Large")
