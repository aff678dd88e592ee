"""The permissions in the policies of a machine's role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import per_machine_cache, resources
from constructs_ml.asl.values import fields_of
from constructs_ml.iam.wildcards import matches, may_be_same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Granted, Machine


PASSED_TO = "iam:passedtoservice"
_EQUAL = ("stringequals", "stringlike")


class Grants:
    """The statements that allow something.

    Attributes:
        statements: The statements, in the order of the template.
        kinds: The types of the template's resources, by logical id.
    """

    def __init__(self, statements: tuple[Granted, ...], kinds: Mapping[str, Any]) -> None:
        self.statements = tuple(statement for statement in statements if statement.effect == "Allow")
        self.kinds = kinds
        self._of_action: dict[str, list[Granted]] = {}

    def of(self, action: str) -> list[Granted]:
        """Return the statements that cover an action."""
        if action not in self._of_action:
            self._of_action[action] = [
                statement
                for statement in self.statements
                if statement.inverted or any(matches(pattern, action) for pattern in texts(statement.actions))
            ]
        return self._of_action[action]

    def lacking(self, need: Need) -> list[str]:
        """Return the actions of a need that are certainly not allowed on its resource."""
        return [action for action in need.actions if not any(self.may_serve(one, need) for one in self.of(action))]

    def may_serve(self, statement: Granted, need: Need) -> bool:
        """Return whether the resources and conditions of a statement may cover a need."""
        if statement.inverted:
            return True
        return _may_hold(statement, need) and any(
            may_be_same(needed, granted, self.kinds)
            for granted in texts(statement.resources)
            for needed in need.resources
        )


@per_machine_cache
def grants_of(machine: Machine) -> Grants:
    """Return the permissions of a machine's role, as far as they are known."""
    kinds = {
        name: resource.get("Type") for name, resource in resources(machine).items() if isinstance(resource, Mapping)
    }
    return Grants(machine.granted or (), kinds)


def restricts_passing(statement: Granted) -> bool:
    """Return whether a statement has a condition on the service or resource that roles are passed to."""
    return any(key in {PASSED_TO, "iam:associatedresourcearn"} for _, key, _ in _conditions(statement))


def _may_hold(statement: Granted, need: Need) -> bool:
    """Return whether the conditions of a statement may hold; only ``iam:PassedToService`` is evaluated."""
    for operator, key, values in _conditions(statement):
        if need.passed_to and key == PASSED_TO and operator.rpartition(":")[2].removesuffix("ifexists") in _EQUAL:
            return any("${" in value or matches(value, need.passed_to) for value in values)
    return True


def _conditions(statement: Granted) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the operators, keys and values of a statement's conditions, the first two in lower case."""
    for operator, keys in fields_of(statement.conditions).items():
        for key, values in fields_of(keys).items():
            yield operator.lower(), key.lower(), texts(values if isinstance(values, (list, tuple)) else (values,))


def texts(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    """Return the strings among some values."""
    return tuple(value for value in values if isinstance(value, str))


ANY = ("*",)
"""An unknown resource."""


@dataclass(frozen=True, slots=True)
class Need:
    """Some actions on a resource.

    Attributes:
        actions: The actions, each in full; those of an optional need may have wildcards.
        resources: The possible ARNs of the resource, the most likely first, with wildcards for parts that are known only at
            run time. A grant on any of them is enough. ``ANY`` if nothing is known of the resource.
        passed_to: The service that a role is passed to; empty if none is, or it does not matter.
        required: True if the call fails or does harm without it; otherwise it may be granted, as AWS's own policies do.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ANY
    passed_to: str = ""
    required: bool = True

    @property
    def is_known(self) -> bool:
        """True if the resource is known."""
        first = self.resources[0]
        return first not in ANY and not first.endswith((":*", "/*"))


def optional(*actions: str, on: tuple[str, ...] = ANY) -> Need:
    """Return a need that may be granted but is not required."""
    return Need(actions, on, required=False)


def arn(service: str, resource: str) -> str:
    """Return the ARN of a resource, wherever it is deployed."""
    return f"arn:*:{service}:*:*:{resource}"
