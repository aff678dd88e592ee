"""Finds the state machines of a template, with their definitions and their roles' permissions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import Machine
from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.assemblies import asset_path, assets_in
from constructs_ml.cfn.granted import Grants
from constructs_ml.cfn.intrinsics import Resolver
from constructs_ml.cfn.yaml_text import has_yaml, read_yaml
from constructs_ml.documents import json_text
from constructs_ml.documents.files import is_file, read_text
from constructs_ml.documents.json_text import InvalidTextError, like, written
from constructs_ml.errors import MissingRequirementError

if TYPE_CHECKING:
    from pathlib import Path


Json = Any
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_BARE = re.compile(r"(?<=[:,\[])(\s*)(\$\{[^}]*\})(?=\s*[,\]}])")


def parse_json(text: str) -> Json:
    """Parse JSON whose numbers and objects may be substituted later: ``"Seconds": ${Seconds}``.

    Raises:
        InvalidTextError: If it is not JSON even then.
    """
    try:
        return json_text.parse_json(text, written)
    except InvalidTextError as error:
        try:
            return json_text.parse_json(_BARE.sub(r'\1"\2"', text), written)
        except InvalidTextError:
            # The first error has the line in the original text.
            raise error from None


def parse_body(text: str) -> Json:
    """Parse JSON, or YAML if it does not begin as a JSON object.

    Args:
        text: The text.

    Raises:
        InvalidTextError: If it is neither.
        MissingRequirementError: If it is YAML and PyYAML is not installed.
    """
    return parse_json(text) if text.lstrip().startswith("{") else read_yaml(text)


def with_values(text: str, values: Mapping[str, Json], *, is_file: bool) -> tuple[Json, str]:
    """Return a definition as data, or the reason that it cannot be read.

    Args:
        text: JSON; from a file it may be YAML.
        values: The values of ``DefinitionSubstitutions``.
        is_file: True if it was read from a file.
    """
    text = _VARIABLE.sub(lambda found: _written(values.get(found[1], found[0])), text)
    is_yaml = is_file and not text.lstrip().startswith("{")
    if is_yaml and not has_yaml():
        return None, ""
    try:
        return (read_yaml if is_yaml else parse_json)(text), ""
    except InvalidTextError as error:
        return None, str(error)


def substituted(value: Json, values: Mapping[str, Json]) -> Json:
    """Return a definition that is data already, with its substitutions applied."""
    if isinstance(value, dict):
        return like(value, {substituted(key, values): substituted(item, values) for key, item in value.items()})
    if isinstance(value, list):
        return [substituted(item, values) for item in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _written(values.get(found[1], found[0])), value)
    return value


def _written(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


STATE_MACHINE = "AWS::StepFunctions::StateMachine"
SAM_STATE_MACHINE = "AWS::Serverless::StateMachine"
STATE_MACHINES = (STATE_MACHINE, SAM_STATE_MACHINE)
PLACES = ("DefinitionS3Location", "DefinitionUri")
"""The properties of a state machine, and of SAM's, that name the file with its definition."""
_TOKEN = re.compile(r"\s*\$\{Token\[[^\]]*\]\}\s*")


def machines_of(template: Mapping[str, Any], *, written: int = 0) -> Iterator[Machine]:
    """Yield the state machines of a template whose definitions are in it.

    Args:
        template: The template, as JSON data.
        written: The bytes of its file, if it was read from one.
    """
    siblings: dict[str, Machine] = {}
    for machine in _machines(template, written, siblings):
        siblings[machine.name] = machine
    yield from siblings.values()


def _machines(template: Mapping[str, Any], written: int, siblings: Mapping[str, Machine]) -> Iterator[Machine]:
    resolver = Resolver(template)
    grants = Grants(resolver)
    for name, resource in fields_of(template.get("Resources")).items():
        if fields_of(resource).get("Type") not in STATE_MACHINES:
            continue
        properties = fields_of(resource.get("Properties"))
        body, unreadable = _definition(properties, resolver)
        if body is None and not unreadable:
            continue
        kind = resolver.resolve(properties.get("StateMachineType", properties.get("Type", _kind_of_all(template))))
        role = properties.get("RoleArn", properties.get("Role"))
        if role is None and "Policies" in properties and fields_of(resource).get("Type") == SAM_STATE_MACHINE:
            granted = grants.of_sam(str(name), properties["Policies"])
        else:
            granted = grants.of(role)
        yield Machine(body or {}, str(name), kind == "EXPRESS", granted, unreadable, template, written, siblings)


def _kind_of_all(template: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the default type of SAM's state machines."""
    return fields_of(fields_of(template.get("Globals")).get("StateMachine")).get("Type")


def _definition(properties: Mapping[str, Any], resolver: Resolver) -> tuple[Mapping[str, Any] | None, str]:
    """Return a definition, or the reason that it cannot be read; neither if it is known later or in a file elsewhere."""
    given = properties.get("DefinitionString", properties.get("Definition"))
    values = fields_of(resolver.resolve(properties.get("DefinitionSubstitutions")))
    is_file = any(place in properties for place in PLACES)
    # The contents of a file are deployed unchanged.
    body = given if is_file else resolver.resolve(given)
    if isinstance(body, str):
        if _TOKEN.fullmatch(body):
            return None, ""
        body, unreadable = with_values(body, values, is_file=is_file)
        if unreadable:
            return None, unreadable
    else:
        body = substituted(body, values)
    if body is None:
        return None, ""
    return (body, "") if isinstance(body, Mapping) else (None, f"must be an object, got {type(body).__name__}")


def logical_id(value: Any) -> str | None:  # noqa: ANN401 - JSON
    """Return the resource that a value refers to."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return str(argument)
        if function == "Fn::GetAtt":
            names = argument if isinstance(argument, list) else str(argument).split(".")
            return str(names[0]) if names else None
    return None


def with_definitions(template: Mapping[str, Json], path: Path) -> Mapping[str, Json]:
    """Return a template with its definition files read into it; those in other places stay references.

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
        for definition in [_read_definition(properties, path)]
        if definition is not None
    }
    return {**template, "Resources": {**resources, **read}} if read else template


def without_definitions(template: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the template that is deployed, without the definitions that were read from files."""
    resources = {
        name: _deployed(resource) if fields_of(resource).get("Type") in STATE_MACHINES else resource
        for name, resource in fields_of(template.get("Resources")).items()
    }
    return {**template, "Resources": resources}


def definitions_of(template: Mapping[str, Json]) -> list[Json]:
    """Return the definitions of a template as they are written, before substitutions.

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
                    body = parse_body(body)
                except (InvalidTextError, MissingRequirementError):  # a rule reports it, or it is unknown
                    continue
            found.append(body)
    return found


def _deployed(resource: Mapping[str, Json]) -> Mapping[str, Json]:
    properties = fields_of(resource.get("Properties"))
    if not any(place in properties for place in PLACES):
        return resource
    return {**resource, "Properties": {key: value for key, value in properties.items() if key != "DefinitionString"}}


def _read_definition(properties: Mapping[str, Json], template: Path) -> Json:
    if "DefinitionString" in properties or "Definition" in properties:
        return None
    place = next((properties[name] for name in PLACES if name in properties), None)
    file = template.parent / place if isinstance(place, str) else _asset(fields_of(place).get("Key"), template.parent)
    # A rule reports a file that is no definition.
    return read_text(file, lenient=True) if file is not None and is_file(file) else None


def _asset(key: Json, folder: Path) -> Path | None:
    """Return the file that is uploaded under a key, by the asset manifests of the folder."""
    for manifest in sorted(folder.glob("*.assets.json")):
        for asset in assets_in(manifest).values():
            if key in [destination["objectKey"].text("") for destination in asset["destinations"].members().values()]:
                return asset_path(asset)
    return None
