"""Members of the execution's input."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Expression, Path

if TYPE_CHECKING:
    from constructs_ml.asl.expressions import Runtime


def execution_input(*names: str | int) -> Path:
    """Return a path to a member of the execution's input, by names and indices of list items.

    Raises:
        ValueError: If no path can be written for a name, or one is a path itself.
    """
    if not names or any(isinstance(name, str) and (not name or set(name) & set("'\\`")) for name in names):
        raise ValueError(f"must be names without quotes and backslashes, got {', '.join(map(repr, names)) or 'none'}")
    for name in names:
        if not isinstance(name, (str, int)):
            raise ValueError(f"must be member names and list indices, got {name!r}")  # noqa: TRY004 - as for any other
        if isinstance(name, str) and _LIKE_A_PATH.search(name):
            raise ValueError(f"must be names, each of one member, got the path {name!r}; {_one_by_one(name)}")
        if isinstance(name, int) and (isinstance(name, bool) or name < 0):
            raise ValueError(f"must be member names and list indices from 0, got {name!r}")
    steps = (f"[{name}]" if isinstance(name, int) else f"['{name}']" for name in names)
    return Path("$$.Execution.Input" + "".join(steps))


_LIKE_A_PATH = re.compile(r"[.\[\]*]|^\$")


def _one_by_one(path: str) -> str:
    """Return the fix for a path that was passed as one name."""
    names = re.findall(r"[^.\[\]*$]+", path)
    shown = ", ".join(name if name.isdecimal() else repr(name) for name in names)
    whole = f"sfn.JsonPath.string_at(\"$$.Execution.Input['{path}']\") for a name that has such characters"
    return f"pass execution_input({shown}), or {whole}" if names else f"pass {whole}"


def as_json(value: Path | Expression) -> Path | Expression:
    """Return an expression for a value of any type as JSON."""
    if isinstance(value, Expression):
        return Expression(f"$string({value.jsonata})")
    return _computed(f"States.JsonToString({value.jsonpath})", "$string({})", value)


def doubled(value: Path | Expression) -> Path | Expression:
    """Return an expression for twice a number."""
    if isinstance(value, Expression):
        return Expression(f"2 * ({value.jsonata})")
    return _computed(f"States.MathAdd({value.jsonpath}, {value.jsonpath})", "2 * {}", value)


def _computed(jsonpath: str, jsonata: str, value: Path) -> Path:
    """Return a computed value; in JSONPath alone if the value has no counterpart in JSONata."""
    try:
        return Path(jsonpath, jsonata.format(value.jsonata))
    except ValueError:
        return Path(jsonpath)


# Runtime values as JSON strings, for readers that parse a string as JSON: SageMaker's training toolkit.
#
# Source: "Intrinsic functions for JSONPath states" of the Step Functions developer guide, and ``$string`` of JSONata.

_QUOTED = (
    "($given := ({}); $type($given) = 'string' ? "
    "$substring($string([$given]), 1, $length($string([$given])) - 2) : $string($given))"
)
"""``$string`` returns a string unchanged, but quotes it inside a list."""


def quoted_json(value: Runtime) -> Path | Expression:
    """Return an expression for a value of any type as JSON, with a string in quotes."""
    try:
        jsonpath = value.jsonpath
    except ValueError:
        return Expression(_QUOTED.format(value.jsonata))
    try:
        return Path(f"States.JsonToString({jsonpath})", _QUOTED.format(value.jsonata))
    except ValueError:
        return Path(f"States.JsonToString({jsonpath})")
