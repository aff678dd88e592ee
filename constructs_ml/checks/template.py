"""Finds the state machines of a template, their definitions and what their roles are allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_ml.checks.intrinsics import Resolver
from constructs_ml.checks.machine import Granted, Machine

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
SAM_STATE_MACHINE = "AWS::Serverless::StateMachine"
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_BARE = re.compile(r"(?<=[:,\[])(\s*)(\$\{Token\[[^\]]*\]\})(?=\s*[,\]}])")


def machines_of(template: Mapping[str, Any]) -> Iterator[Machine]:
    """The state machines of a template whose definitions are in it.

    Args:
        template: The template, as JSON data.
    """
    resolver = Resolver(template)
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        if kind not in {STATE_MACHINE, SAM_STATE_MACHINE}:
            continue
        properties = resource.get("Properties", {})
        given = properties.get("DefinitionString", properties.get("Definition"))
        if given is None:
            # It is in a file: DefinitionS3Location, DefinitionUri.
            continue
        body, unreadable = _definition(given, properties, resolver)
        express = properties.get("StateMachineType", properties.get("Type")) == "EXPRESS"
        granted = _granted(template, properties, resolver)
        yield Machine(body, name, express=express, granted=granted, unreadable=unreadable, template=template)


def _definition(given: Any, properties: Mapping[str, Any], resolver: Resolver) -> tuple[Mapping[str, Any], str]:  # noqa: ANN401
    """A definition as JSON data, or why it cannot be read."""
    body = resolver.resolve(given)
    if isinstance(body, str):
        try:
            body = json.loads(_BARE.sub(r'\1"\2"', body))
        except json.JSONDecodeError as error:
            return {}, f"is not JSON: {error}"
    if not isinstance(body, Mapping):
        return {}, f"must be an object, got {type(body).__name__}"
    values = resolver.resolve(properties.get("DefinitionSubstitutions", {}))
    return (dict(_substituted(body, values)) if values else body), ""


def _substituted(value: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return {_substituted(key, values): _substituted(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item, values) for item in value]
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), value)
    return value


def _granted(
    template: Mapping[str, Any], properties: Mapping[str, Any], resolver: Resolver
) -> tuple[Granted, ...] | None:
    """What the role of a state machine is allowed; None if a part of it is not in the template."""
    role = _logical_id(properties.get("RoleArn", properties.get("Role")))
    resources = template["Resources"]
    if role is None or resources.get(role, {}).get("Type") != "AWS::IAM::Role":
        return None
    own = resources[role].get("Properties", {})
    attached = [_logical_id(arn) for arn in own.get("ManagedPolicyArns", ())]
    if any(name is None or name not in resources for name in attached):
        return None
    documents = [(role, policy["PolicyDocument"]) for policy in own.get("Policies", ())]
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        roles = [*properties.get("Roles", ()), properties.get("RoleName")]
        if resource["Type"] in _POLICIES and (name in attached or role in map(_logical_id, roles)):
            documents.append((name, properties["PolicyDocument"]))
    return tuple(granted for name, document in documents for granted in _statements(name, resolver.resolve(document)))


def _statements(name: str, document: Mapping[str, Any]) -> Iterator[Granted]:
    for statement in _listed(document.get("Statement", ())):
        yield Granted(
            statement.get("Effect", "Allow"),
            tuple(_listed(statement.get("Action", ()))),
            tuple(_listed(statement.get("Resource", ()))),
            statement.get("Condition", {}),
            name,
        )


def _logical_id(value: Any) -> str | None:  # noqa: ANN401 - JSON
    """The resource that a value refers to."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return str(argument)
        if function == "Fn::GetAtt":
            return str(argument[0] if isinstance(argument, list) else argument.split(".")[0])
    return None


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return list(value) if isinstance(value, (list, tuple)) else [value]
