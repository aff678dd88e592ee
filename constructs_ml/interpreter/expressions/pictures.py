"""``$formatNumber``: numbers by a picture, as ``#,##0.00``.

Source: XPath and XQuery Functions and Operators 3.1, "Formatting numbers", which the language refers to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.interpreter.expressions.numbers import rounded
from constructs_ml.interpreter.expressions.values import failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "decimal-separator": ".",
        "grouping-separator": ",",
        "exponent-separator": "e",
        "minus-sign": "-",
        "percent": "%",
        "per-mille": "\u2030",
        "zero-digit": "0",
        "digit": "#",
        "pattern-separator": ";",
    }
)
_MOST = 2
_WRITTEN_OUT = 1e21


@dataclass(frozen=True, slots=True)
class _Picture:
    """A part of a picture: that for positive numbers, or that for negative ones.

    Attributes:
        text: The part.
        symbols: The meaning of its characters.
        prefix: The text before the number.
        suffix: The text after it.
        integer: Its digits before the point.
        fraction: Those behind it.
        exponent: Those of the exponent; None if it has none.
    """

    text: str
    symbols: Mapping[str, str]
    prefix: str = field(init=False)
    suffix: str = field(init=False)
    integer: str = field(init=False)
    fraction: str = field(init=False)
    exponent: str | None = field(init=False)

    def __post_init__(self) -> None:
        """Parse it.

        Raises:
            JException: If it is not a picture.
        """
        symbols = self.symbols
        names = ("decimal-separator", "grouping-separator", "digit", "pattern-separator")
        active = {*self.digits, *(symbols[name] for name in names)}
        places = [at for at, character in enumerate(self.text) if character in active]
        if not places:
            raise _wrong("D3085")
        first, last = places[0], places[-1] + 1
        number = self.text[first:last]
        mantissa, separator, exponent = number.partition(symbols["exponent-separator"])
        integer, _, fraction = mantissa.partition(symbols["decimal-separator"])
        values = {
            "prefix": self.text[:first],
            "suffix": self.text[last:],
            "integer": integer,
            "fraction": fraction,
            "exponent": exponent if separator else None,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        passive = any(character not in active | {symbols["exponent-separator"]} for character in number)
        self._check(passive=passive, mantissa=mantissa)

    @property
    def digits(self) -> list[str]:
        """The required digits, from zero on."""
        return [chr(ord(self.symbols["zero-digit"]) + value) for value in range(10)]

    def least(self, part: str) -> int:
        """The least number of digits of a part."""
        return sum(character in self.digits for character in part)

    def most(self, part: str) -> int:
        """The greatest number of digits of a part."""
        return self.least(part) + part.count(self.symbols["digit"])

    def groups(self, part: str, digits: Callable[[str, int], str]) -> list[int]:
        """The number of digits on one side of each grouping separator."""
        separator = self.symbols["grouping-separator"]
        return [self.most(digits(part, at)) for at, character in enumerate(part) if character == separator]

    def _check(self, *, passive: bool, mantissa: str) -> None:
        point, separator, digit = (self.symbols[name] for name in ("decimal-separator", "grouping-separator", "digit"))
        percent, mille = self.text.count(self.symbols["percent"]), self.text.count(self.symbols["per-mille"])
        optional, optional_end = self.integer.find(digit), self.fraction.rfind(digit)
        faults = {
            "D3081": self.text.count(point) > 1,
            "D3082": percent > 1,
            "D3083": mille > 1,
            "D3084": bool(percent and mille),
            "D3085": not self.most(mantissa),
            "D3086": passive,
            "D3087": f"{separator}{point}" in self.text or f"{point}{separator}" in self.text,
            "D3088": point not in self.text and self.integer.endswith(separator),
            "D3089": separator * 2 in self.text,
            "D3090": optional >= 0 and self.least(self.integer[:optional]) > 0,
            "D3091": optional_end >= 0 and self.least(self.fraction[optional_end:]) > 0,
            "D3092": bool(self.exponent and (percent or mille)),
            "D3093": self.exponent is not None and self.least(self.exponent) != (len(self.exponent) or -1),
        }
        for code, found in faults.items():
            if found:
                raise _wrong(code)


def format_number(value: float | None, picture: str, options: Mapping[str, str] | None = None) -> str | None:
    """A number by a picture.

    Args:
        value: The number.
        picture: The picture, or two with a separator: of positive and of negative numbers.
        options: Other characters than the usual ones.

    Raises:
        JException: If it is not a picture.
    """
    if value is None:
        return None
    symbols = {**_SYMBOLS, **(options or {})}
    parts = picture.split(symbols["pattern-separator"])
    if len(parts) > _MOST:
        raise _wrong("D3080")
    pictures = [_Picture(part, symbols) for part in parts]
    shape = pictures[0] if value >= 0 else pictures[-1]
    minus = symbols["minus-sign"] if value < 0 and len(pictures) == 1 else ""
    scale = 100 if symbols["percent"] in shape.text else 1000 if symbols["per-mille"] in shape.text else 1
    mantissa, power = _scaled(value * scale, shape)
    number = _grouped(*_sized(mantissa, shape), shape)
    if power is not None:
        least = shape.least(shape.exponent or "")
        sign = symbols["minus-sign"] if power < 0 else ""
        number += symbols["exponent-separator"] + sign + _in_digits(f"{abs(power):0{least}d}", shape)
    return f"{minus}{shape.prefix}{number}{shape.suffix}"


def _scaled(value: float, shape: _Picture) -> tuple[float, int | None]:
    """Return a number and the power of ten to multiply it by."""
    if shape.exponent is None:
        return value, None
    largest, power = 10 ** shape.least(shape.integer), 0
    # Zero, which no power makes larger, stays as it is.
    while value and value < largest / 10:
        value, power = value * 10, power - 1
    while value > largest:
        value, power = value / 10, power + 1
    return value, power


def _sized(value: float, shape: _Picture) -> tuple[str, str]:
    """Return the digits of a number before and after the point, in the required number."""
    most = shape.most(shape.fraction)
    least, least_fraction = shape.least(shape.integer), shape.least(shape.fraction)
    if not least and not most:
        least, least_fraction, most = (0, 1, 1) if shape.exponent is not None else (1, 0, 0)
    if shape.exponent is not None and not least and shape.symbols["digit"] in shape.integer:
        least = 1
    if not least and not least_fraction:
        least_fraction = 1
    # Of a number that has an exponent in JavaScript the reference takes what is written for its digits.
    text = f"{abs(rounded(value, most)):.{most}f}" if abs(value) < _WRITTEN_OUT else repr(abs(float(value)))
    integer, _, fraction = text.partition(".")
    return integer.lstrip("0").rjust(least, "0"), fraction.rstrip("0").ljust(least_fraction, "0")


def _grouped(integer: str, fraction: str, shape: _Picture) -> str:
    point, separator = shape.symbols["decimal-separator"], shape.symbols["grouping-separator"]
    places = shape.groups(shape.integer, lambda part, at: part[at:])
    size = reduce(math.gcd, places, 0)
    if size and all(size * count in places for count in range(1, len(places) + 1)):
        places = list(range(size, len(integer), size))
        integer_parts = _cut(_in_digits(integer, shape), [len(integer) - place for place in reversed(places)])
    else:
        # A group that the number is too short for has a separator all the same, as the reference has it.
        short = [place for place in places if place > len(integer)]
        cuts = [len(integer) - place for place in places if place <= len(integer)]
        integer_parts = [*([""] * len(short)), *_cut(_in_digits(integer, shape), cuts)]
    cuts = [place for place in shape.groups(shape.fraction, lambda part, at: part[:at]) if place <= len(fraction)]
    fraction_text = separator.join(_cut(_in_digits(fraction, shape), cuts))
    return separator.join(integer_parts) + (point + fraction_text if fraction_text else "")


def _cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *places, len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def _in_digits(text: str, shape: _Picture) -> str:
    return "".join(shape.digits[int(character)] if character.isdigit() else character for character in text)


def _wrong(code: str) -> Exception:
    error: Exception = failure(code, "the picture string of the formatNumber function is not valid")
    return error
