"""Tuning jobs; their training jobs run under the job's role and write to the log of training jobs.

Sources: "CreateHyperParameterTuningJob API: Execution Role Permissions" of the SageMaker developer guide; the rule's name is that
which the AWS Step Functions Data Science SDK documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import constructs_ml as ml
from support.calls.declare import declared_bucket, volume_key, vpc
from support.calls.misses import OTHER_NETWORK, data_misses, elsewhere, job_misses
from support.calls.needs import grant, log, metrics, network, pull, read, write
from support.calls.place import DATA, IMAGE, KEY, REPOSITORY, VOLUME_KEY, Access, Case, Team, arn, calls
from support.calls.running import run_job
from support.calls.training import LOG

if TYPE_CHECKING:
    from aws_cdk import Stack

RULE = "StepFunctionsGetEventsForSageMakerTuningJobsRule"
TEAM = Team("Searching")


def _define(stack: Stack) -> ml.TuningJob:
    bucket = declared_bucket(stack)
    return ml.TuningJob(
        stack,
        "Step",
        training=ml.tuning.TrainingDefinition(
            image=ml.ContainerImage.from_registry(IMAGE),
            channels={"train": ml.S3Data.from_bucket(bucket, "raw/")},
            output=ml.S3Data.from_bucket(bucket, "clean/"),
            metric_definitions={"loss": "loss=(.*)"},
        ),
        objective=ml.tuning.Objective.minimize("loss"),
        ranges={"depth": ml.tuning.IntegerRange(1, 9)},
        output_key=bucket.encryption_key,
        volume_key=volume_key(stack),
        **vpc(stack),
    )


_MAY = [
    *read(DATA, "raw/", KEY),
    *write(DATA, "clean/", KEY),
    grant(VOLUME_KEY),
    *pull(REPOSITORY),
    *log(LOG),
    metrics(LOG),
    *network(),
]
CASES = {
    "tuning": Case(
        TEAM,
        _define,
        [
            run_job(TEAM, "HyperParameterTuning", "hyper-parameter-tuning-job", RULE),
            Access(
                "ConstructsMlJobRole",
                may=_MAY,
                may_not=[
                    *elsewhere(_MAY),
                    *data_misses("raw/", "clean/"),
                    *job_misses(TEAM, LOG),
                    *OTHER_NETWORK,
                    # SageMaker itself starts the trials.
                    *calls(arn("sagemaker", f"training-job/{TEAM.owner}-Step-001"), "sagemaker:CreateTrainingJob"),
                ],
            ),
        ],
    )
}
