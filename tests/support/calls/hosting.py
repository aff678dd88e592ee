"""Models, endpoint configurations, endpoints: made, changed, waited for.

Sources: "CreateModel API: Execution Role Permissions" of the SageMaker developer guide; "Amazon SageMaker AI API Permissions" of
the same: making or changing an endpoint takes its configuration too, and ``kms:CreateGrant`` if the configuration has a key;
"Auto-Rollback Configuration and Monitoring", "Asynchronous inference: Prerequisites", "Capture data from real-time endpoint".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
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
    OTHER_KEY,
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
ALARM = arn("cloudwatch", "alarm:errors")
STATES = "states.amazonaws.com"


def _own(team: Team, kind: str) -> str:
    """What a team's workflow makes: the names are in lower case to begin with."""
    return arn("sagemaker", f"{kind}/{team.owner.lower()}-step-{UUID}")


def _own_misses(team: Team, *creates: str) -> list[Call]:
    lower = Team(team.stack)
    return [
        *other_creates(lower, *creates),
        *deletes(lower),
        *wrong_passing(JOB_ROLE),
        *other_rules(""),
        *calls(f"{DATA}/raw/1.csv", "s3:GetObject"),
    ]


def _others(team: Team, kind: str, *actions: str) -> list[Call]:
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


_RUN_MODEL = [*calls(_own(MODEL, "model"), "sagemaker:CreateModel", "sagemaker:AddTags"), passing(JOB_ROLE)]
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
        data_capture=ml.DataCapture(destination=ml.S3Data.from_bucket(bucket, "captured/"), key=bucket.encryption_key),
        async_inference=ml.AsyncInference(
            output=ml.S3Data.from_bucket(bucket, "clean/"),
            key=bucket.encryption_key,
            success_topic=topic,
            inputs=[ml.S3Data.from_bucket(bucket, "raw/")],
        ),
        volume_key=volume_key(stack),
    )
    return model.next(config)


_RUN_CONFIG = [
    *calls(_own(CONFIG, "endpoint-config"), "sagemaker:CreateEndpointConfig"),
    *calls(_own(CONFIG, "model"), "sagemaker:CreateModel"),
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

CREATE, UPDATE, DEPLOY = Team("Opening"), Team("Changing"), Team("Deploying")


def _key(stack: Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", VOLUME_KEY)


def _rollout(stack: Stack) -> ml.Deployment:
    return ml.Deployment.all_at_once(alarms=[cloudwatch.Alarm.from_alarm_arn(stack, "Errors", ALARM)])


def _create(stack: Stack) -> Any:
    return ml.CreateEndpoint(
        stack,
        "Step",
        endpoint_config="Churn-7",
        volume_key=_key(stack),
        deployment=_rollout(stack),
        tags={"team": "risk"},
    )


def _update(stack: Stack) -> Any:
    rollout = _rollout(stack)
    return ml.UpdateEndpoint(
        stack, "Step", endpoint_name="Churn", endpoint_config="Churn-7", volume_key=_key(stack), deployment=rollout
    )


def _deploy(stack: Stack) -> Any:
    rollout = _rollout(stack)
    return ml.DeployEndpoint(
        stack, "Step", endpoint_name="Churn", endpoint_config="Churn-7", volume_key=_key(stack), deployment=rollout
    )


def _endpoint(name: str) -> str:
    return arn("sagemaker", f"endpoint/{name}")


def _named(*actions: str) -> list[Call]:
    """On the endpoint and the configuration that are passed by name, as ARNs hold them."""
    return [
        call
        for kind, name in (
            *(("endpoint", name) for name in ("churn", "Churn")),
            *(("endpoint-config", name) for name in ("churn-7", "Churn-7")),
        )
        for call in calls(arn("sagemaker", f"{kind}/{name}"), *actions)
    ]


_CREATE = [
    *calls(_own(CREATE, "endpoint"), "sagemaker:CreateEndpoint", "sagemaker:AddTags"),
    *calls(arn("sagemaker", "endpoint-config/churn-7"), "sagemaker:CreateEndpoint"),
    *calls(arn("sagemaker", "endpoint-config/Churn-7"), "sagemaker:CreateEndpoint"),
    *calls(ALARM, "cloudwatch:DescribeAlarms"),
    grant(VOLUME_KEY),
]
_UPDATE = [*_named("sagemaker:UpdateEndpoint"), *calls(ALARM, "cloudwatch:DescribeAlarms"), grant(VOLUME_KEY)]
_DEPLOY = [
    *_named("sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"),
    *calls(_endpoint("churn"), "sagemaker:DescribeEndpoint"),
    *calls(_endpoint("Churn"), "sagemaker:DescribeEndpoint"),
    *calls(ALARM, "cloudwatch:DescribeAlarms"),
    grant(VOLUME_KEY),
]
_OTHER_ENDPOINTS = [
    *calls(
        _endpoint("churn-2"),
        *(
            f"sagemaker:{action}"
            for action in ("CreateEndpoint", "UpdateEndpoint", "DescribeEndpoint", "InvokeEndpoint")
        ),
    ),
    *calls(_endpoint("churn"), "sagemaker:DeleteEndpoint", "sagemaker:InvokeEndpoint"),
    *calls(_endpoint("churn"), "sagemaker:UpdateEndpointWeightsAndCapacities"),
    *calls(arn("sagemaker", "endpoint-config/churn-8"), "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"),
    *calls(
        arn("sagemaker", "endpoint-config/churn-7"), "sagemaker:DeleteEndpointConfig", "sagemaker:CreateEndpointConfig"
    ),
    *calls(arn("cloudwatch", "alarm:of-others"), "cloudwatch:DescribeAlarms"),
    *calls(ALARM, "cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions", "cloudwatch:SetAlarmState"),
    grant(OTHER_KEY),
    grant(VOLUME_KEY, for_aws=False),
    *calls(VOLUME_KEY, "kms:Decrypt", "kms:CreateGrant"),
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
                    *_others(MODEL, "model", "sagemaker:CreateModel", "sagemaker:AddTags"),
                    *_own_misses(MODEL, "CreateModel"),
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
                    *_others(CONFIG, "endpoint-config", "sagemaker:CreateEndpointConfig"),
                    *_own_misses(CONFIG, "CreateEndpointConfig", "CreateModel"),
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
    "new endpoint": Case(
        CREATE,
        _create,
        [
            Access(
                "WorkflowRole",
                may=[*_CREATE, *WORKFLOW],
                may_not=[
                    *elsewhere(_CREATE),
                    *_others(CREATE, "endpoint", "sagemaker:CreateEndpoint"),
                    *calls(_own(CREATE, "endpoint"), "sagemaker:UpdateEndpoint"),
                    *_OTHER_ENDPOINTS,
                    *_own_misses(CREATE, "CreateEndpoint"),
                ],
                assumed_by=STATES,
            )
        ],
    ),
    "update of an endpoint": Case(
        UPDATE,
        _update,
        [
            Access(
                "WorkflowRole",
                may=[*_UPDATE, *WORKFLOW],
                may_not=[
                    *elsewhere(_UPDATE),
                    *calls(_endpoint("churn"), "sagemaker:CreateEndpoint", "sagemaker:AddTags"),
                    *_OTHER_ENDPOINTS,
                    *_own_misses(UPDATE),
                ],
                assumed_by=STATES,
            )
        ],
    ),
    "deployment of an endpoint": Case(
        DEPLOY,
        _deploy,
        [
            Access(
                "WorkflowRole",
                may=[*_DEPLOY, *WORKFLOW],
                may_not=[*elsewhere(_DEPLOY), *_OTHER_ENDPOINTS, *_own_misses(DEPLOY)],
                assumed_by=STATES,
            )
        ],
    ),
}
