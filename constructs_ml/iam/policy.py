"""What the policies of a machine's role allow."""

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
    """The statements that allow.

    Attributes:
        statements: They, in the order of the template.
        kinds: The types of the template's resources, by logical id.
    """

    def __init__(self, statements: tuple[Granted, ...], kinds: Mapping[str, Any]) -> None:
        self.statements = tuple(statement for statement in statements if statement.effect == "Allow")
        self.kinds = kinds
        self._of_action: dict[str, list[Granted]] = {}

    def of(self, action: str) -> list[Granted]:
        """The statements that are about an action."""
        if action not in self._of_action:
            self._of_action[action] = [
                statement
                for statement in self.statements
                if statement.inverted or any(matches(pattern, action) for pattern in texts(statement.actions))
            ]
        return self._of_action[action]

    def lacking(self, need: Need) -> list[str]:
        """The actions of a need that are certainly not allowed on its resource."""
        return [action for action in need.actions if not any(self.may_serve(one, need) for one in self.of(action))]

    def may_serve(self, statement: Granted, need: Need) -> bool:
        """Whether the resources and the conditions of a statement may be those of a need."""
        if statement.inverted:
            return True
        return _may_hold(statement, need) and any(
            may_be_same(needed, granted, self.kinds)
            for granted in texts(statement.resources)
            for needed in need.resources
        )


@per_machine_cache
def grants_of(machine: Machine) -> Grants:
    """What a machine's role is allowed, as far as that is known."""
    kinds = {
        name: resource.get("Type") for name, resource in resources(machine).items() if isinstance(resource, Mapping)
    }
    return Grants(machine.granted or (), kinds)


def restricts_passing(statement: Granted) -> bool:
    """Whether a statement has a condition on what roles are passed to."""
    return any(key in {PASSED_TO, "iam:associatedresourcearn"} for _, key, _ in _conditions(statement))


def _may_hold(statement: Granted, need: Need) -> bool:
    """Whether the conditions of a statement may hold: only what a role is passed to is judged."""
    for operator, key, values in _conditions(statement):
        if need.passed_to and key == PASSED_TO and operator.rpartition(":")[2].removesuffix("ifexists") in _EQUAL:
            return any("${" in value or matches(value, need.passed_to) for value in values)
    return True


def _conditions(statement: Granted) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The operators, keys and values of a statement's conditions, the first two in lower case."""
    for operator, keys in fields_of(statement.conditions).items():
        for key, values in fields_of(keys).items():
            yield operator.lower(), key.lower(), texts(values if isinstance(values, (list, tuple)) else (values,))


def texts(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    """The texts among some values."""
    return tuple(value for value in values if isinstance(value, str))


ANY = ("*",)
"""A resource that is not known."""


@dataclass(frozen=True, slots=True)
class Need:
    """Some actions on a resource.

    Attributes:
        actions: The actions, each in full; what is not required may have wildcards.
        resources: The ARN of the resource as it may be written, with wildcards for what is known only at run time; it is
            enough to be allowed one; the most likely first. ``ANY`` if nothing is known of it.
        passed_to: The service that a role is passed to; empty if none is, or that does not matter.
        required: Whether the call fails without it, or harm is done. Otherwise it may be granted, as AWS's own policies do.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ANY
    passed_to: str = ""
    required: bool = True

    @property
    def is_known(self) -> bool:
        """Whether it is known which resource it is."""
        first = self.resources[0]
        return first not in ANY and not first.endswith((":*", "/*"))


def optional(*actions: str, on: tuple[str, ...] = ANY) -> Need:
    """What may be granted but need not."""
    return Need(actions, on, required=False)


def arn(service: str, resource: str) -> str:
    """The ARN of a resource, wherever it is deployed."""
    return f"arn:*:{service}:*:*:{resource}"
