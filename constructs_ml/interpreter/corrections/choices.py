"""Choice: MiniStack treats a missing path as null, lacks some comparisons, and assigns no variables in JSONPath.

In JSONata it takes any condition for a boolean, and ignores the ``Output`` of the state itself, which is that of its ``Default``.
"""

from __future__ import annotations

import contextvars
import re
from typing import TYPE_CHECKING

from constructs_ml.interpreter.corrections.variables import assign

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.state_call import Data, Sfn

_COMPARISON = re.compile(r"((?:String|Numeric|Boolean|Timestamp)\w+)Path")
_matched: contextvars.ContextVar[dict[str, Data] | None] = contextvars.ContextVar("matched", default=None)


def execute(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """Execute a Choice state, and assign the variables of the rule that holds, or else of the state."""
    if sfn._state_query_language(state, ctx) == "JSONata":  # noqa: SLF001 - in pinned.LANGUAGE
        return _execute_jsonata(sfn, state, data, ctx)
    token = _matched.set(None)
    try:
        done = original(state, data, ctx)
        rule = _matched.get()
    finally:
        _matched.reset(token)
    assign(sfn, state if rule is None else rule, sfn._apply_input_path(state, data, ctx), ctx)  # noqa: SLF001 - in pinned.LANGUAGE
    return done


def evaluate(sfn: Sfn, original: Callable[..., Data], rule: dict[str, Data], data: Data, ctx: Data = None) -> bool:
    """Return whether a rule of a Choice in JSONPath holds."""
    if "IsPresent" in rule:
        holds = _present(sfn, rule["Variable"], data, ctx) is rule["IsPresent"]
    elif "StringMatches" in rule:
        value = sfn._resolve_path_or_ctx(rule["Variable"], data, ctx)  # noqa: SLF001 - in pinned.LANGUAGE
        holds = isinstance(value, str) and _pattern(rule["StringMatches"]).fullmatch(value) is not None
    else:
        holds = bool(original(_with_values(sfn, rule, data, ctx), data, ctx))
    if holds:
        # Rules inside And, Or and Not are evaluated before the one around them: the last is the Choice's own.
        _matched.set(rule)
    return holds


def _execute_jsonata(sfn: Sfn, state: dict[str, Data], data: Data, ctx: Data) -> Data:
    taken, following = state, state.get("Default")
    for rule in state.get("Choices", []):
        # Fails unless it is a boolean.
        if sfn._jsonata_state_field(rule, "Condition", "boolean", data, ctx):  # noqa: SLF001
            taken, following = rule, rule["Next"]
            break
    if following is None:
        raise sfn._ExecutionError("States.NoChoiceMatched", "No choice rule matched and no Default")  # noqa: SLF001
    # A rule is in the language of its state, which MiniStack does not look up.
    taken = {**taken, "QueryLanguage": "JSONata"}
    output = sfn._apply_jsonata_output(taken, data, ctx, default=data)  # noqa: SLF001
    sfn._apply_state_assign(taken, data, ctx)  # noqa: SLF001
    return output, following


def _present(sfn: Sfn, path: str, data: Data, ctx: Data) -> bool:
    try:
        sfn._resolve_path_or_ctx(path, data, ctx)  # noqa: SLF001
    except sfn._ExecutionError:  # noqa: SLF001
        return False
    return True


def _with_values(sfn: Sfn, rule: dict[str, Data], data: Data, ctx: Data) -> dict[str, Data]:
    """Return a rule with values in the place of paths: MiniStack supports only some comparisons with paths."""
    valued = dict(rule)
    for member, path in rule.items():
        comparison = _COMPARISON.fullmatch(member)
        if comparison:
            del valued[member]
            valued[comparison[1]] = sfn._resolve_path_or_ctx(path, data, ctx)  # noqa: SLF001
    if "IsNumeric" in rule and isinstance(sfn._resolve_path_or_ctx(rule["Variable"], data, ctx), bool):  # noqa: SLF001
        return {"Variable": rule["Variable"], "IsBoolean": not rule["IsNumeric"]}
    return valued


def _pattern(text: str) -> re.Pattern[str]:
    r"""Return a regular expression for a pattern, in which ``*`` matches any characters, and ``\*`` a star."""
    parts = re.split(r"(\\.|\*)", text)
    return re.compile(
        "".join(".*" if part == "*" else re.escape(re.sub(r"\\(.)", r"\1", part)) for part in parts), re.DOTALL
    )
