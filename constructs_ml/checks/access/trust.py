"""Which services may assume a role of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.checks.reading.values import fields_of, is_later
from constructs_ml.checks.sources.granted import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def trusts(role: Mapping[str, Any], service: str) -> bool:
    """Return whether a service may assume a role; what cannot be read is taken to allow it.

    Args:
        role: The role's properties, without intrinsic functions.
        service: The service: ``states``.
    """
    document = role.get("AssumeRolePolicyDocument")
    statements = fields_of(document).get("Statement")
    if statements is None:
        return True
    return any(_allows(statement, service) for statement in listed(statements))


def trusted(role: Mapping[str, Any]) -> list[str]:
    """Return the services that a role's trust policy names."""
    statements = fields_of(role.get("AssumeRolePolicyDocument")).get("Statement")
    return [name for statement in listed(statements) for name in _services(statement) if isinstance(name, str)]


def _allows(statement: Any, service: str) -> bool:  # noqa: ANN401 - JSON
    if (
        not isinstance(statement, dict)
        or "NotPrincipal" in statement
        or is_later(fields_of(statement).get("Principal"))
    ):
        return True
    allows = statement.get("Effect", "Allow") == "Allow"
    return allows and any(_is(name, service) for name in _services(statement))


def _services(statement: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    principal = fields_of(statement).get("Principal")
    if principal == "*":
        yield "*"
    yield from listed(fields_of(principal).get("Service", []))


def _is(name: Any, service: str) -> bool:  # noqa: ANN401 - JSON
    """Whether a principal is a service: ``states.amazonaws.com``, ``states.eu-west-1.amazonaws.com``, or not known yet."""
    if not isinstance(name, str):
        return True
    return name == "*" or name.startswith(f"{service}.") or (is_later(name) and not name[:1].isalpha())
