"""Conditions of Choice rules in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from constructs_ml.asl.expressions import is_jsonata

Json = Any
_COMPARED = {
    "Equals": "is",
    "LessThanEquals": "is at most",
    "GreaterThanEquals": "is at least",
    "LessThan": "is less than",
    "GreaterThan": "is greater than",
    "Matches": "matches",
}
_TESTED = {
    "IsPresent": "present",
    "IsNull": "null",
    "IsNumeric": "a number",
    "IsString": "a string",
    "IsBoolean": "a boolean",
    "IsTimestamp": "a timestamp",
}
_PREFIXES = ("String", "Numeric", "Timestamp", "Boolean")


def in_words(test: Mapping[str, Json]) -> str:
    """Return a condition in words: ``$.Train.Status is "Completed"``.

    Args:
        test: The rule without its target.
    """
    if "Condition" in test:
        condition = test["Condition"]
        return condition[2:-2].strip() if is_jsonata(condition) else json.dumps(condition)
    for name, word in (("And", " and "), ("Or", " or ")):
        parts = test.get(name)
        if isinstance(parts, list):
            return word.join(_nested(part) for part in parts)
    if isinstance(test.get("Not"), Mapping):
        return f"not {_nested(test['Not'])}"
    variable = str(test.get("Variable", "?"))
    for name, value in test.items():
        if name in _TESTED:
            return f"{variable} is {'' if value is True else 'not '}{_TESTED[name]}"
        for prefix in _PREFIXES:
            verb = _COMPARED.get(name.removeprefix(prefix).removesuffix("Path")) if name.startswith(prefix) else None
            if verb:
                return f"{variable} {verb} {value if name.endswith('Path') else json.dumps(value, ensure_ascii=False)}"
    return json.dumps(test, ensure_ascii=False)


def _nested(test: Json) -> str:
    if not isinstance(test, Mapping):
        return json.dumps(test, ensure_ascii=False)
    words = in_words(test)
    return f"({words})" if {"And", "Or"} & set(test) else words
