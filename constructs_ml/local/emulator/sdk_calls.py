"""Calls of an AWS SDK that a template describes: ``AwsCustomResource`` of aws-cdk-lib."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.describe import as_text_times

if TYPE_CHECKING:
    from constructs_ml.local.aws.clients import RoleSession

_EVENTS = ("Create", "Update", "Delete")
_LITERALS = {"TRUE:BOOLEAN": True, "FALSE:BOOLEAN": False}
# The names of the JavaScript SDK that are not boto3's in lower case.
_SERVICES = {
    "cloudwatchlogs": "logs",
    "cloudwatch-logs": "logs",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "secrets-manager": "secretsmanager",
}


def is_sdk_call(properties: dict[str, Any]) -> bool:
    """Return whether a custom resource's properties describe calls of an SDK."""
    texts = [properties[event] for event in _EVENTS if isinstance(properties.get(event), str)]
    return bool(texts) and all('"service"' in text and '"action"' in text for text in texts)


def call_sdk(call: dict[str, Any], role: RoleSession) -> dict[str, Any]:
    """Makes a call.

    Args:
        call: ``service``, ``action``, ``parameters`` and the like, as the custom resource has them.
        role: The provider's role.

    Returns:
        The response; of an error that is to be ignored, an empty object.
    """
    from botocore.exceptions import ClientError

    name = str(call["service"]).removeprefix("@aws-sdk/").removeprefix("client-").lower()
    client = role.client(_SERVICES.get(name, name), call.get("region"))
    wanted = str(call["action"]).removesuffix("Command").lower()
    operation = next(found for found in client.meta.service_model.operation_names if found.lower() == wanted)
    try:
        response = client._make_api_call(operation, _decoded(call.get("parameters") or {}))  # noqa: SLF001 - by its name
    except ClientError as error:
        ignored = call.get("ignoreErrorCodesMatching")
        if ignored and re.search(ignored, error.response["Error"]["Code"]):
            return {}
        raise
    response.pop("ResponseMetadata", None)
    found: dict[str, Any] = json.loads(json.dumps(as_text_times(_read(response)), default=str))
    return found


def flattened(value: Any, path: str = "") -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A response as attributes: ``Buckets.0.Name``."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = {str(index): item for index, item in enumerate(value)}.items()
    else:
        return {path: value}
    return {
        name: found for key, item in items for name, found in flattened(item, f"{path}.{key}" if path else key).items()
    }


def _decoded(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    return _LITERALS.get(value, value) if isinstance(value, str) else value


def _read(value: Any) -> Any:  # noqa: ANN401 - a response
    if isinstance(value, dict):
        return {key: _read(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_read(item) for item in value]
    if hasattr(value, "read"):
        value = value.read()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
