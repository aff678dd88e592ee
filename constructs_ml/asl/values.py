"""Values of a definition: which are known before it runs, and how messages show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import is_jsonata

Json = Any
_SHOWN = 60


def is_later(value: Json) -> bool:
    """Whether a value is put in when the definition is deployed.

    That is a token, an intrinsic function, or a ``${Name}`` of ``DefinitionSubstitutions`` in a file.
    """
    if isinstance(value, str):
        return "{" in value and ("${" in value or (is_dynamic(value) and not is_jsonata(value)))
    return is_dynamic(value)


def is_open(value: Json) -> bool:
    """Whether a value is put in when the definition is deployed, or when it runs."""
    return is_later(value) or is_dynamic(value)


def is_number(value: Json) -> TypeGuard[float]:
    """Whether it is a number; in JSON, unlike Python, ``true`` is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_text(value: Json) -> bool:
    """Whether it is a text that is known."""
    return isinstance(value, str) and not is_open(value)


def entries(value: Json) -> list[tuple[int, Mapping[str, Json]]]:
    """The objects of a list with their places; nothing of what is malformed."""
    return [(at, item) for at, item in enumerate(value) if isinstance(item, Mapping)] if isinstance(value, list) else []


def fields_of(value: Json) -> Mapping[str, Json]:
    """An object's fields; none of anything else."""
    return value if isinstance(value, Mapping) else {}


def shown(value: Json) -> str:
    """A value as messages show it."""
    if isinstance(value, Mapping):
        return "an object" if value else "{}"
    if isinstance(value, list):
        return "a list" if value else "[]"
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}…{text[-1]}"
