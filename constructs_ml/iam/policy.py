"""What the policies of a machine's role allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.cache import once
from constructs_ml.asl.text import resources
from constructs_ml.asl.values import fields_of
from constructs_ml.iam.wildcards import matches, may_be_same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Granted, Machine
    from constructs_ml.iam.required import Need

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


@once
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
