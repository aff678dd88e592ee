"""AutoML jobs: the role is the candidates' too, which SageMaker names and deploys as it likes.

Source: "CreateAutoMLJob and CreateAutoMLJobV2 API: Execution Role Permissions" of the SageMaker developer guide. AWS grants it all
on everything; here models and endpoints are those of this account and region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

import constructs_ml as ml
from support.calls.declare import declared_bucket, volume_key, vpc
from support.calls.misses import (
    IN_ANY_NETWORK,
    data_misses,
    deletes,
    elsewhere,
    job_misses,
    other_creates,
    wrong_passing,
)
from support.calls.needs import WORKFLOW, grant, log, metrics, network, pull, read, write
from support.calls.place import DATA, KEY, SAGEMAKER, VOLUME_KEY, Access, Case, Team, arn, calls, passing, role
from support.iam import Call

if TYPE_CHECKING:
    from aws_cdk import Stack

TEAM = Team("Finding")
ROLE = role("ConstructsMlAutoMLJobRole")
EMR = role("emr")
ACTIONS = ("CreateAutoMLJobV2", "DescribeAutoMLJobV2", "StopAutoMLJob")
LOGS = [
    *(f"/aws/sagemaker/{kind}Jobs" for kind in ("Processing", "Training", "Transform")),
    "/aws/sagemaker/Endpoints/best",
]


def _define(stack: Stack) -> ml.AutoMLJob:
    bucket = declared_bucket(stack)
    return ml.AutoMLJob(
        stack,
        "Step",
        problem=ml.automl.AutoMLProblem.tabular("y"),
        training=ml.S3Data.from_bucket(bucket, "raw/"),
        output=ml.S3Data.from_bucket(bucket, "clean/"),
        output_key=bucket.encryption_key,
        volume_key=volume_key(stack),
        emr_serverless_role=iam.Role.from_role_arn(stack, "Emr", EMR, mutable=False),
        tags={"team": "risk"},
        **vpc(stack),
    )


_RUN = [
    *calls(TEAM.own("automl-job"), *(f"sagemaker:{action}" for action in ACTIONS), "sagemaker:AddTags"),
    *calls(TEAM.own_in_lower_case("automl-job"), *(f"sagemaker:{action}" for action in ACTIONS), "sagemaker:AddTags"),
    passing(ROLE),
    passing(EMR, to="emr-serverless.amazonaws.com"),
]
_VERBS = ("Create", "Delete", "Describe")
_HOSTED = [
    *calls(arn("sagemaker", "model/best"), *(f"sagemaker:{verb}Model" for verb in _VERBS), "sagemaker:ListTags"),
    *calls(
        arn("sagemaker", "endpoint-config/best"),
        *(f"sagemaker:{verb}EndpointConfig" for verb in _VERBS),
        "sagemaker:ListTags",
        "sagemaker:CreateEndpoint",
    ),
    *calls(
        arn("sagemaker", "endpoint/best"),
        *(f"sagemaker:{verb}Endpoint" for verb in (*_VERBS, "Invoke")),
        "sagemaker:ListTags",
    ),
]
_MAY = [
    *read(DATA, "raw/", KEY),
    *read(DATA, "clean/", KEY),
    *write(DATA, "clean/", KEY),
    grant(VOLUME_KEY),
    passing(ROLE),
    *(call for group in LOGS for call in log(group)),
    metrics("/aws/sagemaker/TrainingJobs"),
    *_HOSTED,
]
_OF_HOSTING = {call.action for call in _HOSTED}


def _beyond_candidates(missed: list[Call]) -> list[Call]:
    """Near misses but for models and endpoints: AutoML may make and delete any, since it names them."""
    return [call for call in missed if call.action not in _OF_HOSTING]


CASES = {
    "automl": Case(
        TEAM,
        _define,
        [
            Access(
                "WorkflowRole",
                may=[*_RUN, *WORKFLOW],
                may_not=[
                    *elsewhere(_RUN),
                    *(
                        call
                        for other in TEAM.others("automl-job")
                        for call in calls(other, *(f"sagemaker:{action}" for action in ACTIONS))
                    ),
                    *wrong_passing(ROLE),
                    passing(EMR, to=SAGEMAKER),
                    *other_creates(TEAM, "CreateAutoMLJobV2"),
                    *deletes(TEAM),
                ],
                assumed_by="states.amazonaws.com",
            ),
            Access(
                "ConstructsMlAutoMLJobRole",
                # Which of SageMaker's images it tries is SageMaker's choice.
                may=[*_MAY, *network(), *pull("arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-xgboost")],
                may_not=[
                    *elsewhere(_MAY),
                    *(
                        call
                        for call in data_misses("raw/", "clean/")
                        if call != Call("s3:GetObject", f"{DATA}/clean/1.csv")
                    ),
                    *(
                        call
                        for call in _beyond_candidates(job_misses(TEAM, "/aws/sagemaker/ProcessingJobs"))
                        if not call.action.startswith("ecr:Batch") and call.action != "ecr:GetDownloadUrlForLayer"
                    ),
                    *calls(arn("ecr", "repository/any", region="eu-west-1"), "ecr:BatchGetImage"),
                    *IN_ANY_NETWORK,
                    *wrong_passing(ROLE),
                    *calls(arn("sagemaker", "endpoint/best"), "sagemaker:UpdateEndpoint", "sagemaker:AddTags"),
                ],
            ),
        ],
    )
}
