"""The role of a state machine, and its other users."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import resources
from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import POLICIES
from constructs_ml.cfn.template import STATE_MACHINES, logical_id
from constructs_ml.iam.required_by_state import Needs, needs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_STATES = "states."
_OTHERS = {
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBusPolicy",
    "AWS::KMS::Key",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}


def role_of(machine: Machine) -> str | None:
    """Return the logical id of a machine's role; None if the role is not in its template."""
    return _role(resources(machine).get(machine.name))


def needs_of_role(machine: Machine) -> Needs | None:
    """Return the permissions that all machines with this role need; None if it has other or unknown users."""
    role = role_of(machine)
    found = resources(machine)
    if role is None or not isinstance(found.get(role), Mapping) or _has_others(role, machine):
        return None
    sharing = [name for name, resource in found.items() if name != machine.name and _role(resource) == role]
    if not sharing:
        return needs_of(machine)
    read = machine.siblings
    if any(name not in read or read[name].unreadable for name in sharing):
        return None
    every = [needs_of(machine), *(needs_of(read[name]) for name in sharing)]
    known = {need: states for needs in every for need, states in needs.known.items()}
    return Needs(known, frozenset(service for needs in every for service in needs.unknown))


def is_allowed_by_others(machine: Machine) -> bool:
    """Return whether a resource policy, such as a queue's, names the machine's role and so may allow more."""
    named = f'"{role_of(machine)}'
    return any(
        named in json.dumps(part) for part in resources(machine).values() if fields_of(part).get("Type") in _OTHERS
    )


def _role(resource: Any) -> str | None:  # noqa: ANN401 - JSON
    if not isinstance(resource, Mapping) or resource.get("Type") not in STATE_MACHINES:
        return None
    properties = fields_of(resource.get("Properties"))
    return logical_id(properties.get("RoleArn", properties.get("Role")))


def _has_others(role: str, machine: Machine) -> bool:
    """Return whether anyone but state machines may assume a role, by its trust policy or by another reference to it."""
    trust = fields_of(fields_of(resources(machine)[role]).get("Properties")).get("AssumeRolePolicyDocument")
    if not all(service.startswith(_STATES) for service in _trusted(trust)):
        return True
    outputs = machine.template.get("Outputs")
    named = f'"{role}"'
    others = [part for name, part in resources(machine).items() if name != role and not _is_own(part)]
    parts = [outputs, *(fields_of(part).get("Properties") for part in others)]
    return any(named in json.dumps(part) or f'"{role}.' in json.dumps(part) for part in parts)


def _is_own(resource: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether a resource refers to the role only because state machines use it."""
    kind = fields_of(resource).get("Type")
    return kind in POLICIES or kind in STATE_MACHINES


def _trusted(document: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield the services that a trust policy names; ``?`` for anyone else."""
    statements = fields_of(document).get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = fields_of(statement).get("Principal")
        services = fields_of(principal).get("Service")
        if set(fields_of(principal)) != {"Service"}:
            yield "?"
        for service in services if isinstance(services, list) else [services]:
            yield service if isinstance(service, str) else _STATES if _STATES in json.dumps(service) else "?"
