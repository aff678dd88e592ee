"""The functions that Step Functions adds, except the random ones, ``$random`` and ``$uuid``.

Source: "Transforming data with JSONata in Step Functions", of the Step Functions developer guide.
"""

from __future__ import annotations

import hashlib
import json
import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.interpreter.expressions.values import Value, failure, from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHMS: Mapping[str, str] = MappingProxyType(
    {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
)
_MOST = 10_000_000
"""The greatest number of items in a range."""


def partition(values: Value, size: Value) -> Value:
    """Split a list into parts, the last of which may be shorter."""
    count = _whole("partition", size)
    if values is None or count < 1:
        raise failure("T0410", f"$partition needs a list and a positive size, got {count}")
    return [values[at : at + count] for at in range(0, len(values), count)]


def number_range(first: Value, last: Value, step: Value) -> Value:
    """Numbers from one to another, both included."""
    start, end, delta = (_whole("range", each) for each in (first, last, step))
    if not delta or abs(end - start) / abs(delta) > _MOST:
        raise failure("T0410", f"$range({start}, {end}, {delta}) is not a list, or is too long")
    return list(range(start, end + (1 if delta > 0 else -1), delta))


def hashed(text: Value, algorithm: Value) -> Value:
    """The hash of a string, in hexadecimal digits."""
    if text is None or algorithm not in _ALGORITHMS:
        raise failure("T0410", f"$hash needs a string and one of {', '.join(_ALGORITHMS)}, got {algorithm}")
    return hashlib.new(_ALGORITHMS[algorithm], text.encode()).hexdigest()


def parse(text: Value) -> Value:
    """The value of a JSON string, which has no NaN and no Infinity."""
    return None if text is None else from_json(json.loads(text, parse_constant=_no_constant))


def _no_constant(name: str) -> Value:
    raise failure("T0410", f"$parse needs JSON, which has no {name}")


def _whole(name: str, number: Value) -> int:
    """An integer; another number is rounded down."""
    if number is None:
        raise failure("T0410", f"${name} lacks a number")
    whole: int = math.floor(number)
    return whole
