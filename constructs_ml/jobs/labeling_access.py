"""What a labeling job needs beside its data.

Source: "Create a SageMaker AI Execution Role for a Ground Truth Labeling Job" of the SageMaker developer guide, narrowed
to what the job names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.access.statements import Statement
from constructs_ml.jobs.role import permissions_for

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns

    from constructs_ml.jobs.job_draft import JobDraft

MANAGE_QUEUE = (
    "sqs:CreateQueue",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "sqs:SetQueueAttributes",
)


def allow_labeling(draft: JobDraft, *, automated: bool) -> None:
    """Declares the metrics of the workers and, if SageMaker labels too, the jobs that it trains for it."""
    # PutMetricData has no resource to narrow it to.
    namespaces = ["/aws/sagemaker/*", "AWS/SageMaker*", "aws/sagemaker*"]
    only = {"StringLike": {"cloudwatch:namespace": namespaces}}
    draft.access.other.append(Statement(("cloudwatch:PutMetricData",), ("*",), only))
    if automated:
        role_arn = permissions_for(draft.home, draft.props.get("role")).role_arn
        to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        draft.access.other.append(Statement(("iam:PassRole",), (role_arn,), to_sagemaker))


def allow_streaming(draft: JobDraft, source: sns.ITopic | None, sink: sns.ITopic | None) -> None:
    """Declares the topics of a job that runs until it is stopped, and the queue that Ground Truth makes for it."""
    if source is not None:
        queues = draft.home.of_stack.place.arn("sqs", "GroundTruth-*")
        draft.access.other.append(Statement(MANAGE_QUEUE, (queues,)))
        to_queue = {"StringEquals": {"sns:Protocol": "sqs"}, "StringLike": {"sns:Endpoint": queues}}
        draft.access.other.append(Statement(("sns:Subscribe",), (source.topic_arn,), to_queue))
        draft.access.other.append(Statement(("sns:Unsubscribe",), (source.topic_arn,)))
    if sink is not None:
        draft.access.other.append(Statement(("sns:Publish",), (sink.topic_arn,)))
