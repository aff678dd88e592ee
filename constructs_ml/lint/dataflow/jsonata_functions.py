"""The functions of JSONata 2.0.6, and those that Step Functions adds.

Source: the JSONata documentation, "Function library"; the Step Functions developer guide, "Transforming data with JSONata".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.lint.dataflow.shape import ANYTHING, BOOLEAN, NUMBER, STRING, array_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.lint.dataflow.shape import Shape

STRICT = frozenset(
    [
        "abs",
        "average",
        "base64decode",
        "base64encode",
        "ceil",
        "decodeUrl",
        "decodeUrlComponent",
        "encodeUrl",
        "encodeUrlComponent",
        "floor",
        "formatBase",
        "formatInteger",
        "formatNumber",
        "fromMillis",
        "join",
        "length",
        "lowercase",
        "number",
        "pad",
        "parseInteger",
        "power",
        "replace",
        "round",
        "split",
        "sqrt",
        "string",
        "substring",
        "substringAfter",
        "substringBefore",
        "sum",
        "toMillis",
        "trim",
        "uppercase",
    ]
)
"""Functions that yield nothing if their first argument is nothing."""
TESTING = frozenset(["append", "boolean", "count", "exists", "merge", "not", "type"])
"""Functions meant for values that may be missing."""
_TEXTS = [
    "base64decode",
    "base64encode",
    "decodeUrl",
    "decodeUrlComponent",
    "encodeUrl",
    "encodeUrlComponent",
    "formatBase",
    "formatInteger",
    "formatNumber",
    "fromMillis",
    "hash",
    "join",
    "lowercase",
    "now",
    "pad",
    "replace",
    "string",
    "substring",
    "substringAfter",
    "substringBefore",
    "trim",
    "type",
    "uppercase",
    "uuid",
]
_NUMBERS = [
    "abs",
    "average",
    "ceil",
    "count",
    "floor",
    "length",
    "max",
    "millis",
    "min",
    "number",
    "parseInteger",
    "power",
    "random",
    "round",
    "sqrt",
    "sum",
    "toMillis",
]
_OTHERS = [
    "append",
    "assert",
    "clone",
    "distinct",
    "each",
    "error",
    "filter",
    "keys",
    "lookup",
    "map",
    "match",
    "merge",
    "parse",
    "partition",
    "reduce",
    "reverse",
    "shuffle",
    "sift",
    "single",
    "sort",
    "spread",
    "zip",
]
GIVES: Mapping[str, Shape] = MappingProxyType(
    {
        **dict.fromkeys(_OTHERS, ANYTHING),
        **dict.fromkeys(_TEXTS, STRING),
        **dict.fromkeys(_NUMBERS, NUMBER),
        **dict.fromkeys(["boolean", "contains", "exists", "not"], BOOLEAN),
        "range": array_of(NUMBER),
        "split": array_of(STRING),
    }
)
"""The result of each function, by name."""
