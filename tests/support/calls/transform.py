"""Transform jobs; the role of the model reads the data and writes the results.

Sources: "CreateModel API: Execution Role Permissions" of the SageMaker developer guide; "Amazon SageMaker AI API Permissions" of
the same, by which CreateTransformJob takes no iam:PassRole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import constructs_ml as ml
from support.calls.declare import declared_bucket, volume_key
from support.calls.misses import OTHER_NETWORK, data_misses, elsewhere, job_misses
from support.calls.needs import grant, log, metrics, network, read, write
from support.calls.place import DATA, JOB_ROLE, KEY, VOLUME_KEY, Access, Case, Team, arn, calls, passing
from support.calls.running import run_job

if TYPE_CHECKING:
    from aws_cdk import Stack

LOG, RULE = "/aws/sagemaker/TransformJobs", "StepFunctionsGetEventsForSageMakerTransformJobsRule"
TEAM = Team("Scoring")


def _define(stack: Stack) -> ml.TransformJob:
    bucket = declared_bucket(stack)
    return ml.TransformJob(
        stack,
        "Step",
        model="churn",
        data=ml.S3Data.from_bucket(bucket, "raw/"),
        output=ml.S3Data.from_bucket(bucket, "clean/"),
        output_key=bucket.encryption_key,
        volume_key=volume_key(stack),
    )


_MAY = [*read(DATA, "raw/", KEY), *write(DATA, "clean/", KEY), grant(VOLUME_KEY), *log(LOG), metrics(LOG)]
_RUN = run_job(TEAM, "Transform", "transform-job", RULE, role_arn=None)
CASES = {
    "transform": Case(
        TEAM,
        _define,
        [
            Access(
                _RUN.role,
                may=_RUN.may,
                may_not=[
                    *_RUN.may_not,
                    passing(JOB_ROLE),
                    *calls(arn("sagemaker", "model/churn"), "sagemaker:CreateModel", "sagemaker:DescribeModel"),
                ],
                assumed_by=_RUN.assumed_by,
            ),
            Access(
                "ConstructsMlJobRole",
                may=_MAY,
                may_not=[
                    *elsewhere(_MAY),
                    *data_misses("raw/", "clean/"),
                    *job_misses(TEAM, LOG),
                    *OTHER_NETWORK,
                    *network(),
                ],
            ),
        ],
    )
}
