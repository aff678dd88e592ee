"""Evaluates an expression of a state."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from constructs_ml.interpreter.expressions.language import Expression
from constructs_ml.interpreter.expressions.values import from_json, is_function, to_json

Sfn = Any
"""MiniStack's module, or a copy of it: it ships no types."""
Data = Any
"""Any JSON."""

ERROR = "States.QueryEvaluationError"
_MILLISECONDS = 1000
"""The time limit of an expression."""


def evaluate(  # noqa: PLR0917 - MiniStack's function has them
    sfn: Sfn,
    expression: str,
    raw_input: Data,
    ctx: dict[str, Data] | None = None,
    result: Data = None,
    error_output: Data = None,
) -> Data:
    """Return the value of an expression; replaces MiniStack's function.

    Args:
        sfn: MiniStack's module, or a copy of it.
        expression: The expression, without ``{% %}``.
        raw_input: The state's input.
        ctx: The context object, with the variables in sight.
        result: The state's result.
        error_output: The error that is caught.

    Raises:
        States.QueryEvaluationError: If it cannot be evaluated, or its value is nothing that JSON has.
    """
    context = ctx or {}
    states = {"input": raw_input, "result": result, "errorOutput": error_output, "context": context}
    try:
        parsed = sfn.jsonata.Jsonata.jsonata(expression, timeout=_MILLISECONDS)
        sfn._register_sfn_jsonata_functions(parsed)  # noqa: SLF001 - in pinned.LANGUAGE
        bindings = {name: from_json(value) for name, value in (context.get("variables") or {}).items()}
        value = parsed.evaluate(None, {**bindings, "states": from_json(states)})
        defined = value is not None and not is_function(value)
        found = to_json(value) if defined else None
    except Exception as error:
        code = getattr(error, "error", None)
        raise sfn._ExecutionError(ERROR, f"{code}: {error}" if code else str(error)) from error  # noqa: SLF001
    if not defined:
        cause = f"JSONata expression did not return a result: {expression}"
        raise sfn._ExecutionError(ERROR, cause)  # noqa: SLF001
    return found


def register(sfn: Sfn, expression: Expression) -> None:
    """Give an expression the random functions of AWS."""
    expression.register_lambda("random", sfn._sfn_jsonata_random)  # noqa: SLF001 - in pinned.LANGUAGE
    expression.register_lambda("uuid", sfn._sfn_jsonata_uuid)  # noqa: SLF001


def parse(text: str, timeout: int | None = None) -> Expression:
    """Parse an expression; replaces the library's own function.

    Args:
        text: Its text.
        timeout: The time limit in milliseconds.

    Raises:
        JException: If it cannot be parsed.
    """
    parsed = Expression(text)
    parsed.limit(timeout)
    return parsed


def take_over(sfn: Sfn) -> None:
    """Make MiniStack's module evaluate expressions with this package."""
    sfn.jsonata = SimpleNamespace(Jsonata=SimpleNamespace(jsonata=parse))
    sfn._register_sfn_jsonata_functions = partial(register, sfn)  # noqa: SLF001
    sfn._evaluate_jsonata = partial(evaluate, sfn)  # noqa: SLF001
