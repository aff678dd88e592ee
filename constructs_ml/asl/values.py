"""Values of a definition: whether they are known before it runs, and their form in messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import is_jsonata

Json = Any
_SHOWN = 60


def is_later(value: Json) -> bool:
    """Return whether a value is inserted when the definition is deployed.

    Such a value is a token, an intrinsic function, or a ``${Name}`` of ``DefinitionSubstitutions`` in a file.
    """
    if isinstance(value, str):
        return "{" in value and ("${" in value or (is_dynamic(value) and not is_jsonata(value)))
    return is_dynamic(value)


def is_open(value: Json) -> bool:
    """Return whether a value is inserted when the definition is deployed, or known only when it runs."""
    return is_later(value) or is_dynamic(value)


def is_number(value: Json) -> TypeGuard[float]:
    """Return whether a value is a number; in JSON, unlike Python, ``true`` is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_text(value: Json) -> bool:
    """Return whether a value is a string that is known."""
    return isinstance(value, str) and not is_open(value)


def entries(value: Json) -> list[tuple[int, Mapping[str, Json]]]:
    """Return the objects of a list with their indices; empty if it is not a list."""
    return [(at, item) for at, item in enumerate(value) if isinstance(item, Mapping)] if isinstance(value, list) else []


def fields_of(value: Json) -> Mapping[str, Json]:
    """Return an object's fields; empty for any other value."""
    return value if isinstance(value, Mapping) else {}


def with_text_keys(value: Json) -> Json:
    """Return a value with every key as a string, as in JSON; YAML and Python allow other keys."""
    if isinstance(value, Mapping):
        return {str(key): with_text_keys(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_text_keys(item) for item in value]
    return value


def shown(value: Json) -> str:
    """Return a value as messages show it."""
    if isinstance(value, Mapping):
        return "an object" if value else "{}"
    if isinstance(value, list):
        return "a list" if value else "[]"
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}…{text[-1]}"
