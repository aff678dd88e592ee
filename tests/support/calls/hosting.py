"""Models and endpoint configurations.

Sources: "CreateModel API: Execution Role Permissions" of the SageMaker developer guide; "Asynchronous inference: Prerequisites"
and "Capture data from real-time endpoint" of the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_sns as sns

import constructs_ml as ml
from support.calls.declare import declared_bucket, volume_key, vpc
from support.calls.misses import (
    OTHER_NETWORK,
    data_misses,
    deletes,
    elsewhere,
    job_misses,
    other_creates,
    other_rules,
    wrong_passing,
)
from support.calls.needs import WORKFLOW, grant, log, metrics, network, pull, read, write
from support.calls.place import (
    DATA,
    IMAGE,
    JOB_ROLE,
    KEY,
    REPOSITORY,
    TOPIC,
    UUID,
    VOLUME_KEY,
    Access,
    Case,
    Team,
    arn,
    calls,
    passing,
)

if TYPE_CHECKING:
    from aws_cdk import Stack

    from support.iam import Call

LOG = "/aws/sagemaker/Endpoints/churn"
STATES = "states.amazonaws.com"


def own(team: Team, kind: str) -> str:
    """What a team's workflow makes: the names are in lower case to begin with."""
    return arn("sagemaker", f"{kind}/{team.owner.lower()}-step-{UUID}")


def own_misses(team: Team, *creates: str) -> list[Call]:
    lower = Team(team.stack)
    return [
        *other_creates(lower, *creates),
        *deletes(lower),
        *wrong_passing(JOB_ROLE),
        *other_rules(""),
        *calls(f"{DATA}/raw/1.csv", "s3:GetObject"),
    ]


def others(team: Team, kind: str, *actions: str) -> list[Call]:
    return [call for other in team.others(kind) for call in calls(other.lower(), *actions)]


MODEL = Team("Modelling")


def _model(stack: Stack) -> Any:
    bucket = declared_bucket(stack)
    return ml.CreateModel(
        stack,
        "Step",
        image=ml.ContainerImage.from_registry(IMAGE),
        data=ml.S3Data.from_object(bucket, "raw/model.tar.gz"),
        tags={"team": "risk"},
        **vpc(stack),
    )


_RUN_MODEL = [*calls(own(MODEL, "model"), "sagemaker:CreateModel", "sagemaker:AddTags"), passing(JOB_ROLE)]
_OF_MODEL = [
    *calls(f"{DATA}/raw/model.tar.gz", "s3:GetObject"),
    *[call for call in read(DATA, "raw/model.tar.gz", KEY) if call.action != "s3:GetObject"],
    *pull(REPOSITORY),
    *log(LOG, "AllTraffic/i-1"),
    metrics("/aws/sagemaker/Endpoints"),
    *network(),
]

CONFIG = Team("Configuring")


def _config(stack: Stack) -> Any:
    bucket = declared_bucket(stack)
    topic = sns.Topic.from_topic_arn(stack, "Told", TOPIC)
    model = ml.CreateModel(stack, "Model", image=ml.ContainerImage.from_registry(IMAGE))
    config = ml.CreateEndpointConfig(
        stack,
        "Step",
        model=model,
        data_capture=ml.hosting.DataCapture(
            destination=ml.S3Data.from_bucket(bucket, "captured/"), key=bucket.encryption_key
        ),
        async_inference=ml.hosting.AsyncInference(
            output=ml.S3Data.from_bucket(bucket, "clean/"),
            key=bucket.encryption_key,
            success_topic=topic,
            inputs=[ml.S3Data.from_bucket(bucket, "raw/")],
        ),
        volume_key=volume_key(stack),
    )
    return model.next(config)


_RUN_CONFIG = [
    *calls(own(CONFIG, "endpoint-config"), "sagemaker:CreateEndpointConfig"),
    *calls(own(CONFIG, "model"), "sagemaker:CreateModel"),
    passing(JOB_ROLE),
]
_OF_ENDPOINT = [
    *read(DATA, "raw/", KEY),
    *write(DATA, "clean/", KEY),
    *write(DATA, "captured/", KEY),
    *calls(TOPIC, "sns:Publish"),
    *pull(REPOSITORY),
    *log(LOG, "AllTraffic/i-1"),
    metrics("/aws/sagemaker/Endpoints"),
]

CASES = {
    "model": Case(
        MODEL,
        _model,
        [
            Access(
                "WorkflowRole",
                may=[*_RUN_MODEL, *WORKFLOW],
                may_not=[
                    *elsewhere(_RUN_MODEL),
                    *others(MODEL, "model", "sagemaker:CreateModel", "sagemaker:AddTags"),
                    *own_misses(MODEL, "CreateModel"),
                ],
                assumed_by=STATES,
            ),
            Access(
                "ConstructsMlJobRole",
                may=_OF_MODEL,
                may_not=[
                    *elsewhere(_OF_MODEL),
                    *data_misses("raw/", "clean/"),
                    *job_misses(MODEL, "/aws/sagemaker/EndpointsX"),
                    *OTHER_NETWORK,
                    *calls(f"{DATA}/raw/model.tar.gz.bak", "s3:GetObject"),
                    *calls(f"{DATA}/raw/model.tar.gz", "s3:PutObject"),
                ],
            ),
        ],
    ),
    "endpoint configuration": Case(
        CONFIG,
        _config,
        [
            Access(
                "WorkflowRole",
                may=[*_RUN_CONFIG, *WORKFLOW],
                may_not=[
                    *elsewhere(_RUN_CONFIG),
                    *others(CONFIG, "endpoint-config", "sagemaker:CreateEndpointConfig"),
                    *own_misses(CONFIG, "CreateEndpointConfig", "CreateModel"),
                    grant(VOLUME_KEY),
                ],
                assumed_by=STATES,
            ),
            Access(
                "ConstructsMlJobRole",
                may=_OF_ENDPOINT,
                may_not=[
                    *elsewhere(_OF_ENDPOINT),
                    *data_misses("raw/", "clean/"),
                    *job_misses(CONFIG, "/aws/sagemaker/EndpointsX"),
                    *OTHER_NETWORK,
                    *network(),
                    *calls(f"{DATA}/captured/1.jsonl", "s3:GetObject"),
                    *calls(arn("sns", "payments"), "sns:Publish"),
                    *calls(TOPIC, "sns:Subscribe", "sns:DeleteTopic"),
                ],
            ),
        ],
    ),
}
