"""The services that may assume a role of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of, is_later
from constructs_ml.cfn.granted import listed
from constructs_ml.iam.wildcards import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ASSUME = "sts:AssumeRole"


def trusts(role: Mapping[str, Any], service: str) -> bool:
    """Return whether a service may assume a role; an unreadable policy counts as yes.

    Args:
        role: The role's properties, without intrinsic functions.
        service: The service: ``states``.
    """
    document = role.get("AssumeRolePolicyDocument")
    statements = fields_of(document).get("Statement")
    if statements is None:
        return True
    statements = listed(statements)
    return any(_allows(each, service) for each in statements) and not any(_denies(each, service) for each in statements)


def trusted(role: Mapping[str, Any]) -> list[str]:
    """Return the services that a role's trust policy allows."""
    statements = listed(fields_of(role.get("AssumeRolePolicyDocument")).get("Statement"))
    letting = [each for each in statements if _effect(each) == "Allow" and _is_about_assuming(each)]
    names = [name for each in letting for name in _services(each) if isinstance(name, str)]
    return [name for name in names if not any(_denies(each, name.partition(".")[0]) for each in statements)]


def _allows(statement: Any, service: str) -> bool:  # noqa: ANN401 - JSON
    if (
        not isinstance(statement, dict)
        or "NotPrincipal" in statement
        or is_later(fields_of(statement).get("Principal"))
    ):
        return True
    allows = _effect(statement) == "Allow" and _is_about_assuming(statement)
    return allows and any(_is(name, service) for name in _services(statement))


def _denies(statement: Any, service: str) -> bool:  # noqa: ANN401 - JSON
    """Return whether a statement certainly denies a service."""
    actions = listed(fields_of(statement).get("Action"))
    known = _effect(statement) == "Deny" and "Condition" not in statement
    known = known and any(isinstance(each, str) and matches(each, _ASSUME) for each in actions)
    named = (name for name in _services(statement) if isinstance(name, str) and not is_later(name))
    return known and any(_is(name, service) for name in named)


def _effect(statement: Any) -> Any:  # noqa: ANN401 - JSON
    return fields_of(statement).get("Effect", "Allow")


def _is_about_assuming(statement: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether a statement may cover ``sts:AssumeRole``."""
    actions = listed(fields_of(statement).get("Action", _ASSUME))
    return any(not isinstance(each, str) or is_later(each) or matches(each, _ASSUME) for each in actions)


def _services(statement: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    principal = fields_of(statement).get("Principal")
    if principal == "*":
        yield "*"
    yield from listed(fields_of(principal).get("Service", []))


def _is(name: Any, service: str) -> bool:  # noqa: ANN401 - JSON
    """Return whether a principal is or may be a service: ``states.amazonaws.com``, ``states.eu-west-1.amazonaws.com``."""
    if not isinstance(name, str):
        return True
    return name == "*" or name.startswith(f"{service}.") or (is_later(name) and not name[:1].isalpha())
