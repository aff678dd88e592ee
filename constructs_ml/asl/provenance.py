"""A lower bound for the number of events that an execution writes into its history.

Source: "Step Functions service quotas" of the Step Functions developer guide (25,000 events; none for Express workflows), and
the HistoryEvent types of its API: a state writes an event when it is entered and when it is exited; a task when it is
scheduled, started, submitted (if it waits for a job) and done; an iteration when it starts and when it ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import is_inline
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.integration import integration_of

if TYPE_CHECKING:
    from constructs_ml.asl.definition import Scope, State

LIMIT = 25_000

_VISIT, _TASK, _JOB, _GROUP, _ITERATION = 2, 5, 6, 4, 2
_RANGE_JSONATA = re.compile(r"\{%\s*\[\s*(-?\d{1,15})\s*\.\.\s*(-?\d{1,15})\s*\]\s*%\}")
_RANGE_JSONPATH = re.compile(r"States\.ArrayRange\(\s*(-?\d{1,15})\s*,\s*(-?\d{1,15})\s*,\s*([1-9]\d{0,14})\s*\)")


def iterations(state: State) -> int | None:
    """Return the number of items of a Map; None if it is known only at run time."""
    if state.language is Language.JSONATA:
        return _count(state.body.get("Items"))
    path = state.body.get("ItemsPath")
    makers = [
        other for other in state.scope.states.values() if any(way.target == state.name for way in other.transitions)
    ]
    if not isinstance(path, str) or len(makers) != 1 or makers[0].type != "Pass" or state.name == state.scope.start:
        return None
    return _count(_made(makers[0], path))


def events(state: State) -> int:
    """Return the fewest events that one visit of a state writes."""
    if state.type == "Task":
        call = integration_of(state)
        return _JOB if call is not None and call.waits else _TASK
    if state.type == "Parallel":
        return _GROUP + sum(map(shortest, state.inner))
    if state.type == "Map":
        each = sum(map(shortest, state.inner))
        return _GROUP + ((iterations(state) or 0) * (_ITERATION + each) if is_inline(state) else 0)
    return _VISIT


def shortest(scope: Scope) -> int:
    """Return the fewest events of a path through a scope; 0 if no path leads to its end."""
    best: dict[str, int] = {}
    ahead = [(0, scope.start)]
    while ahead:
        so_far, name = heappop(ahead)
        state = scope.states.get(name)
        if state is None or name in best:
            continue
        total = best[name] = so_far + events(state)
        # A path through a catcher may be shorter, as the error may occur at once.
        if state.body.get("End") is True or state.type in {"Succeed", "Fail"}:
            return total
        for way in state.transitions:
            heappush(ahead, (so_far + _VISIT if way.member.startswith("Catch") else total, way.target))
    return 0


def _count(value: Any) -> int | None:  # noqa: ANN401 - JSON
    """Return the number of items of a list or a literal range; None for other values."""
    if isinstance(value, list):
        return len(value)
    if isinstance(value, str):
        found = _RANGE_JSONATA.fullmatch(value) or _RANGE_JSONPATH.fullmatch(value)
        if found:
            first, last, *step = map(int, found.groups())
            return max(0, (last - first) // (step[0] if step else 1) + 1)
    return None


def _made(maker: State, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the value that a Pass state leaves at a path; None if it is not known."""
    if maker.body.get("OutputPath", "$") != "$" or maker.language is Language.JSONATA:
        return None
    for member in ("Result", "Parameters"):
        if member in maker.body:
            return _at(maker.body[member], maker.body.get("ResultPath", "$"), path)
    return None


def _at(value: Any, root: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the value at a path, given a value that lies at ``root``."""
    if not isinstance(root, str) or not (path == root or path.startswith(f"{root}.")):
        return None
    for name in filter(None, path[len(root) :].split(".")):
        if not isinstance(value, Mapping):
            return None
        value = value.get(f"{name}.$", value.get(name))
    return value
