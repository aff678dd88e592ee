"""Runtime values as texts of JSON, for what reads a text as JSON: SageMaker's training toolkit.

Source: "Intrinsic functions for JSONPath states" of the Step Functions developer guide, and ``$string`` of JSONata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Expression, Path

if TYPE_CHECKING:
    from constructs_ml.asl.expressions import Runtime

_QUOTED = (
    "($given := ({}); $type($given) = 'string' ? "
    "$substring($string([$given]), 1, $length($string([$given])) - 2) : $string($given))"
)
"""$string leaves a text as it is, but quotes it inside of a list."""


def quoted_json(value: Runtime) -> Path | Expression:
    """A value of any type as JSON, a text in its quotes."""
    try:
        jsonpath = value.jsonpath
    except ValueError:
        return Expression(_QUOTED.format(value.jsonata))
    try:
        return Path(f"States.JsonToString({jsonpath})", _QUOTED.format(value.jsonata))
    except ValueError:
        return Path(f"States.JsonToString({jsonpath})")
