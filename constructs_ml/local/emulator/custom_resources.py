"""Custom resources of aws-cdk-lib itself, done as their functions would, under their functions' roles.

Their functions are written for Node with the AWS SDK, or for Lambda's own file system, which are not there on a laptop.

Source: aws-cdk-lib's own providers (``BucketDeployment``, ``autoDeleteObjects``, ``LogRetention``, ``AwsCustomResource``,
``crossRegionReferences``).
"""

from __future__ import annotations

import contextlib
import importlib
import json
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections.state_call import wrap
from constructs_ml.local.aws.clients import RoleSession
from constructs_ml.local.emulator import bucket_deployment
from constructs_ml.local.emulator.sdk_calls import call_sdk, flattened, is_sdk_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.aws.clients import Clients

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]
"""A physical id, and the attributes of a resource."""


class CustomResources:
    """Makes the custom resources that this library knows, and leaves others to their functions.

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
        """Puts itself before the emulator's own way with custom resources, which invokes their functions."""
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
        elif is_sdk_call(properties):
            self._call(properties, "Delete", physical_id)
        elif resource_type not in self._known:
            original(physical_id, properties, stack, logical_id, resource_type)

    def _make(self, resource_type: str, properties: Properties, event: str, physical_id: str) -> Made | None:
        if resource_type in self._known:
            return self._known[resource_type](properties, self._role(properties))
        if is_sdk_call(properties):
            return self._call(properties, event, physical_id)
        return None

    def _call(self, properties: Properties, event: str, physical_id: str) -> Made:
        text = properties.get(event)
        if not text:
            return physical_id, {}
        call = json.loads(str(text).replace("PHYSICAL:RESOURCEID:", physical_id))
        data = flattened(call_sdk(call, self._role(properties)))
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
