"""Inputs of the optimized integrations: those of the API, some members as any JSON, or members of their own.

Source: "Integrating optimized services with Step Functions" of the Step Functions developer guide, and its page on each service.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class OfApi:
    """An integration with the input of an API operation.

    Attributes:
        service: The service, as an SDK integration names it.
        operation: The operation.
        free: The members that take any JSON, wherever they stand.
    """

    service: str
    operation: str
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Own:
    """An integration that has members of its own.

    Attributes:
        required: Those that must be there.
        optional: The others.
        one_of: Members of which one must be there.
        values: The allowed values of some.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _api(service: str, *actions: str) -> dict[str, OfApi]:
    return {action: OfApi(service, action[:1].upper() + action[1:]) for action in actions}


def _calls(prefix: str, service: str, *actions: str) -> dict[str, OfApi]:
    return {f"{prefix}:{action}": call for action, call in _api(service, *actions).items()}


_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
_EKS = ("CertificateAuthority", "ClusterName", "Endpoint")

TAKEN: Mapping[str, OfApi | Own] = MappingProxyType(
    {
        "apigateway:invoke": Own(
            ("ApiEndpoint", "Method"),
            ("AllowNullValues", "AuthType", "Headers", "Path", "QueryParameters", "RequestBody", "Stage"),
            values={"Method": _METHODS, "AuthType": ("NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY")},
        ),
        **_calls(
            "athena", "athena", "startQueryExecution", "getQueryExecution", "getQueryResults", "stopQueryExecution"
        ),
        **_calls("batch", "batch", "submitJob"),
        "bedrock:invokeModel": Own(
            ("ModelId",),
            ("Accept", "Body", "ContentType", "GuardrailIdentifier", "GuardrailVersion", "Input", "Output", "Trace"),
        ),
        **_calls("bedrock", "bedrock", "createModelCustomizationJob"),
        **_calls("codebuild", "codebuild", "startBuild", "startBuildBatch", "retryBuildBatch", "stopBuild"),
        **_calls(
            "codebuild", "codebuild", "stopBuildBatch", "deleteBuildBatch", "batchDeleteBuilds", "batchGetReports"
        ),
        **_calls("databrew", "databrew", "startJobRun"),
        **_calls("dynamodb", "dynamodb", "deleteItem", "getItem", "putItem", "updateItem"),
        **_calls("ecs", "ecs", "runTask"),
        **_calls("eks", "eks", "createCluster", "deleteCluster", "createFargateProfile", "deleteFargateProfile"),
        **_calls("eks", "eks", "createNodegroup", "deleteNodegroup"),
        "eks:call": Own((*_EKS, "Method", "Path"), ("QueryParameters", "RequestBody")),
        "eks:runJob": Own((*_EKS, "Job"), ("LogOptions", "Namespace")),
        "elasticmapreduce:addStep": Own(("ClusterId", "Step"), ("ExecutionRoleArn",)),
        "elasticmapreduce:cancelStep": Own(("ClusterId", "StepId")),
        "elasticmapreduce:modifyInstanceFleetByName": Own(("ClusterId", "InstanceFleet", "InstanceFleetName")),
        "elasticmapreduce:modifyInstanceGroupByName": Own(("ClusterId", "InstanceGroup", "InstanceGroupName")),
        "elasticmapreduce:setClusterTerminationProtection": Own(("ClusterId", "TerminationProtected")),
        "elasticmapreduce:terminateCluster": Own(("ClusterId",)),
        **_calls("emr-containers", "emrcontainers", "createVirtualCluster", "deleteVirtualCluster", "startJobRun"),
        **_calls("emr-serverless", "emrserverless", "createApplication", "deleteApplication", "startApplication"),
        **_calls("emr-serverless", "emrserverless", "stopApplication", "cancelJobRun", "startJobRun"),
        "events:putEvents": OfApi("eventbridge", "PutEvents", frozenset(["Detail"])),
        **_calls("glue", "glue", "startJobRun"),
        "http:invoke": Own(
            ("ApiEndpoint", "Method"),
            ("Authentication", "Headers", "InvocationConfig", "QueryParameters", "RequestBody", "Transform"),
            one_of=("Authentication", "InvocationConfig"),
            values={"Method": _METHODS},
        ),
        "lambda:invoke": OfApi("lambda", "Invoke", frozenset(["ClientContext", "Payload"])),
        **_calls("mediaconvert", "mediaconvert", "createJob"),
        "sns:publish": OfApi("sns", "Publish", frozenset(["Message"])),
        "sqs:sendMessage": OfApi("sqs", "SendMessage", frozenset(["MessageBody"])),
        "states:startExecution": OfApi("sfn", "StartExecution", frozenset(["Input"])),
        "ItemReader:s3:getObject": OfApi("s3", "GetObject"),
        "ItemReader:s3:listObjectsV2": OfApi("s3", "ListObjectsV2"),
        "ResultWriter:s3:putObject": Own(("Bucket",), ("ExpectedBucketOwner", "Prefix")),
    }
)
"""The inputs by integration; the last three are a Map's. Others are not checked: EMR's cluster differs from its API."""
