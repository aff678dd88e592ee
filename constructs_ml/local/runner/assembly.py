"""Reads a cloud assembly (``cdk.out``): its stacks, their templates and their file assets."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.manifests import MANIFEST, STACK, read_template, stacks_of
from constructs_ml.documents.files import read_object
from constructs_ml.errors import RunInputError
from constructs_ml.folders import files_below
from constructs_ml.local.runner.given import as_run_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_ml.cfn.manifests import Artifact

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
        """The bytes to upload."""
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
        body: Its template.
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
    body: dict[str, Any]
    parameters: dict[str, str]
    assets: list[FileAsset]
    nested: dict[str, dict[str, Any]]
    depends_on: list[str]

    def resources(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Its resources and those of its nested stacks, with their constructs' paths or, failing that, logical ids."""
        for template in (self.body, *self.nested.values()):
            for logical_id, resource in (template.get("Resources") or {}).items():
                yield str((resource.get("Metadata") or {}).get("aws:cdk:path") or logical_id), resource


@as_run_errors()
def read(assembly: Path) -> list[StackArtifact]:
    """The stacks of an assembly, those of its stages too.

    Raises:
        RunInputError: If the directory holds no assembly, or one that cannot be read.
    """
    if not (assembly / MANIFEST).is_file():
        message = f"{assembly} is no cloud assembly: it has no {MANIFEST}; synthesize the app first"
        raise RunInputError(message)
    return [_stack(artifact) for artifact in stacks_of(assembly)]


def choose(stacks: list[StackArtifact], name: str | None) -> StackArtifact:
    """The stack that is meant.

    Args:
        stacks: All stacks of the assembly.
        name: A stack's name, construct path or artifact id; None if there is one stack only, or one with a workflow.

    Raises:
        RunInputError: If none or several are meant.
    """
    meant = [stack for stack in stacks if name in (None, stack.name, stack.path, stack.artifact)]
    if name is None and len(meant) > 1:
        # A workflow is what is run: the stack that has one is meant.
        meant = [stack for stack in meant if any(found["Type"] == _STATE_MACHINE for _, found in stack.resources())]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(stack.path for stack in meant or stacks) or "none"
    message = f"no stack {name}; there are: {known}" if name else f"name one stack (--stack); there are: {known}"
    raise RunInputError(message)


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


def _stack(artifact: Artifact) -> StackArtifact:
    properties = artifact.node["properties"]
    account, _, region = artifact.node["environment"].text("").removeprefix("aws://").partition("/")
    body = read_template(artifact.template)
    assets = [asset for manifest in artifact.asset_manifests for asset in _assets(manifest)]
    return StackArtifact(
        artifact=artifact.name,
        name=properties["stackName"].text(artifact.name),
        path=artifact.node["displayName"].text(artifact.name).partition(" ")[0],
        account=None if account in _UNKNOWN else account or None,
        region=None if region in _UNKNOWN else region or None,
        body=body,
        parameters={name: value.text() for name, value in properties["parameters"].members().items()},
        assets=assets,
        nested=_nested(body, assets),
        depends_on=[each.name for each in artifact.dependencies if each.kind == STACK],
    )


def _nested(
    template: dict[str, Any], assets: list[FileAsset], above: tuple[Path, ...] = ()
) -> dict[str, dict[str, Any]]:
    """The templates of nested stacks, at any depth, by what names them: the address of each."""
    found: dict[str, dict[str, Any]] = {}
    for resource in (template.get("Resources") or {}).values():
        if resource.get("Type") == _NESTED:
            address = nested_address(resource)
            for asset in assets:
                if asset.key in address:
                    if asset.path in above:
                        raise RunInputError(f"{asset.path} is a nested stack of itself; synthesize the app again")
                    nested = read_template(asset.path)
                    found |= {address: nested, **_nested(nested, assets, (*above, asset.path))}
    return found


def nested_address(resource: dict[str, Any]) -> str:
    """The address of a nested stack's template, as its resource has it: intrinsic functions and all."""
    return json.dumps((resource.get("Properties") or {}).get("TemplateURL"))


def _assets(manifest: Path) -> list[FileAsset]:
    return [
        FileAsset(
            path=manifest.parent / source["path"].text(),
            zipped=source["packaging"].text("") == "zip",
            bucket=destination["bucketName"].text(),
            key=destination["objectKey"].text(),
        )
        for asset in read_object(manifest)["files"].members().values()
        for source in [asset["source"]]
        if source["path"].value is not None  # others are made by a command, which only the CDK CLI runs
        for destination in asset["destinations"].members().values()
    ]
