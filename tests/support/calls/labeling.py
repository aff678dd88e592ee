"""Labeling jobs: of a manifest, with help of SageMaker's own, and of a topic.

Sources: "Create a SageMaker AI Execution Role for a Ground Truth Labeling Job" of the SageMaker developer guide; "Create a
Streaming Labeling Job" of the same, by which the queue is called ``GroundTruth-`` and the job's name in lower case. The rule by
which Step Functions learns of the end of labeling jobs is documented nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_sns as sns

import constructs_ml as ml
from support.calls.declare import declared_bucket, volume_key
from support.calls.misses import OTHER_NETWORK, data_misses, elsewhere, job_misses, other_rules
from support.calls.needs import grant, log, metrics, read, write
from support.calls.place import DATA, KEY, TOPIC, UUID, VOLUME_KEY, Access, Case, Team, arn, calls, passing, role
from support.calls.running import run_job
from support.calls.training import LOG as TRAINING
from support.calls.transform import LOG as TRANSFORM
from support.iam import Call

if TYPE_CHECKING:
    from aws_cdk import Stack

LOG, RULE = "/aws/sagemaker/LabelingJobs", "StepFunctionsGetEventsForSageMakerLabelingJobsRule"
BEFORE, AFTER = arn("lambda", "function:before"), arn("lambda", "function:after")
SOURCE = arn("sns", "objects")


def _of_manifest(stack: Stack) -> ml.LabelingJob:
    bucket = declared_bucket(stack)
    algorithm = arn("sagemaker", "labeling-job-algorithm-specification/image-classification")
    return _label(
        stack,
        bucket,
        manifest=ml.S3Data.from_manifest(
            bucket, "raw/m.jsonl", lists=[ml.S3Data.from_bucket(bucket, "raw/")], augmented=True
        ),
        automated=ml.labeling.AutomatedLabeling(algorithm_arn=algorithm),
        volume_key=volume_key(stack),
        output_key=bucket.encryption_key,
    )


def _of_topic(stack: Stack) -> ml.LabelingJob:
    topics = {name: sns.Topic.from_topic_arn(stack, name, at) for name, at in (("In", SOURCE), ("Out", TOPIC))}
    return _label(stack, declared_bucket(stack), input_topic=topics["In"], output_topic=topics["Out"])


def _label(stack: Stack, bucket: Any, **props: Any) -> ml.LabelingJob:
    task = ml.labeling.LabelingTask(
        title="Name it",
        description="Say what it is",
        workteam_arn=arn("sagemaker", "workteam/private-crowd/team"),
        template=ml.S3Data.from_object(bucket, "tasks/task.html"),
        pre_annotation=BEFORE,
        consolidation=AFTER,
    )
    output = ml.S3Data.from_bucket(bucket, "clean/")
    return ml.LabelingJob(stack, "Step", task=task, label_attribute_name="species", output=output, **props)


def _one(key: str) -> list[Call]:
    """Reading one object."""
    return [Call("s3:GetObject", f"{DATA}/{key}"), Call("s3:ListBucket", DATA, {"s3:prefix": key})]


LABELING_ROLE = role("ConstructsMlLabelingJobRole")
OF_MANIFEST, OF_TOPIC = Team("Naming"), Team("Hearing")
_ALWAYS = [
    *read(DATA, "clean/", KEY),
    *write(DATA, "clean/", KEY),
    *_one("tasks/task.html"),
    *calls(DATA, "s3:GetBucketLocation"),
    *calls(BEFORE, "lambda:InvokeFunction"),
    *calls(AFTER, "lambda:InvokeFunction"),
    *log(LOG),
    metrics(LOG),
    metrics("AWS/SageMaker/Workteam"),
]
_AUTOMATED = [
    *_ALWAYS,
    *_one("raw/m.jsonl"),
    *read(DATA, "raw/", KEY),
    grant(VOLUME_KEY),
    passing(LABELING_ROLE),
    *log(TRAINING),
    *log(TRANSFORM),
]
QUEUE = arn("sqs", f"GroundTruth-{OF_TOPIC.owner.lower()}-step-{UUID}")
_QUEUE = ("CreateQueue", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage", "SendMessage")
_STREAMING = [
    *_ALWAYS,
    *calls(QUEUE, *(f"sqs:{action}" for action in (*_QUEUE, "SetQueueAttributes"))),
    Call("sns:Subscribe", SOURCE, {"sns:Protocol": "sqs", "sns:Endpoint": QUEUE}),
    *calls(SOURCE, "sns:Unsubscribe"),
    *calls(TOPIC, "sns:Publish"),
]


def _run(team: Team) -> Access:
    """Any rule of the family is allowed, as the name of the right one is not known."""
    run = run_job(team, "Labeling", "labeling-job", RULE, role_arn=LABELING_ROLE)
    family = {call.resource for call in other_rules(RULE) if "ForSageMaker" in call.resource}
    return Access(
        run.role,
        may=run.may,
        may_not=[call for call in run.may_not if call.resource not in family],
        assumed_by=run.assumed_by,
    )


def _misses(team: Team) -> list[Call]:
    other = arn("lambda", "function:payments")
    return [
        *(call for call in data_misses("raw/", "clean/") if not _is_read_back(call)),
        *job_misses(team, LOG),
        *OTHER_NETWORK,
        *calls(other, "lambda:InvokeFunction"),
        *calls(BEFORE, "lambda:UpdateFunctionCode"),
        *calls(f"{DATA}/tasks/other.html", "s3:GetObject"),
        *calls(f"{DATA}/tasks/task.html", "s3:PutObject"),
        *calls("arn:aws:s3:::data-of-others", "s3:GetBucketLocation"),
    ]


def _is_read_back(call: Call) -> bool:
    """The workers' answers are read again to be consolidated."""
    return call.action == "s3:GetObject" and call.resource.startswith(f"{DATA}/clean/")


CASES = {
    "labeling": Case(
        OF_MANIFEST,
        _of_manifest,
        [
            _run(OF_MANIFEST),
            Access(
                "ConstructsMlLabelingJobRole",
                may=_AUTOMATED,
                may_not=[
                    *elsewhere(_AUTOMATED),
                    *_misses(OF_MANIFEST),
                    passing(LABELING_ROLE, to="lambda.amazonaws.com"),
                    *calls(QUEUE, "sqs:CreateQueue"),
                ],
            ),
        ],
    ),
    "labeling of a stream": Case(
        OF_TOPIC,
        _of_topic,
        [
            _run(OF_TOPIC),
            Access(
                "ConstructsMlLabelingJobRole",
                may=_STREAMING,
                may_not=[
                    *elsewhere(_STREAMING),
                    *_misses(OF_TOPIC),
                    *calls(arn("sqs", f"GroundTruth-marketing-9zz9-step-{UUID}"), "sqs:ReceiveMessage"),
                    *calls(arn("sqs", "payments"), "sqs:ReceiveMessage", "sqs:SendMessage"),
                    *calls(QUEUE, "sqs:DeleteQueue", "sqs:PurgeQueue"),
                    Call("sns:Subscribe", SOURCE, {"sns:Protocol": "https", "sns:Endpoint": "https://evil.example"}),
                    Call("sns:Subscribe", SOURCE, {"sns:Protocol": "sqs", "sns:Endpoint": arn("sqs", "payments")}),
                    Call("sns:Subscribe", SOURCE),
                    Call("sns:Subscribe", TOPIC, {"sns:Protocol": "sqs", "sns:Endpoint": QUEUE}),
                    *calls(SOURCE, "sns:Publish", "sns:DeleteTopic"),
                    *calls(arn("sns", "payments"), "sns:Publish", "sns:Unsubscribe"),
                ],
            ),
        ],
    ),
}
