"""Finds the state machines of a template, their definitions and what their roles are allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_ml.checks.machine import Granted, Machine
from constructs_ml.checks.sources.intrinsics import Resolver

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
SAM_STATE_MACHINE = "AWS::Serverless::StateMachine"
STATE_MACHINES = (STATE_MACHINE, SAM_STATE_MACHINE)
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_BARE = re.compile(r"(?<=[:,\[])(\s*)(\$\{Token\[[^\]]*\]\})(?=\s*[,\]}])")


def machines_of(template: Mapping[str, Any]) -> Iterator[Machine]:
    """The state machines of a template whose definitions are in it.

    Args:
        template: The template, as JSON data.
    """
    resolver = Resolver(template)
    for name, resource in mapping(template.get("Resources")).items():
        if mapping(resource).get("Type") not in STATE_MACHINES:
            continue
        properties = mapping(resource.get("Properties"))
        given = properties.get("DefinitionString", properties.get("Definition"))
        if given is None:
            # It is in a file that was not found: DefinitionS3Location, DefinitionUri.
            continue
        body, unreadable = _definition(given, properties, resolver)
        express = properties.get("StateMachineType", properties.get("Type")) == "EXPRESS"
        granted = _granted(template, properties, resolver)
        yield Machine(body, str(name), express=express, granted=granted, unreadable=unreadable, template=template)


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
    values = mapping(resolver.resolve(properties.get("DefinitionSubstitutions")))
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
    role = logical_id(properties.get("RoleArn", properties.get("Role")))
    resources = {name: mapping(resource) for name, resource in mapping(template.get("Resources")).items()}
    if role is None or resources.get(role, {}).get("Type") != "AWS::IAM::Role":
        return None
    own = mapping(resources[role].get("Properties"))
    attached = [logical_id(arn) for arn in listed(own.get("ManagedPolicyArns", []))]
    if any(name is None or name not in resources for name in attached):
        return None
    documents = [(role, mapping(policy).get("PolicyDocument")) for policy in listed(own.get("Policies", []))]
    for name, resource in resources.items():
        policy = mapping(resource.get("Properties"))
        roles = [*listed(policy.get("Roles", [])), policy.get("RoleName")]
        if resource.get("Type") in POLICIES and (name in attached or role in map(logical_id, roles)):
            documents.append((name, policy.get("PolicyDocument")))
    return tuple(granted for name, document in documents for granted in _statements(name, resolver.resolve(document)))


def _statements(name: str, document: Any) -> Iterator[Granted]:  # noqa: ANN401 - JSON
    for statement in map(mapping, listed(mapping(document).get("Statement", []))):
        yield Granted(
            str(statement.get("Effect", "Allow")),
            tuple(map(str, listed(statement.get("Action", [])))),
            tuple(map(str, listed(statement.get("Resource", [])))),
            {key: mapping(test) for key, test in mapping(statement.get("Condition")).items()},
            name,
            inverted="NotAction" in statement or "NotResource" in statement,
        )


def logical_id(value: Any) -> str | None:  # noqa: ANN401 - JSON
    """The resource that a value refers to."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return str(argument)
        if function == "Fn::GetAtt":
            names = argument if isinstance(argument, list) else str(argument).split(".")
            return str(names[0]) if names else None
    return None


def mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    """A value if it is an object, else one without members: a template may hold anything."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """One or many as many."""
    return list(value) if isinstance(value, (list, tuple)) else [value]
