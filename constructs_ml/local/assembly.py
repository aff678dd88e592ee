"""Reads a cloud assembly (``cdk.out``): its stacks, their templates and their file assets."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNKNOWN = {"unknown-account", "unknown-region"}
_NESTED = "AWS::CloudFormation::Stack"
_STATE_MACHINE = "AWS::StepFunctions::StateMachine"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class FileAsset:
    """A file or folder that a template expects in a bucket.

    Attributes:
        path: Where it is.
        zipped: Whether it is a folder to put into a zip file.
        bucket: Its bucket, placeholders and all.
        key: Its key.
    """

    path: Path
    zipped: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """What to upload."""
        if not self.zipped:
            return self.path.read_bytes()
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in files_below(self.path).items():
                entry = zipfile.ZipInfo(name.as_posix(), _EPOCH)
                entry.external_attr = (file.stat().st_mode & 0o777) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
        return buffer.getvalue()


@dataclass(frozen=True)
class StackArtifact:
    """A stack of an assembly.

    Attributes:
        artifact: Its id in the manifest.
        name: Its name in CloudFormation.
        path: Its construct path.
        account: Its account, None if it does not say.
        region: Its region, None if it does not say.
        template: Its template.
        parameters: Values of the template's parameters.
        assets: Its file assets.
        nested: The templates of its nested stacks, by their addresses.
        depends_on: The artifacts of the stacks that it needs.
    """

    artifact: str
    name: str
    path: str
    account: str | None
    region: str | None
    template: str
    parameters: dict[str, str]
    assets: list[FileAsset]
    nested: dict[str, dict[str, Any]]
    depends_on: list[str]

    @property
    def body(self) -> dict[str, Any]:
        """Its template, parsed."""
        found: dict[str, Any] = json.loads(self.template)
        return found

    def resources(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Its resources and those of its nested stacks, with their constructs' paths or, failing that, logical ids."""
        for template in (self.body, *self.nested.values()):
            for logical_id, resource in (template.get("Resources") or {}).items():
                yield str((resource.get("Metadata") or {}).get("aws:cdk:path") or logical_id), resource


def read(assembly: Path) -> list[StackArtifact]:
    """The stacks of an assembly, those of its stages too.

    Raises:
        LocalRunError: If the directory holds no assembly.
    """
    manifest = assembly / "manifest.json"
    if not manifest.is_file():
        message = f"{assembly} is no cloud assembly: it has no manifest.json; synthesize the app first"
        raise LocalRunError(message)
    artifacts: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8")).get("artifacts", {})
    stacks: list[StackArtifact] = []
    for artifact, entry in artifacts.items():
        if entry["type"] == "cdk:cloud-assembly":
            stacks += read(assembly / entry["properties"]["directoryName"])
        elif entry["type"] == "aws:cloudformation:stack":
            stacks.append(_stack(assembly, artifact, entry, artifacts))
    return stacks


def choose(stacks: list[StackArtifact], name: str | None) -> StackArtifact:
    """The stack that is meant.

    Args:
        stacks: All stacks of the assembly.
        name: A stack's name, construct path or artifact id; None if there is one stack only, or one with a workflow.

    Raises:
        LocalRunError: If none or several are meant.
    """
    meant = [stack for stack in stacks if name in (None, stack.name, stack.path, stack.artifact)]
    if name is None and len(meant) > 1:
        # A workflow is what is run: the stack that has one is meant.
        meant = [stack for stack in meant if any(found["Type"] == _STATE_MACHINE for _, found in stack.resources())]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(stack.path for stack in meant or stacks) or "none"
    message = f"no stack {name}; there are: {known}" if name else f"name one stack (--stack); there are: {known}"
    raise LocalRunError(message)


def in_order(stacks: list[StackArtifact], wanted: StackArtifact) -> list[StackArtifact]:
    """The stacks to deploy for one: those that it depends on first."""
    by_artifact = {stack.artifact: stack for stack in stacks}
    order: list[StackArtifact] = []

    def visit(stack: StackArtifact) -> None:
        if stack in order:
            return
        for dependency in stack.depends_on:
            if dependency in by_artifact:
                visit(by_artifact[dependency])
        order.append(stack)

    visit(wanted)
    return order


def _stack(assembly: Path, artifact: str, entry: dict[str, Any], artifacts: dict[str, Any]) -> StackArtifact:
    properties = entry.get("properties", {})
    account, _, region = entry.get("environment", "").removeprefix("aws://").partition("/")
    dependencies = entry.get("dependencies", [])
    manifests = [
        artifacts[name] for name in dependencies if artifacts.get(name, {}).get("type") == "cdk:asset-manifest"
    ]
    template = (assembly / properties["templateFile"]).read_text(encoding="utf-8")
    assets = [asset for found in manifests for asset in _assets(assembly, found["properties"]["file"])]
    return StackArtifact(
        artifact=artifact,
        name=properties.get("stackName", artifact),
        path=entry.get("displayName", artifact).partition(" ")[0],
        account=None if account in _UNKNOWN else account or None,
        region=None if region in _UNKNOWN else region or None,
        template=template,
        parameters=dict(properties.get("parameters", {})),
        assets=assets,
        nested=_nested(json.loads(template), assets),
        depends_on=[name for name in dependencies if artifacts.get(name, {}).get("type") == entry["type"]],
    )


def _nested(template: dict[str, Any], assets: list[FileAsset]) -> dict[str, dict[str, Any]]:
    """The templates of nested stacks, at any depth, by what names them: the address of each."""
    found: dict[str, dict[str, Any]] = {}
    for resource in (template.get("Resources") or {}).values():
        if resource.get("Type") == _NESTED:
            address = nested_address(resource)
            for asset in assets:
                if asset.key in address:
                    nested = json.loads(asset.path.read_text(encoding="utf-8"))
                    found |= {address: nested, **_nested(nested, assets)}
    return found


def nested_address(resource: dict[str, Any]) -> str:
    """Where the template of a nested stack is, as its resource says it: intrinsic functions and all."""
    return json.dumps((resource.get("Properties") or {}).get("TemplateURL"))


def _assets(assembly: Path, manifest: str) -> list[FileAsset]:
    content = json.loads((assembly / manifest).read_text(encoding="utf-8"))
    return [
        FileAsset(
            path=assembly / asset["source"]["path"],
            zipped=asset["source"].get("packaging") == "zip",
            bucket=destination["bucketName"],
            key=destination["objectKey"],
        )
        for asset in content.get("files", {}).values()
        if "path" in asset["source"]  # others are made by a command, which only the CDK CLI runs
        for destination in asset["destinations"].values()
    ]
