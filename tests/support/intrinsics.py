"""A small reference evaluation of the intrinsic functions of JSONPath that the library writes.

Source: the Amazon States Language, appendix "Intrinsic Functions".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

UUID = "01234567-89ab-cdef-0123-456789abcdef"
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]")


def evaluate(expression: str, state_input: Any, context: Any = None) -> Any:
    """The value of a path or of a call of States.Format, States.Array or States.UUID."""
    value, rest = _expression(expression.strip(), state_input, context or {})
    assert not rest, f"trailing text in {expression!r}: {rest!r}"
    return value


def _expression(text: str, state_input: Any, context: Any) -> tuple[Any, str]:
    if text.startswith("States."):
        name, text = text.split("(", 1)
        arguments, text = _arguments(text, state_input, context)
        return _call(name, arguments), text
    if text.startswith("$"):
        return _path(text, state_input, context)
    if text.startswith("'"):
        return _text(text)
    found = re.match(r"true|false|null|-?\d+(\.\d+)?(e[+-]?\d+)?", text)
    assert found, f"not an expression: {text!r}"
    words = {"true": True, "false": False, "null": None}
    value = words[found[0]] if found[0] in words else float(found[0])
    return value, text[found.end() :]


def _arguments(text: str, state_input: Any, context: Any) -> tuple[list[Any], str]:
    found: list[Any] = []
    text = text.lstrip()
    while not text.startswith(")"):
        value, text = _expression(text, state_input, context)
        found.append(value)
        text = text.lstrip().removeprefix(",").lstrip()
    return found, text[1:]


def _text(text: str) -> tuple[str, str]:
    """A literal; escaped braces stay escaped, since only States.Format reads them."""
    out, at = "", 1
    while text[at] != "'":
        if text[at] == "\\" and text[at + 1] in "\\'":
            out += "\\\\" if text[at + 1] == "\\" else "'"
            at += 2
        else:
            out += text[at]
            at += 1
    return out, text[at + 1 :]


def _path(text: str, state_input: Any, context: Any) -> tuple[Any, str]:
    here, at = (context, 2) if text.startswith("$$") else (state_input, 1)
    while step := _STEP.match(text, at):
        name, quoted, index = step.groups()
        here = here[int(index)] if index is not None else here[name if name is not None else quoted]
        at = step.end()
    return here, text[at:]


def _call(name: str, arguments: list[Any]) -> Any:  # noqa: PLR0911 - a function each
    if name == "States.UUID":
        return UUID
    if name == "States.Array":
        return [_plain(item) if isinstance(item, str) else item for item in arguments]
    if name == "States.StringSplit":
        return [part for part in arguments[0].split(arguments[1]) if part]
    if name == "States.ArrayGetItem":
        return arguments[0][int(arguments[1])]
    if name == "States.MathAdd":
        return arguments[0] + arguments[1]
    if name in _OF_JSON:
        return _OF_JSON[name](*arguments)
    assert name == "States.Format", name
    template, *values = arguments
    out, at = "", 0
    while at < len(template):
        if template[at] == "\\":
            out += template[at + 1]
            at += 2
        elif template.startswith("{}", at):
            out += str(values.pop(0))
            at += 2
        else:
            assert template[at] not in "{}", f"a brace that is not escaped in {template!r}"
            out += template[at]
            at += 1
    assert not values, f"values left over: {values}"
    return out


def _json_merge(one: dict[str, Any], other: dict[str, Any], deep: bool) -> dict[str, Any]:
    assert deep is False, "only shallow merging is supported"
    return {**one, **other}


_OF_JSON: dict[str, Callable[..., Any]] = {
    "States.JsonMerge": _json_merge,
    "States.JsonToString": lambda value: json.dumps(value, separators=(",", ":")),
    "States.StringToJson": json.loads,
}


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
