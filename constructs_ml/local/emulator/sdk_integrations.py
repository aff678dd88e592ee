"""Step Functions' integrations with the AWS SDK, executed by boto3 under the state machine's role.

So every operation of the services that are real here can be called, and a permission that the role lacks is missed as on AWS.

Sources: the Step Functions developer guide, "Learning to use AWS service SDK integrations": names of members in pascal case,
errors as ``S3.NoSuchKeyException``, times as ISO 8601; "Quotas": a payload of 256 KiB.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.describe import as_text_times
from constructs_ml.local.emulator.integrations import TaskError
from constructs_ml.services.catalogue import UNSUPPORTED, services
from constructs_ml.services.naming import action_of, error_of, spellings
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.aws.clients import RoleSession

_RESOURCE = re.compile(r"arn:[^:]+:states:::aws-sdk:(?P<service>[\w-]+):(?P<action>\w+)(?P<token>\.waitForTaskToken)?")
# What errors of a service begin with, where that is not its name with a capital.
_PREFIXES = {
    "apigateway": "ApiGateway",
    "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatchLogs",
    "dynamodb": "DynamoDb",
    "eventbridge": "EventBridge",
    "secretsmanager": "SecretsManager",
}
_PAYLOAD = 262_144


def call(resource: str, request: dict[str, Any], role: RoleSession) -> dict[str, Any]:
    """Execute a call.

    Args:
        resource: The task's resource, as ``arn:aws:states:::aws-sdk:s3:getObject``.
        request: Its parameters.
        role: The state machine's role.

    Returns:
        The response as the state gets it.

    Raises:
        TaskError: If there is no such operation or member, or the service refuses.
    """
    from botocore.exceptions import ClientError, ParamValidationError

    found = _RESOURCE.fullmatch(resource)
    if found is None:
        raise TaskError("States.Runtime", f"{resource} is not an integration of Step Functions with the AWS SDK")
    service, action = found["service"].lower(), found["action"]
    client = role.client(services()[service].name if service in services() else service)
    operations = {action_of(name): name for name in client.meta.service_model.operation_names}
    operation = operations.get(action)
    if operation is None or action in UNSUPPORTED.get(service, ()):
        near = did_you_mean(action, [name for name in operations if name != action])
        raise TaskError("States.Runtime", f"{service} has no operation {action}{near}")
    model = client.meta.service_model.operation_model(operation)
    prefix = _PREFIXES.get(service, service.capitalize())
    try:
        parameters = _request(request, model.input_shape, "")
        response = client._make_api_call(operation, parameters)  # noqa: SLF001 - the operation by its name
    except ParamValidationError as error:
        raise TaskError(f"{prefix}.{prefix}Exception", str(error)) from error
    except ClientError as error:
        raise _refusal(error, prefix, {shape.error_code for shape in model.error_shapes}) from error
    response.pop("ResponseMetadata", None)
    read = as_text_times(_response(response, model.output_shape))
    if len(json.dumps(read).encode()) > _PAYLOAD:
        message = (
            f"the response of {service}:{action} has more than {_PAYLOAD} bytes; read a part of the object (Range)"
        )
        raise TaskError("States.DataLimitExceeded", message)
    found_response: dict[str, Any] = read
    return found_response


def _refusal(error: Any, prefix: str, modelled: set[str]) -> TaskError:  # noqa: ANN401 - botocore ships no types
    details = error.response.get("Error", {})
    code = str(details.get("Code", ""))
    name = code if code in modelled else ""
    denied = code in {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
    name = "AccessDeniedException" if denied and not name else name or f"{prefix}Exception"
    name = error_of(name)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    identifier = error.response.get("ResponseMetadata", {}).get("RequestId", "")
    message = details.get("Message", code)
    return TaskError(
        f"{prefix}.{name}", f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {identifier})"
    )


def _request(value: Any, shape: Any, path: str) -> Any:  # noqa: ANN401 - any JSON, botocore's shape
    """Return parameters with the API's own member names; Step Functions writes them in pascal case."""
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        members = {spelling.lower(): name for name in shape.members for spelling in (name, *spellings(name))}
        written = {}
        for name, item in value.items():
            member = members.get(name.lower())
            if member is None or name[:1].islower():
                near = did_you_mean(name, [spellings(known)[0] for known in shape.members])
                raise TaskError("States.Runtime", f"{path}{name} is not a member of the request{near}")
            written[member] = _request(item, shape.members[member], f"{path}{name}.")
        return written
    if shape.type_name == "list" and isinstance(value, list):
        return [_request(item, shape.member, f"{path}[{index}].") for index, item in enumerate(value)]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: _request(item, shape.value, f"{path}{name}.") for name, item in value.items()}
    if shape.type_name == "blob":
        return value.encode() if isinstance(value, str) else json.dumps(value, separators=(",", ":")).encode()
    return value


def _response(value: Any, shape: Any) -> Any:  # noqa: ANN401 - a response, botocore's shape
    """Return a response with Step Functions' member names; keys of a map are data and stay unchanged."""
    kind = shape.type_name if shape is not None else ""
    if kind == "structure" and isinstance(value, dict):
        return {spellings(name)[0]: _response(item, shape.members.get(name)) for name, item in value.items()}
    if kind == "map" and isinstance(value, dict):
        return {name: _response(item, shape.value) for name, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_response(item, shape.member) for item in value]
    if hasattr(value, "read"):
        value = value.read(_PAYLOAD + 1)
    return value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value


def needs_of(resource: str, request: dict[str, Any], arn: Callable[[str, str], str]) -> list[tuple[str, str]]:
    """Return the permissions of an optimized integration, as actions and their resources.

    Args:
        resource: The task's resource, as ``arn:aws:states:::sqs:sendMessage``.
        request: Its parameters.
        arn: Makes an ARN of a service and a resource of the run's account.
    """
    _, _, integration = resource.partition(":states:::")
    service, _, action = integration.partition(":")
    if ":lambda:" in resource and not integration:
        return [("lambda:InvokeFunction", resource)]
    needs: dict[str, Callable[[], list[tuple[str, str]]]] = {
        "dynamodb": lambda: [
            (f"dynamodb:{_operation(action)}", _named(arn, "dynamodb", "table/", request.get("TableName")))
        ],
        "events": lambda: [
            ("events:PutEvents", _named(arn, "events", "event-bus/", bus))
            for bus in sorted({str(entry.get("EventBusName") or "default") for entry in request.get("Entries") or []})
        ],
        "lambda": lambda: [("lambda:InvokeFunction", _named(arn, "lambda", "function:", request.get("FunctionName")))],
        "sns": lambda: [("sns:Publish", str(request.get("TopicArn") or request.get("TargetArn") or "*"))],
        "sqs": lambda: [("sqs:SendMessage", arn("sqs", str(request.get("QueueUrl", "")).rpartition("/")[2]))],
        "states": lambda: [("states:StartExecution", str(request.get("StateMachineArn", "")))],
    }
    return needs[service]() if service in needs else []


def _named(arn: Callable[[str, str], str], service: str, before: str, name: Any) -> str:  # noqa: ANN401 - any JSON
    return str(name) if str(name).startswith("arn:") else arn(service, f"{before}{name}")


def _operation(action: str) -> str:
    action = action.partition(".")[0]
    return f"{action[:1].upper()}{action[1:]}"
