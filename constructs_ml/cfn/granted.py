"""The permissions of a state machine's role, from a template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import Granted
from constructs_ml.asl.values import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.cfn.intrinsics import Resolver

Json = Any
ROLE = "AWS::IAM::Role"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
CONNECTOR = "AWS::Serverless::Connector"
"""SAM's connector adds policies to the roles that it connects, as ``Connectors`` of a resource do."""
_RESOURCE = re.compile(r"\$\{Token\[(\w+)(?:\.\w+)*\]\}")


@dataclass(frozen=True)
class Policy:
    """A policy that is a resource by itself.

    Attributes:
        name: Its logical id.
        roles: The roles that it is attached to, by logical id or by name.
        document: Its document, without intrinsic functions.
    """

    name: str
    roles: frozenset[str]
    document: Json


@dataclass(frozen=True)
class Grants:
    """The permissions of roles.

    Attributes:
        resolver: The resolver of the template.
    """

    resolver: Resolver

    def of(self, role: Json) -> tuple[Granted, ...] | None:
        """Return the statements of a role; None if a part is not in the template or cannot be read.

        Args:
            role: The value of ``RoleArn``.
        """
        name = _resource(self.resolver.resolve(role))
        if name is None or self._resources.get(name, {}).get("Type") != ROLE or self._has_connectors:
            return None
        attached = self._attached(name)
        if any(other is None or other not in self._resources for other in attached):
            return None
        return _of_documents(self._documents(name))

    def shown(self, role: str) -> tuple[Granted, ...]:
        """Return the statements of a role that the template shows; it may have more.

        Args:
            role: The logical id of the role.
        """
        found = (_of_documents([document]) for document in self._documents(role))
        return tuple(statement for statements in found for statement in statements or ())

    def _properties(self, role: str) -> Mapping[str, Json]:
        return fields_of(self.resolver.resolve(self._resources.get(role, {}).get("Properties")))

    def _attached(self, role: str) -> list[str | None]:
        """The managed policies of a role, by logical id; None for one from elsewhere."""
        return [_resource(arn) for arn in listed(self._properties(role).get("ManagedPolicyArns", []))]

    def _documents(self, role: str) -> list[tuple[str, Json]]:
        """The policies of a role in the template, with their owners."""
        own, attached = self._properties(role), self._attached(role)
        found = [(role, fields_of(policy).get("PolicyDocument")) for policy in listed(own.get("Policies", []))]
        named = {role, own.get("RoleName")}
        theirs = (policy for policy in self._policies if policy.name in attached or policy.roles & named)
        return [*found, *((policy.name, policy.document) for policy in theirs)]

    def of_sam(self, machine: str, policies: Json) -> tuple[Granted, ...] | None:
        """Return the statements of the role that SAM creates for a state machine; None if any is not in the template.

        Args:
            machine: The logical id of the state machine.
            policies: Its ``Policies``: documents are known, names of policies and of SAM's templates are not.
        """
        documents = listed(self.resolver.resolve(policies))
        if self._has_connectors or not all("Statement" in fields_of(document) for document in documents):
            return None
        return _of_documents([(machine, document) for document in documents])

    @cached_property
    def _resources(self) -> dict[str, Mapping[str, Json]]:
        found = fields_of(self.resolver.template.get("Resources"))
        return {str(name): fields_of(resource) for name, resource in found.items()}

    @cached_property
    def _policies(self) -> tuple[Policy, ...]:
        found = []
        for name, resource in self._resources.items():
            if resource.get("Type") in POLICIES:
                policy = fields_of(self.resolver.resolve(resource.get("Properties")))
                roles = [*listed(policy.get("Roles", [])), policy.get("RoleName")]
                named = {_resource(role) or role for role in roles if isinstance(role, str)}
                found.append(Policy(name, frozenset(named), policy.get("PolicyDocument")))
        return tuple(found)

    @cached_property
    def _has_connectors(self) -> bool:
        """True if SAM adds policies to roles of the template."""
        return any(
            resource.get("Type") == CONNECTOR or "Connectors" in resource for resource in self._resources.values()
        )


def _of_documents(documents: list[tuple[str, Json]]) -> tuple[Granted, ...] | None:
    """Return the statements of policies, by their owners; None if one cannot be read."""
    found: list[Granted] = []
    for name, document in documents:
        statements = listed(fields_of(document).get("Statement"))
        if not all(isinstance(statement, dict) for statement in statements):
            return None
        found += [_granted(name, statement) for statement in statements]
    return tuple(found)


def listed(value: Json) -> list[Json]:
    """Return a list as it is, and any other value as a list of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _resource(value: Json) -> str | None:
    """Return the logical id of the resource that a value refers to."""
    found = _RESOURCE.fullmatch(value) if isinstance(value, str) else None
    return found and found[1]


def _granted(policy: str, statement: Mapping[str, Json]) -> Granted:
    return Granted(
        str(statement.get("Effect", "Allow")),
        tuple(map(str, listed(statement.get("Action", [])))),
        tuple(map(str, listed(statement.get("Resource", [])))),
        {key: fields_of(test) for key, test in fields_of(statement.get("Condition")).items()},
        policy,
        inverted="NotAction" in statement or "NotResource" in statement,
        but_actions=tuple(map(str, listed(statement.get("NotAction", [])))),
        but_resources=tuple(map(str, listed(statement.get("NotResource", [])))),
    )
