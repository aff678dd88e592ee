"""What MiniStack lacks of variables, of paths, of JSONata, and of the context of a distributed Map's iterations.

MiniStack keeps variables that states in JSONata assign, and reads them in JSONata only; it knows no
brackets in a ``ResultPath``; it ignores the ``Output`` of a Parallel; it runs the iterations of a distributed Map under the name of the execution around them.
"""

from __future__ import annotations

import contextvars
import copy
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(.*)", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\['((?:[^'\\]|\\.)*)'\]")
_seen: contextvars.ContextVar[dict[str, Any]] = contextvars.ContextVar("variables")


def resolve_template(original: Callable[..., Any], template: Any, data: Any, ctx: Any = None) -> Any:  # noqa: ANN401 - JSON
    """Fills in a payload template, with the variables in sight."""
    token = _seen.set((ctx or {}).get("variables") or _seen.get({}))
    try:
        return original(template, data, ctx)
    finally:
        _seen.reset(token)


def resolve_path(original: Callable[..., Any], path: str, data: Any) -> Any:  # noqa: ANN401 - JSON
    """Follows a path, which may start at a variable: ``$order.number``."""
    found = _VARIABLE.fullmatch(path)
    if found is None:
        return original(path, data)
    return original(f"${found[2]}", _seen.get({}).get(found[1]))


def put_result(original: Callable[..., Any], path: str | None, data: Any, result: Any) -> Any:  # noqa: ANN401 - JSON
    """Puts a result where a ``ResultPath`` says, which may have names in brackets."""
    if path is None or "[" not in path:
        return original(path, data, result)
    *names, last = [dotted or quoted for dotted, quoted in _STEP.findall(path)]
    output = copy.deepcopy(data) if isinstance(data, dict) else {}
    place = output
    for name in names:
        if not isinstance(place.get(name), dict):
            place[name] = {}
        place = place[name]
    place[last] = result
    return output


def context_of_child(context: dict[str, Any], execution: dict[str, Any], data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The context object of states that run in an execution: in an iteration of a distributed Map, that iteration's."""
    around = context.get("Execution") or {}
    if "mapRunArn" not in execution or around.get("Name") == execution["name"]:
        return dict(context)
    return {**context, "Execution": {**around, "Name": execution["name"], "Input": data}, "variables": {}}


def parallel_output(sfn: Any, original: Callable[..., Any], state: dict[str, Any], data: Any, *rest: Any) -> Any:  # noqa: ANN401 - JSON
    """Runs the branches of a Parallel, and gives its ``Output`` if it is in JSONata.

    Args:
        sfn: MiniStack's module.
        original: Its function.
        state: The state.
        data: Its input.
        rest: The execution and the context.
    """
    results, following = original(state, data, *rest)
    if sfn._state_query_language(state, rest[-1]) == "JSONata":  # noqa: SLF001 - in engine.PRIVATE_NAMES
        results = sfn._apply_jsonata_output(state, data, rest[-1], result=results, default=results)  # noqa: SLF001
    return results, following
