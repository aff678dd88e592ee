"""Values that are worked out from others when a workflow runs."""

from __future__ import annotations

from constructs_ml.asl.expressions import Expression, Path


def as_json(value: Path | Expression) -> Path | Expression:
    """A value of any type as a text of JSON."""
    if isinstance(value, Expression):
        return Expression(f"$string({value.jsonata})")
    return _computed(f"States.JsonToString({value.jsonpath})", "$string({})", value)


def doubled(value: Path | Expression) -> Path | Expression:
    """Twice a number."""
    if isinstance(value, Expression):
        return Expression(f"2 * ({value.jsonata})")
    return _computed(f"States.MathAdd({value.jsonpath}, {value.jsonpath})", "2 * {}", value)


def _computed(jsonpath: str, jsonata: str, value: Path) -> Path:
    """What is worked out from a value; in JSONPath alone, where the value has no counterpart in JSONata."""
    try:
        return Path(jsonpath, jsonata.format(value.jsonata))
    except ValueError:
        return Path(jsonpath)
