"""Which conditions of a template hold, with the defaults of its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a template.

    Attributes:
        template: The template.
    """

    template: Mapping[str, Json]

    def hold(self, name: Json) -> bool:
        """Whether a condition holds; one that depends on what is not known does, and its opposite does not.

        So a policy and a definition that are for one case are read for the same case.
        """
        return self._holds({"Condition": name}, 0)

    def are_known(self, name: Json) -> bool:
        """Whether that depends on nothing but the template."""
        return self._is_known({"Condition": name}, 0)

    def _holds(self, test: Json, depth: int) -> bool:
        function, arguments = self._read(test, depth)
        match function:
            case "Condition":
                return self._holds(arguments, depth + 1)
            case "Fn::Not":
                return not self._holds(arguments[0], depth + 1)
            case "Fn::And":
                return all(self._holds(part, depth + 1) for part in arguments)
            case "Fn::Or":
                return any(self._holds(part, depth + 1) for part in arguments)
            case "Fn::Equals":
                one, other = map(self._value, arguments)
                return None in {one, other} or one == other
        return True

    def _is_known(self, test: Json, depth: int) -> bool:
        function, arguments = self._read(test, depth)
        if function == "Condition":
            return self._is_known(arguments, depth + 1)
        if function == "Fn::Equals":
            return None not in map(self._value, arguments)
        return bool(function) and all(self._is_known(part, depth + 1) for part in arguments)

    def _read(self, test: Json, depth: int) -> tuple[str, Json]:
        """A function and its arguments, or the condition that is meant; nothing of what is malformed."""
        if not isinstance(test, dict) or len(test) != 1 or depth > _DEEPEST:
            return "", ()
        ((function, arguments),) = test.items()
        if function == "Condition":
            found = fields_of(self.template.get("Conditions")).get(str(arguments))
            return ("", ()) if found is None else (function, found)
        counts = {"Fn::Not": 1, "Fn::Equals": 2}
        sound = isinstance(arguments, list) and len(arguments) == counts.get(function, len(arguments))
        return (function, arguments) if sound else ("", ())

    def _value(self, value: Json) -> str | None:
        """A text, or what a parameter is unless somebody says otherwise; None if that is not known."""
        if isinstance(value, dict):
            parameter = fields_of(fields_of(self.template.get("Parameters")).get(str(value.get("Ref"))))
            value = parameter.get("Default")
        return None if value is None or isinstance(value, (dict, list)) else str(value)
