"""The optimized integrations of Step Functions, and how each may wait.

Source: "Integrating optimized services with Step Functions" of the Step Functions developer guide, and its page on each
service.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Flag, auto
from types import MappingProxyType


class Waits(Flag):
    """How an integration may wait besides calling and going on."""

    NOT = 0
    SYNC = auto()
    """For the job to end: ``.sync``."""
    TOKEN = auto()
    """For someone to send the task's token back: ``.waitForTaskToken``."""


_NOT, _SYNC, _TOKEN = Waits.NOT, Waits.SYNC, Waits.TOKEN
_ANY = _SYNC | _TOKEN

Actions = Mapping[str, Waits]


def _all(waits: Waits, *actions: str) -> dict[str, Waits]:
    return dict.fromkeys(actions, waits)


OPTIMIZED: Mapping[str, Actions] = MappingProxyType(
    {
        "apigateway": {"invoke": _TOKEN},
        "athena": {
            "startQueryExecution": _SYNC,
            **_all(_NOT, "getQueryExecution", "getQueryResults", "stopQueryExecution"),
        },
        "batch": {"submitJob": _SYNC},
        "bedrock": {"createModelCustomizationJob": _SYNC, "invokeModel": _TOKEN},
        "bedrockagentcore": {"invokeHarness": _NOT},
        "codebuild": {
            **_all(_SYNC, "startBuild", "startBuildBatch", "retryBuildBatch"),
            **_all(_NOT, "stopBuild", "stopBuildBatch", "deleteBuildBatch", "batchDeleteBuilds", "batchGetReports"),
        },
        "databrew": {"startJobRun": _SYNC},
        "dynamodb": _all(_NOT, "deleteItem", "getItem", "putItem", "updateItem"),
        "ecs": {"runTask": _ANY},
        "eks": {
            **_all(_SYNC, "createCluster", "deleteCluster", "createFargateProfile", "deleteFargateProfile"),
            **_all(_SYNC, "createNodegroup", "deleteNodegroup"),
            "runJob": _ANY,
            "call": _TOKEN,
        },
        "elasticmapreduce": {
            **_all(_SYNC, "addStep", "createCluster", "terminateCluster"),
            **_all(_NOT, "cancelStep", "setClusterTerminationProtection"),
            **_all(_NOT, "modifyInstanceFleetByName", "modifyInstanceGroupByName"),
        },
        "emr-containers": {**_all(_SYNC, "deleteVirtualCluster", "startJobRun"), "createVirtualCluster": _NOT},
        "emr-serverless": {
            **_all(_SYNC, "createApplication", "deleteApplication", "startApplication", "stopApplication"),
            **_all(_SYNC, "cancelJobRun", "startJobRun"),
        },
        "events": {"putEvents": _TOKEN},
        "glue": {"startJobRun": _SYNC},
        "http": {"invoke": _TOKEN},
        "lambda": {"invoke": _TOKEN},
        "mediaconvert": {"createJob": _SYNC},
        "sagemaker": {
            **_all(_SYNC, "createHyperParameterTuningJob", "createLabelingJob", "createProcessingJob"),
            **_all(_SYNC, "createTrainingJob", "createTransformJob"),
            **_all(_NOT, "createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint"),
        },
        "sns": {"publish": _TOKEN},
        "sqs": {"sendMessage": _TOKEN},
        "states": {"startExecution": _ANY},
    }
)
"""By service and action."""
