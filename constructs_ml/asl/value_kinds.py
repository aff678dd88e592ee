"""Checks of a field's value against the field's kind and limits."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language, is_jsonata
from constructs_ml.asl.schema import Field, Kind
from constructs_ml.asl.values import is_later, is_number, shown
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_PATH = re.compile(r"\$states\.[\w.\[\]]+")
_BRACED = {Kind.CONDITION, Kind.COLLECTION}
_NUMBERS = {Kind.COUNT, Kind.NUMBER}
_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.PATH: (str,),
    Kind.PATH_OR_NULL: (str, type(None)),
    Kind.FLAG: (bool,),
    Kind.TIME: (str,),
    Kind.OBJECT: (dict,),
    Kind.LIST: (list,),
    Kind.COLLECTION: (list, dict),
    Kind.CONDITION: (bool,),
}


def fault(field: Field, value: Json, language: Language | None) -> tuple[str, str] | None:
    """Return the problem with a value and its fix; None if there is none.

    Args:
        field: The field that holds it.
        value: The value.
        language: The query language; None if it is uncertain.
    """
    if field.kind is Kind.ANY or is_later(value):
        return None
    if isinstance(value, str) and field.kind in _BRACED and _PATH.fullmatch(value):
        # The rules about data flow report that it is not evaluated.
        return None
    if isinstance(value, str) and is_jsonata(value) and field.kind not in {Kind.TEXT, Kind.PATH_OR_NULL, Kind.PATH}:
        if field.expression and language is not Language.JSONPATH:
            return None
        fix = "give the state QueryLanguage JSONata" if field.expression else ""
        return f"must be {field.kind.value}, got the expression {shown(value)}", fix
    if not _is_kind(field.kind, value):
        return f"must be {_wanted(field)}, got {shown(value)}", _unquoted(field.kind, value)
    return _beyond(field, value)


def _is_kind(kind: Kind, value: Json) -> bool:
    if kind in _NUMBERS:
        return is_number(value) and (kind is Kind.NUMBER or value == value // 1)
    if kind is Kind.TIME and isinstance(value, str):
        return _TIME.fullmatch(value) is not None and _is_moment(value[:19])
    return isinstance(value, _TYPES[kind]) and (not isinstance(value, bool) or bool in _TYPES[kind])


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _beyond(field: Field, value: Json) -> tuple[str, str] | None:
    """Return the problem of a number out of range, a string that is too long, or an unknown choice."""
    if field.values and value not in field.values and not is_jsonata(value):
        return f"must be {_either(field.values)}, got {shown(value)}{did_you_mean(value, field.values)}", ""
    if field.kind is Kind.TEXT and field.most is not None and len(value) > field.most:
        return f"must have at most {field.most:.0f} characters, got {len(value)}", ""
    too_small = field.least is not None and field.kind in _NUMBERS and value < field.least
    too_great = field.most is not None and field.kind in _NUMBERS and value > field.most
    return (f"must be {_wanted(field)}, got {shown(value)}", "") if too_small or too_great else None


def _wanted(field: Field) -> str:
    if field.values:
        return _either(field.values)
    if field.kind not in _NUMBERS or field.least is None:
        return field.kind.value
    if field.most is None:
        return f"{field.kind.value} of at least {field.least:.0f}"
    return f"{field.kind.value} of {field.least:.0f}-{field.most:.0f}"


def _either(values: tuple[str, ...]) -> str:
    *first, last = values
    return f"{', '.join(first)} or {last}" if first else last


def _unquoted(kind: Kind, value: Json) -> str:
    """Return the fix for a value that only has quotes too many, or lacks braces."""
    if kind is Kind.FLAG and str(value).lower() in {"true", "false"}:
        return f"write {str(value).lower()} without quotes"
    if kind in _NUMBERS and isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f"write {value} without quotes"
    if kind in _BRACED and isinstance(value, str):
        return f"write {{% {value} %}}"
    return ""
