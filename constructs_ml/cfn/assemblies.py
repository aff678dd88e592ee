"""Cloud assemblies (``cdk.out``): manifests, stacks, templates, nested stacks and assets, those of stages too.

All other modules read assemblies through this one; errors name the file and the place in it.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.files import read_object
from constructs_ml.errors import UnreadableFileError
from constructs_ml.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_ml.documents.node import Node


MANIFEST = "manifest.json"
POLICY_REPORT = "iam-policy-report.json"
"""The report of ``iam.Role.customize_roles``, in the folder of the whole assembly."""
STACK, _ASSEMBLY, _ASSETS = "aws:cloudformation:stack", "cdk:cloud-assembly", "cdk:asset-manifest"
NESTED_STACK = "AWS::CloudFormation::Stack"
_UNKNOWN = {"", "unknown-account", "unknown-region"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Artifact:
    """An artifact of an assembly.

    Attributes:
        folder: The folder of its assembly.
        name: Its id in the manifest.
        node: Its entry.
        beside: All entries of the manifest, including its own.
    """

    folder: Path
    name: str
    node: Node
    beside: dict[str, Node]

    @property
    def kind(self) -> str:
        """Its type: ``aws:cloudformation:stack``."""
        return self.node["type"].text("")

    @property
    def template(self) -> Path:
        """The file of a stack's template."""
        return self.folder / self.node["properties"]["templateFile"].text()

    @property
    def dependencies(self) -> list[Artifact]:
        """The artifacts of the same assembly that it needs."""
        names = [name.text() for name in self.node["dependencies"].items()]
        return [Artifact(self.folder, name, self.beside[name], self.beside) for name in names if name in self.beside]

    @property
    def assets(self) -> list[Node]:
        """The entries of a stack's uploads in its asset manifests."""
        files = [each.node["properties"]["file"] for each in self.dependencies if each.kind == _ASSETS]
        return [asset for file in files for asset in assets_in(self.folder / file.text()).values()]

    @property
    def stack_name(self) -> str:
        """A stack's name in CloudFormation."""
        return self.node["properties"]["stackName"].text(self.name)

    @property
    def environment(self) -> tuple[str | None, str | None]:
        """A stack's account and region; None for each that the stack leaves open."""
        account, _, region = self.node["environment"].text("").removeprefix("aws://").partition("/")
        return None if account in _UNKNOWN else account, None if region in _UNKNOWN else region

    @property
    def parameters(self) -> dict[str, str]:
        """The values of the parameters of a stack's template."""
        return {name: value.text() for name, value in self.node["properties"]["parameters"].members().items()}

    def metadata(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield the data of one kind that a stack's constructs have, by their paths: from a file of its own or, of older versions, here."""
        file = self.node["additionalMetadataFile"].text("")
        every = read_object(self.folder / file) if file else self.node["metadata"]
        for path, entries in every.members().items():
            for entry in entries.items():
                if entry["type"].text("") == kind:
                    yield path.removeprefix("/"), entry["data"].value


@dataclass(frozen=True)
class FileAsset:
    """A file or folder that a template expects in a bucket.

    Attributes:
        path: Its path.
        zipped: True for a folder that is uploaded as a zip file.
        bucket: Its bucket, including placeholders.
        key: Its key.
    """

    path: Path
    zipped: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """Return the bytes to upload."""
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


def manifests_of(assembly: Path) -> Iterator[Node]:
    """Yield the manifests of an assembly and of those nested in it.

    Args:
        assembly: Its folder.

    Raises:
        UnreadableFileError: If one cannot be read, or has the wrong contents.
    """
    found = _manifest(assembly)
    yield found
    for artifact in _artifacts(assembly, found):
        if artifact.kind == _ASSEMBLY:
            yield from manifests_of(_inside(artifact))


def stacks_of(assembly: Path) -> Iterator[Artifact]:
    """Yield the stacks of an assembly and of those nested in it, in their order.

    Args:
        assembly: Its folder.

    Raises:
        UnreadableFileError: If a manifest cannot be read, or has the wrong contents.
    """
    for artifact in _artifacts(assembly, _manifest(assembly)):
        if artifact.kind == _ASSEMBLY:
            yield from stacks_of(_inside(artifact))
        elif artifact.kind == STACK:
            yield artifact


def _manifest(assembly: Path) -> Node:
    """Return the manifest of a folder; other tools, as for web pages, have files of that name too."""
    found = read_object(assembly / MANIFEST)
    if "artifacts" not in found.value:
        raise found.must_be("the manifest of a cloud assembly, with artifacts")
    return found


def _artifacts(assembly: Path, manifest: Node) -> list[Artifact]:
    entries = manifest["artifacts"].members()
    return [Artifact(assembly, name, entry, entries) for name, entry in entries.items()]


def _inside(artifact: Artifact) -> Path:
    """Return the folder of a nested assembly.

    Raises:
        UnreadableFileError: If it is not below the outer one, which would make an endless loop.
    """
    place = artifact.node["properties"]["directoryName"]
    folder = artifact.folder / place.text()
    if artifact.folder.resolve() not in folder.resolve().parents:
        raise place.must_be(f"a folder inside {artifact.folder}")
    if not folder.is_dir():
        raise UnreadableFileError(
            f"{place.file}: {place.place} names {folder}, which is not a folder; synthesize again"
        )
    return folder


_ENDS, _NESTED = ".template.json", ".nested.template.json"


def templates_of(assembly: Path) -> Iterator[Path]:
    """Yield the templates of all stacks, including those of stages and nested stacks.

    Args:
        assembly: The folder with the ``manifest.json``.

    Raises:
        UnreadableFileError: If a manifest cannot be read, or has the wrong contents.
    """
    for stack in stacks_of(assembly):
        yield from (stack.template, *nested_in(stack.template))


def nested_in(template: Path) -> list[Path]:
    """Return the templates of a stack's nested stacks, which are assets of the stack.

    Args:
        template: The stack's template.

    Raises:
        UnreadableFileError: If the manifest of its assets cannot be read, or has the wrong contents.
    """
    paths = {path for asset in assets_beside(template).values() if (path := asset_path(asset))}
    return sorted(path for path in paths if path.name.endswith(_NESTED))


def assets_beside(template: Path) -> dict[str, Node]:
    """Return the assets of a template's stack; none without an asset manifest beside the template."""
    manifest = template.with_name(template.name.removesuffix(_ENDS) + ".assets.json")
    return assets_in(manifest) if manifest.is_file() else {}


def assets_in(manifest: Path) -> dict[str, Node]:
    """Return the entries of an asset manifest, by their hashes.

    Raises:
        UnreadableFileError: If it cannot be read, or has the wrong contents.
    """
    return read_object(manifest)["files"].members()


def asset_path(asset: Node) -> Path | None:
    """Return the file or the folder of an asset; None for one that a command builds, which only the CDK CLI runs."""
    place = asset["source"]["path"]
    return None if place.value is None else asset.file.parent / place.text()


def read_template(file: Path) -> dict[str, Any]:
    """Read a template.

    Args:
        file: Its file.

    Raises:
        UnreadableFileError: If it cannot be read, or is not a template of CloudFormation.
    """
    root = read_object(file)
    entries = [*root["Resources"].members().values(), *root["Parameters"].members().values()]
    for entry in entries:
        if not isinstance(entry.value, dict):
            raise entry.must_be("an object")
    for resource in root["Resources"].members().values():
        resource["Type"].text()
        resource["Properties"].object()
        resource["Metadata"]["aws:cdk:path"].text("")
    return {name: member for name, member in root.object().items() if member is not None}


@dataclass(frozen=True)
class StackArtifact:
    """A stack of an assembly.

    Attributes:
        artifact: Its id in the manifest.
        name: Its name in CloudFormation.
        path: Its construct path.
        account: Its account; None if it is open.
        region: Its region; None if it is open.
        body: Its template.
        parameters: Values of the template's parameters.
        assets: Its file assets.
        nested: The templates of its nested stacks, by their addresses.
        depends_on: The artifacts of the stacks that it needs.
        logical_ids: The logical ids of its elements, by their constructs' paths, as far as the manifest has them.
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
    logical_ids: dict[str, str] = field(default_factory=dict)

    def resources(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield its resources and those of its nested stacks, with their constructs' paths or, failing that, logical ids."""
        for template in (self.body, *self.nested.values()):
            for logical_id, resource in (template.get("Resources") or {}).items():
                yield str((resource.get("Metadata") or {}).get("aws:cdk:path") or logical_id), resource


def read_stack(artifact: Artifact) -> StackArtifact:
    """Read a stack's template, assets and nested stacks.

    Raises:
        UnreadableFileError: If a file cannot be read, or has the wrong contents.
    """
    account, region = artifact.environment
    body = read_template(artifact.template)
    assets = [
        FileAsset(
            path,
            asset["source"]["packaging"].text("") == "zip",
            destination["bucketName"].text(),
            destination["objectKey"].text(),
        )
        for asset in artifact.assets
        if (path := asset_path(asset)) is not None
        for destination in asset["destinations"].members().values()
    ]
    return StackArtifact(
        artifact=artifact.name,
        name=artifact.stack_name,
        path=artifact.node["displayName"].text(artifact.name).partition(" ")[0],
        account=account,
        region=region,
        body=body,
        parameters=artifact.parameters,
        assets=assets,
        nested=_nested(body, assets),
        depends_on=[each.name for each in artifact.dependencies if each.kind == STACK],
        logical_ids={path: str(name) for path, name in artifact.metadata("aws:cdk:logicalId")},
    )


def _nested(
    template: dict[str, Any], assets: list[FileAsset], above: tuple[Path, ...] = ()
) -> dict[str, dict[str, Any]]:
    """Return the templates of nested stacks, at any depth, by their addresses."""
    found: dict[str, dict[str, Any]] = {}
    for resource in (template.get("Resources") or {}).values():
        if resource.get("Type") == NESTED_STACK:
            address = nested_address(resource)
            for asset in assets:
                if asset.key in address:
                    if asset.path in above:
                        raise UnreadableFileError(f"{asset.path} is a nested stack of itself; synthesize the app again")
                    nested = read_template(asset.path)
                    found |= {address: nested, **_nested(nested, assets, (*above, asset.path))}
    return found


def nested_address(resource: dict[str, Any]) -> str:
    """Return the template URL of a nested stack as its resource has it, intrinsic functions included."""
    return json.dumps((resource.get("Properties") or {}).get("TemplateURL"))
