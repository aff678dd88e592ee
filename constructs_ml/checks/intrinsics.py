"""Reads a template as a deployment would, as far as that is known before it.

What a pseudo parameter gives is an example of it (``us-east-1``); what a resource gives is known only later and reads
``${Token[Bucket.Arn]}``, which the checks of requests take for any value, and which is the same wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

PSEUDO: Mapping[str, Any] = MappingProxyType(
    {
        "AWS::AccountId": "111122223333",
        "AWS::NoValue": None,
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "AWS::URLSuffix": "amazonaws.com",
    }
)
_VARIABLE = re.compile(r"\$\{(!?)([\w.:]+)\}")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Replaces intrinsic functions.

    Attributes:
        template: The template that they refer to.
    """

    template: Mapping[str, Any]

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """A value of the template without intrinsic functions."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not None]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._call(key.removeprefix("Fn::"), argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not None}

    def _call(self, function: str, argument: Any) -> Any:  # noqa: ANN401 - JSON
        readers: dict[str, Callable[[Any], Any]] = {
            "Ref": lambda name: PSEUDO[name] if name in PSEUDO else later(str(name)),
            "GetAtt": lambda names: later(names if isinstance(names, str) else ".".join(map(str, names))),
            "Join": lambda parts: str(parts[0]).join(str(part) for part in _listed(self.resolve(parts[1]))),
            "Sub": self._sub,
            # Either may be deployed; the first is as good an example as the other.
            "If": lambda parts: self.resolve(parts[1]),
            "FindInMap": self._find_in_map,
            "Select": self._select,
            "Split": self._split,
        }
        reader = readers.get(function)
        return reader(argument) if reader else later(f"{function}({_shown(argument)})")

    def _sub(self, argument: Any) -> str:  # noqa: ANN401 - JSON
        text, values = (argument, {}) if isinstance(argument, str) else argument

        def value(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            if name in values:
                return str(self.resolve(values[name]))
            return str(self._call("GetAtt" if "." in name else "Ref", name))

        return _VARIABLE.sub(value, text)

    def _find_in_map(self, argument: Any) -> Any:  # noqa: ANN401 - JSON
        keys = [str(self.resolve(key)) for key in argument[:3]]
        found: Any = self.template.get("Mappings", {})
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return later(f"FindInMap({_shown(keys)})") if found is None else found

    def _split(self, argument: Any) -> Any:  # noqa: ANN401 - JSON
        text = str(self.resolve(argument[1]))
        return later(f"Split({_shown(argument)})") if "${Token[" in text else text.split(argument[0])

    def _select(self, argument: Any) -> Any:  # noqa: ANN401 - JSON
        at, parts = str(self.resolve(argument[0])), self.resolve(argument[1])
        known = isinstance(parts, list) and at.isdigit() and int(at) < len(parts)
        return parts[int(at)] if known else later(f"Select({_shown(argument)})")


def later(name: str) -> str:
    """What stands for a value that is known only when the template is deployed."""
    return f"${{Token[{re.sub(r'[^A-Za-z0-9_.:(),-]', '_', name)}]}}"


def readable(text: str) -> str:
    """A text as messages show it: ``<Bucket.Arn>`` for what is known only later."""
    return re.sub(r"\$\{Token\[([^\]]*)\]\}", r"<\1>", text)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _shown(argument: Any) -> str:  # noqa: ANN401 - JSON
    return ",".join(map(_shown, argument)) if isinstance(argument, list) else str(argument)
