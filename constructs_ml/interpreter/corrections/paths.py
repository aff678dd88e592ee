"""Paths: MiniStack treats a missing path as null, reads no variables, and knows no brackets in a ``ResultPath``."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import member_steps
from constructs_ml.interpreter.corrections.state_call import current_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.state_call import Data, Sfn

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(.*)", re.DOTALL)
_CONTEXT = ("Execution", "State", "StateMachine")
_SHOWN = 500
UNFOLLOWED = "none, or of a kind that the emulator cannot follow"
"""The part of a failure's cause about filters, slices and functions."""
LARGEST = 262_144
"""Bytes that a state may pass on."""


def resolve_path(sfn: Sfn, original: Callable[..., Data], path: str, data: Data) -> Data:
    """Follow a path, which may start at a variable: ``$order.number``.

    Raises:
        States.Runtime: If it leads nowhere.
    """
    variable = _VARIABLE.fullmatch(path)
    if variable:
        known = current_call().context.get("variables") or {}
        if variable[1] not in known:
            raise _runtime(sfn, f"The variable '${variable[1]}' of the path '{path}' has not been assigned a value")
        path, data = f"${variable[2]}", known[variable[1]]
    if path.endswith("()"):
        raise _runtime(sfn, f"The JSONPath '{path}' is {UNFOLLOWED}")
    found = original(path, data)
    if found is None and path not in ("$", "") and not _leads_somewhere(sfn, path, data):
        raise _runtime(sfn, f"The JSONPath '{path}' could not be found in the input '{_shown(data)}'")
    return found


def put_result(sfn: Sfn, original: Callable[..., Data], path: str | None, data: Data, result: Data) -> Data:
    """Put a result at a ``ResultPath``, which may have names in brackets and indices of existing items.

    Raises:
        States.ResultPathMatchFailure: If there is no such place in the input.
    """
    if path in (None, "$"):
        return original(path, data, result)
    *steps, last = member_steps(str(path)[1:])
    output = copy.deepcopy(data)
    place = output
    for step in steps:
        if isinstance(place, dict) and isinstance(step, str) and place.get(step) is None:
            place[step] = {}
        if not _has(place, step):
            raise _unplaced(sfn, path, data)
        place = place[step]
    if not (_has(place, last) or (isinstance(place, dict) and isinstance(last, str))):
        raise _unplaced(sfn, path, data)
    place[last] = result
    return output


def _has(place: Data, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(place, dict) and step in place
    return isinstance(place, list) and step < len(place)


def output(sfn: Sfn, original: Callable[..., Data], *args: Data, **kwargs: Data) -> Data:
    """Return the output of a state; MiniStack limits neither its size nor that of the result.

    Raises:
        States.DataLimitExceeded: If either is too large.
    """
    check_size(sfn, kwargs.get("result"))
    found = original(*args, **kwargs)
    check_size(sfn, found)
    return found


def succeed(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """Return the output of a state; for a Succeed in JSONata its ``Output``, which MiniStack ignores."""
    if state.get("Type") == "Succeed" and sfn._state_query_language(state, ctx) == "JSONata":  # noqa: SLF001
        return sfn._apply_jsonata_output(state, data, ctx, default=data)  # noqa: SLF001
    return original(state, data, ctx)


def check_size(sfn: Sfn, value: Data) -> None:
    """Check that a payload is not too large.

    Raises:
        States.DataLimitExceeded: If it is.
    """
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode())
    if size > LARGEST:
        name = (current_call().context.get("State") or {}).get("Name", "")
        cause = (
            f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit"
        )
        raise sfn._ExecutionError("States.DataLimitExceeded", cause)  # noqa: SLF001 - in pinned.LANGUAGE


def _leads_somewhere(sfn: Sfn, path: str, data: Data) -> bool:
    tokens = sfn._parse_jsonpath_tokens(path)  # noqa: SLF001 - in pinned.LANGUAGE
    if tokens is None:
        raise _runtime(sfn, f"The JSONPath '{path}' is {UNFOLLOWED}")
    for kind, step in tokens:
        if kind == "field":
            if not isinstance(data, dict) or step not in data:
                return False
        elif not isinstance(data, list) or step >= len(data):
            return False
        data = data[step]
    return True


def _unplaced(sfn: Sfn, path: str | None, data: Data) -> Exception:
    cause = f"Unable to apply ReferencePath {path} to input {_shown(data)}"
    error: Exception = sfn._ExecutionError("States.ResultPathMatchFailure", cause)  # noqa: SLF001 - in pinned.LANGUAGE
    return error


def _runtime(sfn: Sfn, cause: str) -> Exception:
    error: Exception = sfn._ExecutionError("States.Runtime", cause)  # noqa: SLF001 - in pinned.LANGUAGE
    return error


def _shown(data: Data) -> str:
    shown = {key: value for key, value in data.items() if key != "variables"} if _is_context(data) else data
    text = json.dumps(shown, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _is_context(data: Data) -> bool:
    return isinstance(data, dict) and "variables" in data and all(name in data for name in _CONTEXT)
