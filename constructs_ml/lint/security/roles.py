"""The roles of state machines and SageMaker, and the statements that grant them permissions."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import POLICIES
from constructs_ml.cfn.intrinsics import later

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.lint.security.subject import Resource, Subject

_SERVICES = ("sagemaker.", "states.")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A statement with the effect Allow.

    Attributes:
        resource: The policy, or the role that contains it.
        member: Its path in the resource.
        statement: The statement.
    """

    resource: Resource
    member: str
    statement: Mapping[str, Any]

    @property
    def actions(self) -> list[str]:
        """Its actions."""
        return _texts(self.statement.get("Action"))

    @property
    def resources(self) -> list[str]:
        """The resources on which it allows them."""
        return _texts(self.statement.get("Resource"))

    @property
    def condition_keys(self) -> set[str]:
        """The keys of its conditions, in lower case."""
        conditions = fields_of(self.statement.get("Condition"))
        return {str(key).lower() for keys in conditions.values() for key in fields_of(keys)}

    def allows(self, action: str) -> bool:
        """Return whether it allows an action."""
        return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in self.actions)


def workflow_roles(subject: Subject) -> tuple[Resource, ...]:
    """Return the roles of the template that Step Functions or SageMaker may assume."""
    return tuple(role for role in subject.resources("AWS::IAM::Role") if _is_assumed_by_workflow(role))


def statements(subject: Subject) -> Iterator[Allowed]:
    """Yield the statements that allow these roles something, in policies of the template, each once."""
    roles = workflow_roles(subject)
    for role in roles:
        for at, policy in enumerate(_objects(role.properties.get("Policies"))):
            yield from _allowed(role, f"Policies[{at}].PolicyDocument", policy.get("PolicyDocument"))
    named = {later(role.name) for role in roles}
    attached = {arn for role in roles for arn in _texts(role.properties.get("ManagedPolicyArns"))}
    for kind in POLICIES:
        for resource in subject.resources(kind):
            of = {*_texts(resource.properties.get("Roles")), *_texts(resource.properties.get("RoleName"))}
            if of & named or later(resource.name) in attached:
                yield from _allowed(resource, "PolicyDocument", resource.properties.get("PolicyDocument"))


def _is_assumed_by_workflow(role: Resource) -> bool:
    document = fields_of(role.properties.get("AssumeRolePolicyDocument"))
    for statement in _objects(document.get("Statement")):
        services = _texts(fields_of(statement.get("Principal")).get("Service"))
        if any(service.startswith(_SERVICES) for service in services):
            return True
    return False


def _allowed(resource: Resource, member: str, document: Any) -> Iterator[Allowed]:  # noqa: ANN401 - JSON
    for at, statement in enumerate(_objects(fields_of(document).get("Statement"))):
        if statement.get("Effect") == "Allow":
            yield Allowed(resource, f"{member}.Statement[{at}]", statement)


def _objects(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - JSON
    """Return an object, or the objects of a list, as a list."""
    return [fields_of(item) for item in (value if isinstance(value, list) else [value])]


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return a string, or the strings of a list, as a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
