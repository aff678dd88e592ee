"""Custom resources of aws-cdk-lib itself, executed as their functions would, under their functions' roles.

Their functions are written for Node with the AWS SDK, or for Lambda's own file system, which are not there on a laptop.

Source: aws-cdk-lib's own providers (``BucketDeployment``, ``autoDeleteObjects``, ``LogRetention``, ``AwsCustomResource``,
``crossRegionReferences``).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import re
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections.state_call import wrap
from constructs_ml.local.aws.clients import RoleSession
from constructs_ml.local.aws.describe import as_text_times
from constructs_ml.local.emulator import bucket_deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.aws.clients import Clients

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]
"""A physical id, and the attributes of a resource."""
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


class CustomResources:
    """Handlers of the custom resources that this library knows; others are left to their functions.

    Args:
        clients: Calls as the run itself.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._known: dict[str, Callable[[Properties, RoleSession], Made]] = {
            "Custom::CDKBucketDeployment": bucket_deployment.deploy,
            "Custom::CrossRegionExportReader": _read_exports,
            "Custom::CrossRegionExportWriter": _write_exports,
            "Custom::ECRAutoDeleteImages": _nothing("RepositoryName"),
            "Custom::LogRetention": _retain_logs,
            "Custom::S3AutoDeleteObjects": _nothing("BucketName"),
            "Custom::VpcRestrictDefaultSG": _nothing("DefaultSecurityGroupId"),
        }

    def install(self) -> None:
        """Replace the emulator's own handling of custom resources, which invokes their functions."""
        provisioners: Any = importlib.import_module("ministack.services.cloudformation.provisioners")
        wrap(provisioners, "_custom_resource_create", self._create)
        wrap(provisioners, "_custom_resource_update", self._update)
        wrap(provisioners, "_custom_resource_delete", self._delete)

    def _create(
        self,
        original: Callable[..., Made],
        logical_id: str,
        properties: Properties,
        stack: str,
        resource_type: str = "AWS::CloudFormation::CustomResource",
    ) -> Made:
        made = self._make(resource_type, properties, "Create", logical_id)
        return made or original(logical_id, properties, stack, resource_type)

    def _update(  # noqa: PLR0917 - as the emulator calls it
        self,
        original: Callable[..., Made],
        physical_id: str,
        old: Properties,
        new: Properties,
        stack: str,
        logical_id: str | None = None,
        resource_type: str = "AWS::CloudFormation::CustomResource",
    ) -> Made:
        made = self._make(resource_type, new, "Update", physical_id)
        return made or original(physical_id, old, new, stack, logical_id, resource_type)

    def _delete(  # noqa: PLR0917 - as the emulator calls it
        self,
        original: Callable[..., None],
        physical_id: str,
        properties: Properties,
        stack: str | None = None,
        logical_id: str | None = None,
        resource_type: str = "AWS::CloudFormation::CustomResource",
    ) -> None:
        if resource_type == "Custom::S3AutoDeleteObjects":
            _empty(properties["BucketName"], self._role(properties))
        elif _is_sdk_call(properties):
            self._call(properties, "Delete", physical_id)
        elif resource_type not in self._known:
            original(physical_id, properties, stack, logical_id, resource_type)

    def _make(self, resource_type: str, properties: Properties, event: str, physical_id: str) -> Made | None:
        if resource_type in self._known:
            return self._known[resource_type](properties, self._role(properties))
        if _is_sdk_call(properties):
            return self._call(properties, event, physical_id)
        return None

    def _call(self, properties: Properties, event: str, physical_id: str) -> Made:
        text = properties.get(event)
        if not text:
            return physical_id, {}
        call = json.loads(str(text).replace("PHYSICAL:RESOURCEID:", physical_id))
        data = _flattened(_call_sdk(call, self._role(properties)))
        wanted = call.get("physicalResourceId") or {}
        own = wanted.get("id") or data.get(str(wanted.get("responsePath"))) or physical_id
        paths = call.get("outputPaths")
        kept = {name: value for name, value in data.items() if not paths or name.startswith(tuple(paths))}
        return str(own), kept

    def _role(self, properties: Properties) -> RoleSession:
        function = self._clients.shared("lambda").get_function_configuration(FunctionName=properties["ServiceToken"])
        return RoleSession(self._clients, function["Role"], function["FunctionName"])


def _nothing(member: str) -> Callable[[Properties, RoleSession], Made]:
    def make(properties: Properties, _role: RoleSession) -> Made:
        return str(properties.get(member) or member), {}

    return make


def _retain_logs(properties: Properties, role: RoleSession) -> Made:
    name, region = properties["LogGroupName"], properties.get("LogGroupRegion")
    logs = role.client("logs", region)
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=name)
    if properties.get("RetentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(properties["RetentionInDays"]))
    return name, {"LogGroupName": name}


def _write_exports(properties: Properties, role: RoleSession) -> Made:
    writer = properties["WriterProps"]
    parameters = role.client("ssm", writer["region"])
    for name, value in writer["exports"].items():
        parameters.put_parameter(Name=name, Value=str(value), Type="String", Overwrite=True)
    return "cross-region-exports", {}


def _read_exports(properties: Properties, _role: RoleSession) -> Made:
    return "cross-region-imports", dict(properties["ReaderProps"]["imports"])


def _empty(bucket: str, role: RoleSession) -> None:
    s3 = role.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in found]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})


def _is_sdk_call(properties: dict[str, Any]) -> bool:
    """Return whether a custom resource's properties describe calls of an SDK."""
    texts = [properties[event] for event in _EVENTS if isinstance(properties.get(event), str)]
    return bool(texts) and all('"service"' in text and '"action"' in text for text in texts)


def _call_sdk(call: dict[str, Any], role: RoleSession) -> dict[str, Any]:
    """Execute a call of an AWS SDK that a template describes (``AwsCustomResource``).

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


def _flattened(value: Any, path: str = "") -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a response as attributes: ``Buckets.0.Name``."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = {str(index): item for index, item in enumerate(value)}.items()
    else:
        return {path: value}
    return {
        name: found for key, item in items for name, found in _flattened(item, f"{path}.{key}" if path else key).items()
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
