"""Endpoints: made, changed, deployed and waited for.

Sources: "Amazon SageMaker AI API Permissions" of the SageMaker developer guide: making or changing an endpoint takes its
configuration too, and ``kms:CreateGrant`` if the configuration has a key; "Auto-Rollback Configuration and Monitoring".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms

import constructs_ml as ml
from support.calls.hosting import STATES, others, own, own_misses
from support.calls.misses import elsewhere
from support.calls.needs import WORKFLOW, grant
from support.calls.place import OTHER_KEY, VOLUME_KEY, Access, Case, Team, arn, calls

if TYPE_CHECKING:
    from aws_cdk import Stack

    from support.iam import Call

ALARM = arn("cloudwatch", "alarm:errors")
CREATE, UPDATE, DEPLOY = Team("Opening"), Team("Changing"), Team("Deploying")


def _key(stack: Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", VOLUME_KEY)


def _rollout(stack: Stack) -> ml.hosting.Deployment:
    return ml.hosting.Deployment.all_at_once(alarms=[cloudwatch.Alarm.from_alarm_arn(stack, "Errors", ALARM)])


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


def _before(team: Team, *actions: str) -> list[Call]:
    """On an endpoint and a configuration whose names were drawn, as those of the version before may have been."""
    return [call for kind in ("endpoint", "endpoint-config") for call in calls(own(team, kind), *actions)]


_CREATE = [
    *calls(own(CREATE, "endpoint-config"), "sagemaker:CreateEndpoint"),
    *calls(own(CREATE, "endpoint"), "sagemaker:CreateEndpoint", "sagemaker:AddTags"),
    *calls(arn("sagemaker", "endpoint-config/churn-7"), "sagemaker:CreateEndpoint"),
    *calls(arn("sagemaker", "endpoint-config/Churn-7"), "sagemaker:CreateEndpoint"),
    *calls(ALARM, "cloudwatch:DescribeAlarms"),
    grant(VOLUME_KEY),
]
_UPDATE = [
    *_named("sagemaker:UpdateEndpoint"),
    *_before(UPDATE, "sagemaker:UpdateEndpoint"),
    *calls(ALARM, "cloudwatch:DescribeAlarms"),
    grant(VOLUME_KEY),
]
_DEPLOY = [
    *_before(DEPLOY, "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"),
    *calls(own(DEPLOY, "endpoint"), "sagemaker:DescribeEndpoint"),
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
    "new endpoint": Case(
        CREATE,
        _create,
        [
            Access(
                "WorkflowRole",
                may=[*_CREATE, *WORKFLOW],
                may_not=[
                    *elsewhere(_CREATE),
                    *others(CREATE, "endpoint", "sagemaker:CreateEndpoint"),
                    *calls(own(CREATE, "endpoint"), "sagemaker:UpdateEndpoint"),
                    *_OTHER_ENDPOINTS,
                    *own_misses(CREATE, "CreateEndpoint"),
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
                    *own_misses(UPDATE),
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
                may_not=[*elsewhere(_DEPLOY), *_OTHER_ENDPOINTS, *own_misses(DEPLOY)],
                assumed_by=STATES,
            )
        ],
    ),
}
