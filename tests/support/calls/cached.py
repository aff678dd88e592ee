"""Cached jobs: the state machine lists their data, and reads and writes their markers.

Sources: "Actions, resources, and condition keys for Amazon S3" of the Service Authorization Reference; GetObject of the Amazon S3
API reference, by which an object that is not there is a 404 for those who may list the bucket only, and a 403 for others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from support.calls.declare import declared_bucket
from support.calls.misses import data_misses, elsewhere, job_misses
from support.calls.needs import log, metrics, pull, read, write
from support.calls.place import ARTIFACTS, DATA, KEY, REPOSITORY, Access, Case, Team, arn, calls
from support.calls.running import run_job
from support.iam import REGION, Call
from support.templates import ACCOUNT

if TYPE_CHECKING:
    from aws_cdk import Stack

LOG, RULE = "/aws/sagemaker/ProcessingJobs", "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mine@sha256:{'0' * 64}"
DAILY, RESULTS = "arn:aws:s3:::daily", "arn:aws:s3:::results"
RESULTS_KEY = arn("kms", "key/results")
VIA = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}


def _define(stack: Stack) -> sfn.IChainable:
    day = ml.S3Data.from_uri(sfn.JsonPath.string_at("$.day"), within=["s3://daily/2026/"])
    image = ml.ContainerImage.from_registry(IMAGE)
    cache = ml.Cache(expires=Duration.days(30))
    raw = ml.S3Data.from_bucket(declared_bucket(stack), "raw/")
    first = ml.ProcessingJob(
        stack, "Step", image=image, inputs={"raw": raw, "day": day}, outputs=["out"], cache=cache, retry=_RETRY
    )
    after = ml.ProcessingJob(stack, "Next", image=image, inputs={"out": first.output("out")}, cache=cache)
    return first.next(after)


_RETRY = ml.RetryPolicy.by_cause()


def _define_with_key(stack: Stack) -> sfn.IChainable:
    key = kms.Key.from_key_arn(stack, "ResultsKey", RESULTS_KEY)
    bucket = s3.Bucket.from_bucket_attributes(stack, "Results", bucket_name="results", encryption_key=key)
    ml.JobDefaults(bucket=bucket).apply_to(stack)
    return _define(stack)


IN_OWN_BUCKET, IN_BUCKET_WITH_KEY = Team("Caching"), Team("CachingWithKey")


def _markers(team: Team, bucket: str) -> list[Call]:
    """What the state machine calls for its jobs' markers, and to find out about their data."""
    return [
        *calls(f"{bucket}/cache/{team.owner}/Step/{'0' * 64}.json", "s3:GetObject", "s3:PutObject"),
        *calls(f"{bucket}/cache/{team.owner}/Next/redriven/{'0' * 64}.json", "s3:GetObject", "s3:PutObject"),
        # For GetObject of a marker that is not there, which has no prefix.
        Call("s3:ListBucket", bucket),
        Call("s3:ListBucket", bucket, {"s3:prefix": f"{team.owner}/cache/Step/"}),
        Call("s3:ListBucket", DATA, {"s3:prefix": "raw/"}),
        Call("s3:ListBucket", DAILY, {"s3:prefix": "2026/12/01/"}),
    ]


def _near_markers(team: Team, bucket: str) -> list[Call]:
    near = (
        f"{team.owner}/cache/Step/1.csv",
        f"cache/{team.owner}x/Step/1.json",
        "cache/Marketing-9zZ9/Step/1.json",
        f"cache/{team.owner}",
        "1.json",
    )
    return [
        *(call for key in near for call in calls(f"{bucket}/{key}", "s3:GetObject", "s3:PutObject")),
        *calls(f"{bucket}/cache/{team.owner}/Step/1.json", "s3:DeleteObject", "s3:PutObjectAcl", "s3:GetObjectVersion"),
        *calls(bucket, "s3:PutBucketPolicy", "s3:ListBucketVersions", "s3:DeleteBucket"),
        Call("s3:ListBucket", DATA),
        Call("s3:ListBucket", DATA, {"s3:prefix": "clean/"}),
        Call("s3:ListBucket", DAILY, {"s3:prefix": "2025/"}),
        *calls(f"{DAILY}/2026/1.csv", "s3:GetObject", "s3:PutObject"),
        Call("s3:ListBucket", "arn:aws:s3:::other"),
    ]


def _workflow(team: Team, bucket: str, *keys: Call) -> Access:
    found = run_job(team, "Processing", "processing-job", RULE)
    return replace(
        found,
        may=[*found.may, *_markers(team, bucket), *keys],
        may_not=[*found.may_not, *_near_markers(team, bucket), *elsewhere(keys)],
    )


def _jobs(team: Team, bucket: str, key: str | None = None) -> Access:
    own = f"{team.owner}/cache/Step/{'0' * 64}/1/out/"
    before = f"{team.owner}/Before/out/"
    may = [
        *read(DATA, "raw/", KEY),
        *read(DAILY, "2026/"),
        *(call for prefix in (own, before) for call in (*read(bucket, prefix, key), *write(bucket, prefix, key))),
        *pull(REPOSITORY),
        *log(LOG),
        metrics(LOG),
    ]
    return Access(
        "ConstructsMlJobRole",
        may=may,
        may_not=[
            *elsewhere(may),
            *data_misses("raw/", "clean/"),
            *job_misses(team, LOG),
            # What a job can write proves nothing about it.
            *calls(f"{bucket}/cache/{team.owner}/Step/{'0' * 64}.json", "s3:GetObject", "s3:PutObject"),
            *calls(f"{bucket}/cache/1.json", "s3:GetObject", "s3:PutObject"),
        ],
    )


CASES = {
    "cached processing": Case(
        IN_OWN_BUCKET, _define, [_workflow(IN_OWN_BUCKET, ARTIFACTS), _jobs(IN_OWN_BUCKET, ARTIFACTS)]
    ),
    "cached processing in a bucket with a key": Case(
        IN_BUCKET_WITH_KEY,
        _define_with_key,
        [
            _workflow(
                IN_BUCKET_WITH_KEY,
                RESULTS,
                *(Call(f"kms:{verb}", RESULTS_KEY, VIA) for verb in ("Decrypt", "GenerateDataKey")),
            ),
            _jobs(IN_BUCKET_WITH_KEY, RESULTS, RESULTS_KEY),
        ],
    ),
}
