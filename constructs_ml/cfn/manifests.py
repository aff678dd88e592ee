"""The manifests of a cloud assembly: its own, and those of the assemblies in it, which are stages of the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.files import read_object
from constructs_ml.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_ml.documents.node import Node


MANIFEST = "manifest.json"
STACK, _ASSEMBLY, _ASSETS = "aws:cloudformation:stack", "cdk:cloud-assembly", "cdk:asset-manifest"


@dataclass(frozen=True)
class Artifact:
    """A thing in an assembly.

    Attributes:
        folder: The folder of its assembly.
        name: Its id in the manifest.
        node: Its entry.
        beside: The entries of the manifest, its own among them.
    """

    folder: Path
    name: str
    node: Node
    beside: dict[str, Node]

    @property
    def kind(self) -> str:
        """What it is: ``aws:cloudformation:stack``."""
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
    def asset_manifests(self) -> list[Path]:
        """The files that say what the stack's assets are."""
        return [
            each.folder / each.node["properties"]["file"].text() for each in self.dependencies if each.kind == _ASSETS
        ]


def manifests_of(assembly: Path) -> Iterator[Node]:
    """The manifests of an assembly and of those in it.

    Args:
        assembly: Its folder.

    Raises:
        UnreadableFileError: If one cannot be read, or is not what it should be.
    """
    found = _manifest(assembly)
    yield found
    for artifact in _artifacts(assembly, found):
        if artifact.kind == _ASSEMBLY:
            yield from manifests_of(_inside(artifact))


def stacks_of(assembly: Path) -> Iterator[Artifact]:
    """The stacks of an assembly and of those in it, in their order.

    Args:
        assembly: Its folder.

    Raises:
        UnreadableFileError: If a manifest cannot be read, or is not what it should be.
    """
    for artifact in _artifacts(assembly, _manifest(assembly)):
        if artifact.kind == _ASSEMBLY:
            yield from stacks_of(_inside(artifact))
        elif artifact.kind == STACK:
            yield artifact


def _manifest(assembly: Path) -> Node:
    """The manifest of a folder; others, as of web pages, have files of that name too."""
    found = read_object(assembly / MANIFEST)
    if "artifacts" not in found.value:
        raise found.must_be("the manifest of a cloud assembly, with artifacts")
    return found


def _artifacts(assembly: Path, manifest: Node) -> list[Artifact]:
    entries = manifest["artifacts"].members()
    return [Artifact(assembly, name, entry, entries) for name, entry in entries.items()]


def _inside(artifact: Artifact) -> Path:
    """The folder of an assembly in another one.

    Raises:
        UnreadableFileError: If it is not below it, so that it would be read again and again.
    """
    place = artifact.node["properties"]["directoryName"]
    folder = artifact.folder / place.text()
    if artifact.folder.resolve() not in folder.resolve().parents:
        raise place.must_be(f"a folder inside {artifact.folder}")
    if not folder.is_dir():
        raise UnreadableFileError(f"{place.file}: {place.place} names {folder}, which is no folder; synthesize again")
    return folder


_ENDS = ".template.json"


def templates_of(assembly: Path) -> Iterator[Path]:
    """The templates of all stacks, those of stages and nested stacks too.

    Args:
        assembly: The folder with the ``manifest.json``.

    Raises:
        UnreadableFileError: If a manifest cannot be read, or is not what it should be.
    """
    for stack in stacks_of(assembly):
        yield from (stack.template, *nested_in(stack.template))


def nested_in(template: Path) -> list[Path]:
    """The templates of a stack's nested stacks, which are assets of the stack.

    Args:
        template: The stack's template.

    Raises:
        UnreadableFileError: If the manifest of its assets cannot be read, or is not what it should be.
    """
    manifest = template.with_name(template.name.removesuffix(_ENDS) + ".assets.json")
    assets = read_object(manifest)["files"].members().values() if manifest.is_file() else ()
    names = {asset["source"]["path"].text("") for asset in assets}
    return [template.parent / name for name in sorted(names) if name.endswith(f".nested{_ENDS}")]


def read_template(file: Path) -> dict[str, Any]:
    """A template.

    Args:
        file: Its file.

    Raises:
        UnreadableFileError: If it cannot be read, or is not what CloudFormation takes.
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
