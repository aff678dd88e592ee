"""Number functions."""

from __future__ import annotations

import decimal
import math
import re

from jsonata.functions import Functions

from constructs_ml.interpreter.expressions.values import NULL, Value, failure, whole

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_OTHER_BASES = re.compile(r"0([xX][0-9A-Fa-f]+|[oO][0-7]+|[bB][01]+)")
_START = re.compile(r"\s*([+-]?\d+)")
_EXACT = decimal.Context(prec=400)


def number(value: Value) -> Value:
    """A string or a boolean as a number.

    Raises:
        JException: If it is none.
    """
    if value is None or not isinstance(value, (bool, str)):
        return value
    if isinstance(value, bool):
        return int(value)
    if _OTHER_BASES.fullmatch(value):
        return int(value, 0)
    if not _DECIMAL.fullmatch(value) or not math.isfinite(float(value)):
        raise failure("D3030", f'Unable to cast value to a number: "{value}"')
    return whole(float(value))


def rounded(value: float, places: int) -> float:
    """Round a number to some decimal digits, half to even, by its decimal notation."""
    if not math.isfinite(value):
        return value
    unit = decimal.Decimal(1).scaleb(-places)
    return float(decimal.Decimal(repr(value)).quantize(unit, decimal.ROUND_HALF_EVEN, _EXACT))


def round_number(value: Value, places: Value = None) -> Value:
    """Round a number.

    Raises:
        JException: If the number of places is not an integer, or is too large.
    """
    if value is None:
        return None
    places = 0 if places is None else whole(places)
    if not isinstance(places, int) or abs(places) > _EXACT.prec // 2:
        raise failure("D1001", f"Number out of range: {places} places")
    return whole(rounded(value, places))


def parse_integer(text: Value, picture: str) -> Value:
    """Parse an integer by a picture; characters after the digits are ignored.

    Raises:
        JException: If it begins with none.
    """
    try:
        return Functions.parse_integer(text, picture)
    except ValueError as error:
        start = _START.match(text)
        if start is None:
            raise failure("D1001", f'"{text}" is not an integer') from error
        return int(start[1])


def is_numbers(values: list[Value]) -> bool:
    """Return whether all are numbers."""
    return all(isinstance(each, (int, float)) and not isinstance(each, bool) and each is not NULL for each in values)
