"""Values: JSON outside; inside an expression null is a value of its own, because None stands for undefined there."""

from __future__ import annotations

import json
import math
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.utils import Utils

Value = Any
"""Any value of an expression: JSON, null as ``NULL``, undefined as None, or a function."""
NULL = Utils.NULL_VALUE
_EXACT, _LARGEST, _SMALLEST = 15, 21, -7
_ESCAPES = {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}


def failure(code: str, message: str) -> JException:
    """Return an error of the language; its code begins its message, as in the cause that Step Functions gives."""
    error = JException(code, -1)
    error.args = (message,)
    return error


def is_function(value: Value) -> bool:
    """Return whether a value is a function, of whichever kind; a regular expression is one."""
    return bool(Utils.is_function(value) or Functions.is_lambda(value) or Functions.is_regex(value))


def is_number(value: Value) -> bool:
    """Return whether a value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def from_json(value: Value) -> Value:
    """Return a value for an expression; a value without null is not copied."""
    if value is None:
        return NULL
    if isinstance(value, dict):
        items = {name: from_json(item) for name, item in value.items()}
        return items if any(items[name] is not value[name] for name in items) else value
    if isinstance(value, list):
        copied = [from_json(item) for item in value]
        return copied if any(new is not old for new, old in zip(copied, value, strict=True)) else value
    return value


def to_json(value: Value) -> Value:
    """A result as JSON.

    Raises:
        JException: If JSON has nothing like it: a function, an infinite number.
    """
    if value is NULL:
        return None
    if isinstance(value, dict):
        return {name: to_json(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        # Undefined, as a group of a pattern that took no part in the match, is null in a list.
        return [None if item is None else to_json(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise failure("D1001", f"Number out of range: {value}")
        return whole(value)
    if is_function(value):
        raise failure("T1006", "a function is not a JSON value")
    return value


def clone(value: Value) -> Value:
    """Return a deep copy of a value."""
    if isinstance(value, dict):
        return {name: clone(item) for name, item in value.items()}
    return [clone(item) for item in value] if isinstance(value, list) else value


def whole(number: float) -> float:
    """Return a number, as an integer if it is one."""
    return int(number) if isinstance(number, float) and math.isfinite(number) and number.is_integer() else number


def same(left: Value, right: Value) -> bool:
    """Return whether two values are deeply equal; true is not 1."""
    return bool(Utils.is_deep_equal(left, right))


def truth(value: Value) -> bool:
    """Return whether an operator or a condition counts a value as true; a function is, unlike in ``$boolean``."""
    if isinstance(value, list):
        return any(truth(item) for item in value)
    return is_function(value) or bool(Functions.to_boolean(value))


def code_units(text: str) -> bytes:
    """Return a sort key for strings: their UTF-16 units."""
    return text.encode("utf-16-be", "surrogatepass")


def number_text(number: float) -> str:
    """A number as text, with at most 15 digits.

    Raises:
        JException: If it is not finite.
    """
    if not math.isfinite(number):
        raise failure("D3001", "Attempting to invoke string function on Infinity or NaN")
    rounded = float(f"{number:.{_EXACT}g}")
    if rounded == 0:
        return "0"
    mantissa, _, power = f"{rounded!r}e".partition("e")
    digits, exponent = _digits(mantissa, int(power.rstrip("e") or 0))
    sign = "-" if rounded < 0 else ""
    if exponent > _LARGEST or exponent <= _SMALLEST + 1:
        first, rest = digits[0], digits[1:]
        return f"{sign}{first}{'.' if rest else ''}{rest}e{exponent - 1:+d}"
    if exponent <= 0:
        return f"{sign}0.{'0' * -exponent}{digits}"
    if exponent >= len(digits):
        return f"{sign}{digits}{'0' * (exponent - len(digits))}"
    return f"{sign}{digits[:exponent]}.{digits[exponent:]}"


def text_of(value: Value, *, pretty: bool = False) -> str:
    """Return a value as ``$string`` writes it: a string unchanged, a function as nothing, all else as JSON."""
    if isinstance(value, str):
        return value
    return "" if is_function(value) else _json_text(value, "\n" if pretty else "")


def _digits(mantissa: str, power: int) -> tuple[str, int]:
    """Return the digits of a number, and the position of its point after the first of them."""
    integer, _, fraction = mantissa.lstrip("-").partition(".")
    written = integer + fraction
    digits = written.lstrip("0")
    return digits.rstrip("0"), len(integer) + power - (len(written) - len(digits))


def _json_text(value: Value, line: str) -> str:
    if value is NULL or isinstance(value, bool):
        return "null" if value is NULL else "true" if value else "false"
    if is_number(value):
        return number_text(value)
    if isinstance(value, (dict, list)) and not value:
        return "{}" if isinstance(value, dict) else "[]"
    inner = f"{line}  " if line else ""
    if isinstance(value, dict):
        colon = ": " if line else ":"
        members = [f"{_quoted(name)}{colon}{_json_text(item, inner)}" for name, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{line}}}"
    if isinstance(value, list):
        return f"[{inner}{f',{inner}'.join(_json_text(item, inner) for item in value)}{line}]"
    return _quoted("" if is_function(value) else value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPES)
