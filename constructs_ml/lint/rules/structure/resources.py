"""The faults of a Task's resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Flag, auto
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.asl.integration import SDK, integration_of
from constructs_ml.asl.values import fields_of, is_later, shown
from constructs_ml.errors import Severity
from constructs_ml.sagemaker.model import if_newer, operations
from constructs_ml.services.catalogue import UNSUPPORTED, meant_by, services
from constructs_ml.services.model import service
from constructs_ml.spelling import is_near, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.integration import Integration


# The optimized integrations of Step Functions, and the ways in which each can wait.
#
# Source: "Integrating optimized services with Step Functions" of the Step Functions developer guide, and its page on each
# service.


class Waits(Flag):
    """The ways in which an integration can wait, besides returning at once."""

    NOT = 0
    SYNC = auto()
    """For the job to end: ``.sync``."""
    TOKEN = auto()
    """For the task's token to be sent back: ``.waitForTaskToken``."""


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
"""The integrations by service and action."""


Fault = tuple[str, str] | tuple[str, str, Severity]
"""The problem and the fix; and the severity, if it is not the rule's."""

_SAGEMAKER = "sagemaker"
_PATTERNS = {"sync": Waits.SYNC, "sync:2": Waits.SYNC, "waitForTaskToken": Waits.TOKEN}
_ARN_PARTS = 6
_PLAIN = re.compile(r"[\w-]+(:[\w-]+)+([.][\w:]+)?")


def fault_of(state: State) -> Fault | None:
    """Return the fault of a Task's resource; None if it has none, or is known only later."""
    text = state.body.get("Resource")
    if not isinstance(text, str) or not text:
        return None
    if ":states:::" not in text:
        return None if is_later(text) else _of_arn(text)
    call = integration_of(state)
    if is_later(state.resource):
        return None
    if call is None or call.service == SDK.rstrip(":"):
        return f"is {shown(text)}, which has no action", "write service:action after states:::"
    return _of_call(call) or _of_pattern(call)


def storage_faults(state: State) -> Iterator[tuple[str, Fault]]:
    """Yield the faults of the resources with which a Map reads its items and writes its results, with their fields."""
    for field, calls in _STORAGE.items():
        text = fields_of(state.body.get(field)).get("Resource")
        call = text.partition(":states:::")[2] if isinstance(text, str) else ""
        if call and call not in calls and not is_later(call):
            called = " and ".join(calls)
            yield (
                field,
                (f"is {shown(text)}, but a Map supports only {called} there", f"write arn:aws:states:::{calls[0]}"),
            )


_STORAGE = {"ItemReader": ("s3:getObject", "s3:listObjectsV2"), "ResultWriter": ("s3:putObject",)}


def _of_arn(text: str) -> Fault | None:
    parts = text.split(":")
    if parts[0] == "arn" and len(parts) >= _ARN_PARTS:
        service, kind = parts[2], parts[5]
        if (service, kind) in {("lambda", "function"), ("states", "activity"), ("states", "task")}:
            return None
        if service == "states" and (kind in OPTIMIZED or kind == SDK.rstrip(":")):
            # An integration with a region and an account, as some consoles write it.
            return None
        if (service, kind) == ("states", "stateMachine"):
            fix = "start it with arn:aws:states:::states:startExecution.sync:2"
            return f"is {shown(text)}, the ARN of a state machine", fix
        return f"is {shown(text)}, which a Task cannot call", _CAN
    fix = _CAN
    if parts[0] != "arn" and _PLAIN.fullmatch(text):
        fix = f"write arn:aws:states:::{text}"
    return f"must be an ARN, got {shown(text)}", fix


_CAN = "a Task calls an integration (arn:aws:states:::…), a Lambda function or an activity"


def _of_call(call: Integration) -> Fault | None:
    if call.service.startswith(SDK):
        return _of_sdk(call)
    known = OPTIMIZED.get(call.service)
    if known is None:
        return _of_service(call)
    if call.action in known:
        return None
    problem = f"names the action {call.action!r}, which {call.service} does not have"
    if call.service == _SAGEMAKER:
        return _unknown_in_sagemaker(call.action, problem)
    near = nearest(call.action, known)
    return (f"{problem}; did you mean {near[0]}?", "") if near else (problem, f"write {SDK}{call.name} to call its API")


def _of_service(call: Integration) -> Fault:
    problem = f"names {call.service!r}, which has no optimized integration"
    near = nearest(call.service, OPTIMIZED)
    if near and is_near(call.service, near[0]):
        return f"{problem}; did you mean {near[0]}?", ""
    # It may be newer than the table.
    return f"{problem} known here", f"write {SDK}{call.name} to call its API", Severity.WARNING


def _unknown_in_sagemaker(action: str, problem: str) -> Fault:
    if action == "invokeEndpoint":
        return problem, f"write {SDK}sagemakerruntime:invokeEndpoint"
    optimized = OPTIMIZED[_SAGEMAKER]
    if action in _sagemaker_actions():
        return problem, f"write {SDK}{_SAGEMAKER}:{action}"
    near = nearest(action, [*optimized, *_sagemaker_actions()])
    if not near:
        return problem, f"use one of {', '.join(sorted(optimized))}"
    meant = near[0] if near[0] in optimized else f"{SDK}{_SAGEMAKER}:{near[0]}"
    return f"{problem}; did you mean {meant}?", ""


def _of_sdk(call: Integration) -> Fault | None:
    service, action = call.service.removeprefix(SDK), call.action
    if not action[:1].islower():
        return (
            f"names the action {action!r}",
            f"actions begin with a lowercase letter: {action[:1].lower()}{action[1:]}",
        )
    if service != _SAGEMAKER:
        return _of_other(service, action)
    if action in _sagemaker_actions():
        return None
    if action == "invokeEndpoint":
        return f"names the action {action!r}, which {service} does not have", f"write {SDK}sagemakerruntime:{action}"
    near = nearest(action, _sagemaker_actions())
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"names the action {action!r}, which {service} does not have{meant}", ""


def _of_other(name: str, action: str) -> Fault | None:
    """Return the fault of an SDK service or action by botocore's models, which may be older than either."""
    found = service(name)
    if found is None:
        return _unknown_service(name)
    if action in UNSUPPORTED.get(name, ()):
        fix = "give the state Credentials with the RoleArn" if name == "sts" else ""
        return f"names the action {action!r}, which Step Functions does not support", fix
    if action in found.actions:
        return None
    problem = f"names the action {action!r}, which {name} does not have"
    near = nearest(action, found.actions)
    if near and near[0].lower() == action.lower():
        problem = f"names the action {action!r}, which is probably spelled {near[0]} in Step Functions"
        return problem, "", Severity.WARNING
    if near and is_near(action, near[0]):
        return f"{problem}; did you mean {near[0]}?", ""
    return problem, if_newer(), Severity.WARNING


def _unknown_service(name: str) -> Fault | None:
    if not services():
        return None
    problem = f"names {name!r}, which is not a service of the AWS SDK integrations"
    meant = meant_by(name)
    if meant:
        return f"{problem}; its name is {meant}", ""
    near = nearest(name, services())
    # The name of a service newer than the models, such as a version of another, differs from that in its end.
    if near and is_near(name, near[0]) and not name.startswith(near[0]):
        return f"{problem}; did you mean {near[0]}?", ""
    return f"{problem} known here", if_newer(), Severity.WARNING


def _sagemaker_actions() -> list[str]:
    return [name[:1].lower() + name[1:] for name in operations()]


def _of_pattern(call: Integration) -> Fault | None:
    if not call.pattern:
        return None
    if call.pattern not in _PATTERNS:
        near = nearest(call.pattern, _PATTERNS)
        meant = f"; did you mean {near[0]}?" if near else ""
        return f"ends in {'.' + call.pattern!r}, which is not a way to wait{meant}", ""
    if call.pattern == "sync:2" and call.name != "states:startExecution":
        return "ends in '.sync:2', which only states:startExecution supports", f"write {call.name}.sync"
    return _of_waiting(call, _PATTERNS[call.pattern])


def _of_waiting(call: Integration, waiting: Waits) -> Fault | None:
    problem = f"ends in {'.' + call.pattern!r}, but {call.name} does not support that"
    if call.service.startswith(SDK):
        if waiting is Waits.TOKEN:
            return None
        service = call.service.removeprefix(SDK)
        known: Mapping[str, Waits] = OPTIMIZED.get(service, {})
        if Waits.SYNC in known.get(call.action, Waits.NOT):
            return problem, f"write {service}:{call.action}.sync, its optimized integration"
        return problem, "describe the job in a loop until it has ended"
    if waiting in OPTIMIZED[call.service][call.action]:
        return None
    return problem, _instead(call, waiting)


def _instead(call: Integration, waiting: Waits) -> str:
    if call.name in {"sagemaker:createEndpoint", "sagemaker:updateEndpoint"}:
        return "remove it, and call aws-sdk:sagemaker:describeEndpoint in a loop until the endpoint is InService"
    if waiting is Waits.SYNC or Waits.SYNC not in OPTIMIZED[call.service][call.action]:
        return "remove it: the work is done when the call returns"
    return "write .sync to wait for the job"
