"""Reads a template as a deployment would, as far as its values are known before.

What a pseudo parameter gives is an example of it (``us-east-1``); what a resource gives is known only later and reads
``${Token[Bucket.Arn]}``, which the checks of requests take for any value, and which is the same wherever it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from constructs_ml.asl.values import fields_of
from constructs_ml.documents.json_text import like

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
        """Return whether a condition holds; an unknown one does, and its negation does not.

        So a policy and a definition with the same condition are read for the same case.
        """
        return self._holds({"Condition": name}, 0)

    def are_known(self, name: Json) -> bool:
        """Return whether a condition depends on nothing but the template."""
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
        """Return a function and its arguments, or the condition that is meant; empty if malformed."""
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
        """Return a string, or a parameter's default; None if it is unknown."""
        if isinstance(value, dict):
            parameter = fields_of(fields_of(self.template.get("Parameters")).get(str(value.get("Ref"))))
            value = parameter.get("Default")
        return None if value is None or isinstance(value, (dict, list)) else str(value)


PSEUDO: Mapping[str, Any] = MappingProxyType(
    {
        "AWS::AccountId": "111122223333",
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "AWS::URLSuffix": "amazonaws.com",
    }
)
_NOTHING = object()
"""The result of AWS::NoValue, unlike null, which some fields of a definition have."""
_VARIABLE = re.compile(r"\$\{(!?)([\w.:]+)\}")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolver of intrinsic functions.

    Attributes:
        template: The template that they refer to.
        pseudo: The values of pseudo parameters.
    """

    template: Mapping[str, Any]
    pseudo: Mapping[str, Any] = field(default_factory=lambda: PSEUDO)

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """Return a value of the template without intrinsic functions; None for AWS::NoValue."""
        found = self._resolve(value)
        return None if found is _NOTHING else found

    def _resolve(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not _NOTHING]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if str(key) == "Ref" or str(key).startswith("Fn::"):
                return self._call(str(key).removeprefix("Fn::"), argument)
        resolved = {key: self._resolve(item) for key, item in value.items()}
        return like(value, {key: item for key, item in resolved.items() if item is not _NOTHING})

    def _call(self, function: str, argument: Any) -> Any:  # noqa: ANN401 - JSON
        match function, argument:
            case "Ref", "AWS::NoValue":
                return _NOTHING
            case "Ref", str(name):
                return self.pseudo[name] if name in self.pseudo else later(name)
            case "If", [name, one, other]:
                return self._chosen(name, one, other)
            case "ToJsonString", _:
                return json.dumps(self.resolve(argument))
        found = self._made(function, argument)
        return later(f"{function}({_shown(argument)})") if found is None else found

    def _made(self, function: str, argument: Any) -> Any:  # noqa: ANN401 - JSON
        """Evaluate an intrinsic function; None if the result is known only later."""
        found: Any = None
        match function, argument:
            case "GetAtt", (str() as name) | [*name]:
                found = later(name if isinstance(name, str) else ".".join(map(str, name)))
            case "Join", [separator, parts]:
                found = str(separator).join(str(part) for part in _listed(self.resolve(parts)))
            case ("Sub", str(text)) | ("Sub", [str(text)]):
                found = self._sub(text, {})
            case "Sub", [str(text), {**values}]:
                found = self._sub(text, {str(name): value for name, value in values.items()})
            case "FindInMap", [*keys]:
                found = self._find_in_map(keys[:3])
            case "Select", [at, parts]:
                found = self._select(str(self.resolve(at)), self.resolve(parts))
            case "Split", [separator, text]:
                found = _split(str(separator), str(self.resolve(text)))
        return found

    def _chosen(self, name: Any, one: Any, other: Any) -> Any:  # noqa: ANN401 - JSON
        conditions = Conditions(self.template)
        first, second = map(self._resolve, (one, other) if conditions.hold(name) else (other, one))
        # Unless it is known which is deployed, the one that says something is as good an example.
        return second if first is _NOTHING and not conditions.are_known(name) else first

    def _sub(self, text: str, values: Mapping[str, Any]) -> str:
        def value(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            if name in values:
                return str(self.resolve(values[name]))
            return str(self._call("GetAtt" if "." in name else "Ref", name))

        return _VARIABLE.sub(value, text)

    def _find_in_map(self, names: list[Any]) -> Any:  # noqa: ANN401 - JSON
        found: Any = self.template.get("Mappings", {})
        for name in names:
            found = found.get(str(self.resolve(name))) if isinstance(found, Mapping) else None
        return found

    def _select(self, at: str, parts: Any) -> Any:  # noqa: ANN401 - JSON
        return parts[int(at)] if isinstance(parts, list) and at.isdigit() and int(at) < len(parts) else None


def _split(separator: str, text: str) -> list[str] | None:
    return text.split(separator) if separator and "${Token[" not in text else None


def later(name: str) -> str:
    """Return the placeholder of a value that is known only when the template is deployed."""
    return f"${{Token[{re.sub(r'[^A-Za-z0-9_.:(),-]', '_', name)}]}}"


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _shown(argument: Any) -> str:  # noqa: ANN401 - JSON
    return ",".join(map(_shown, argument)) if isinstance(argument, list) else str(argument)
