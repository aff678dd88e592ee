"""What a labeling job needs beside its data.

Source: "Create a SageMaker AI Execution Role for a Ground Truth Labeling Job" of the SageMaker developer guide, narrowed
to what the job names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.execution_role import permissions_for
from constructs_ml.iam.job_role import write_logs
from constructs_ml.iam.resources import in_lower_case, pass_role
from constructs_ml.iam.statements import Statement
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_sns as sns

    from constructs_ml.core.job_spec import JobDraft
    from constructs_ml.iam.place import Place

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
    """Declares the metrics of the workers and, if SageMaker labels too, the jobs that it trains for it.

    Where the buckets are is asked for those that the job has declared to read and write.
    """
    # PutMetricData has no resource to narrow it to.
    namespaces = ["/aws/sagemaker/*", "AWS/SageMaker*", "aws/sagemaker*"]
    only = {"StringLike": {"cloudwatch:namespace": namespaces}}
    draft.access.other.append(Statement(("cloudwatch:PutMetricData",), ("*",), only))
    places = [*draft.access.reads, *draft.access.writes]
    if buckets := tuple(dict.fromkeys(objects.bucket_arn for objects in places)):
        draft.access.other.append(Statement(("s3:GetBucketLocation",), buckets))
    if automated:
        role_arn = permissions_for(draft.home, draft.props.get("role")).role_arn
        draft.access.other.append(pass_role(role_arn))
        # Of the jobs that learn to label, and that label.
        groups = (JobKind.TRAINING.log_group, JobKind.TRANSFORM.log_group)
        draft.access.other.append(write_logs(draft.home.of_stack.place, *groups))


def streaming_statements(
    source: sns.ITopic | None, sink: sns.ITopic | None, names: str, place: Place
) -> Iterator[Statement]:
    """What the topics of a job take that runs until it is stopped, and the queue that Ground Truth makes for it.

    Args:
        source: Sends the objects.
        sink: Is told of the labels.
        names: What the names of the job match; the queue is named after it, in lower case.
        place: Where it runs.
    """
    if source is not None:
        queues = place.arn("sqs", f"GroundTruth-{in_lower_case(names)}")
        yield Statement(MANAGE_QUEUE, (queues,))
        to_queue = {"StringEquals": {"sns:Protocol": "sqs"}, "StringLike": {"sns:Endpoint": queues}}
        yield Statement(("sns:Subscribe",), (source.topic_arn,), to_queue)
        yield Statement(("sns:Unsubscribe",), (source.topic_arn,))
    if sink is not None:
        yield Statement(("sns:Publish",), (sink.topic_arn,))
