"""Definitions that a template has in files: assets beside it in an assembly, or files of a SAM project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.assemblies import asset_path, assets_in
from constructs_ml.cfn.template import PLACES, STATE_MACHINES, parse_json
from constructs_ml.cfn.yaml_text import read_yaml
from constructs_ml.documents.files import read_text
from constructs_ml.documents.json_text import InvalidTextError
from constructs_ml.errors import MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Json = Any


def with_definitions(template: Mapping[str, Json], path: Path) -> Mapping[str, Json]:
    """A template with the definitions in it that it has in files; those in other places stay where they are.

    Args:
        template: The template, as JSON data.
        path: Its file.

    Raises:
        UnreadableFileError: If a file cannot be read.
    """
    resources = fields_of(template.get("Resources"))
    read = {
        name: {**resource, "Properties": {**properties, "DefinitionString": definition}}
        for name, resource in resources.items()
        if fields_of(resource).get("Type") in STATE_MACHINES
        for properties in [fields_of(resource.get("Properties"))]
        for definition in [_definition(properties, path)]
        if definition is not None
    }
    return {**template, "Resources": {**resources, **read}} if read else template


def without_definitions(template: Mapping[str, Json]) -> Mapping[str, Json]:
    """The template that is deployed, without the definitions that were read from files."""
    resources = {
        name: _deployed(resource) if fields_of(resource).get("Type") in STATE_MACHINES else resource
        for name, resource in fields_of(template.get("Resources")).items()
    }
    return {**template, "Resources": resources}


def definitions_of(template: Mapping[str, Json]) -> list[Json]:
    """The definitions of a template as they are written, before anything is put into them.

    Args:
        template: The template, with the definitions that it has in files.
    """
    found = []
    for resource in fields_of(template.get("Resources")).values():
        if fields_of(resource).get("Type") in STATE_MACHINES:
            properties = fields_of(fields_of(resource).get("Properties"))
            body = properties.get("DefinitionString", properties.get("Definition"))
            if isinstance(body, str):
                try:
                    body = parse_json(body) if body.lstrip().startswith("{") else read_yaml(body)
                except (InvalidTextError, MissingRequirementError):  # told by a rule, or not known
                    continue
            found.append(body)
    return found


def _deployed(resource: Mapping[str, Json]) -> Mapping[str, Json]:
    properties = fields_of(resource.get("Properties"))
    if not any(place in properties for place in PLACES):
        return resource
    return {**resource, "Properties": {key: value for key, value in properties.items() if key != "DefinitionString"}}


def _definition(properties: Mapping[str, Json], template: Path) -> Json:
    if "DefinitionString" in properties or "Definition" in properties:
        return None
    place = next((properties[name] for name in PLACES if name in properties), None)
    file = template.parent / place if isinstance(place, str) else _asset(fields_of(place).get("Key"), template.parent)
    # What is no definition is told as such by a rule.
    return read_text(file, lenient=True) if file is not None and _is_file(file) else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a text can be longer than a name
        return False


def _asset(key: Json, folder: Path) -> Path | None:
    """The file that is uploaded under a key, as the manifests of the folder's stacks have it."""
    for manifest in sorted(folder.glob("*.assets.json")):
        for asset in assets_in(manifest).values():
            if key in [destination["objectKey"].text("") for destination in asset["destinations"].members().values()]:
                return asset_path(asset)
    return None
