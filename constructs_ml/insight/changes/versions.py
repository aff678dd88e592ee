"""A version of workflows: its templates, or one definition, as data or from a file or an assembly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from constructs_ml.asl.values import with_text_keys
from constructs_ml.cfn.assemblies import MANIFEST, nested_in, read_stack, stacks_of
from constructs_ml.cfn.bodies import is_body, is_template, read_body
from constructs_ml.cfn.template import STATE_MACHINE, with_definitions
from constructs_ml.errors import UnusableInputError
from constructs_ml.terminal import shortened

Json = Any


@dataclass(frozen=True)
class Version:
    """The templates of a version.

    Attributes:
        templates: The templates, by their stacks' paths; a definition by itself is a template with one state machine.
        paths: The constructs' paths of each template's resources, by logical id, as far as the assembly has them.
        is_definition: True if it is a definition by itself.
    """

    templates: Mapping[str, Mapping[str, Json]]
    paths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_definition: bool = False


def read_version(given: Version | Mapping[str, Json] | str | Path) -> Version:
    """Read a version.

    Args:
        given: A template or a definition, as data or by its file, JSON or YAML; or the folder of an assembly, ``cdk.out``.

    Raises:
        UnreadableFileError: If a file cannot be read, or is neither.
        UnusableInputError: If the data are neither.
    """
    if isinstance(given, Version):
        return given
    if isinstance(given, Mapping):
        if not is_body(given):
            names = shortened(", ".join(map(str, given)) or "nothing")
            raise UnusableInputError(
                f"must be a definition (StartAt, States) or a template (Resources), got an object with {names}"
            )
        return _of_body(with_text_keys(given), "")
    path = Path(given)
    if (path / MANIFEST).is_file():
        return _of_assembly(path)
    return _of_body(read_body(path)[1], "")


def _of_body(body: Mapping[str, Json], name: str) -> Version:
    if is_template(body):
        return Version({name: body})
    machine = {"Type": STATE_MACHINE, "Properties": {"Definition": body}}
    return Version({name: {"Resources": {"": machine}}}, is_definition=True)


def _of_assembly(folder: Path) -> Version:
    templates: dict[str, Mapping[str, Json]] = {}
    paths: dict[str, Mapping[str, str]] = {}
    for artifact in stacks_of(folder):
        stack = read_stack(artifact)
        templates[stack.path] = with_definitions(stack.body, artifact.template)
        paths[stack.path] = {name: path for path, name in stack.logical_ids.items()}
        for file in nested_in(artifact.template):
            name = f"{stack.path}/{file.name.partition('.')[0].removeprefix(artifact.template.name.partition('.')[0])}"
            templates[name] = read_body(file)[1]
    return Version(templates, paths)
