"""Reachability among the states of a scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from constructs_ml.asl.schema import PROCESSOR, STATES, TOP
from constructs_ml.asl.values import entries, is_later
from constructs_ml.spelling import nearest

if TYPE_CHECKING:
    from constructs_ml.asl.definition import Scope, State

LAST = ("Succeed", "Fail")
"""The types that end a scope."""


def reached(scope: Scope) -> set[str]:
    """Return the states that are reachable from the first, itself included."""
    return _ahead(scope, [scope.start])


def loops(state: State) -> bool:
    """Return whether a state can be reached from itself."""
    return state.name in _ahead(state.scope, [way.target for way in state.transitions])


def leads_to(state: State, name: str) -> bool:
    """Return whether another state can be reached from a state."""
    return name in _ahead(state.scope, [way.target for way in state.transitions])


def ends(state: State) -> bool:
    """Return whether a scope can end after a state."""
    return state.type in LAST or state.body.get("End") is True


def is_sound(state: State) -> bool:
    """Return whether the transitions of a state are well-formed; other rules report those that are not."""
    if state.type not in STATES or any(way.target not in state.scope.states for way in state.transitions):
        return False
    if any(not isinstance(handler.get("Next"), str) for _, handler in entries(state.body.get("Catch"))):
        return False
    if state.type == "Choice":
        ways = entries(state.body.get("Choices"))
        return bool(ways) and all(isinstance(way.get("Next"), str) for _, way in ways)
    return ends(state) or isinstance(state.body.get("Next"), str)


def trapped(scope: Scope) -> list[str]:
    """Return the reachable states from which no end can be reached, in the order in which they are written."""
    here = reached(scope)
    free = {name for name in here if ends(scope.states[name]) or not is_sound(scope.states[name])}
    leading: dict[str, list[str]] = {}
    for name in here:
        for way in scope.states[name].transitions:
            leading.setdefault(way.target, []).append(name)
    ahead = list(free)
    while ahead:
        for name in leading.get(ahead.pop(), ()):
            if name not in free:
                free.add(name)
                ahead.append(name)
    return [name for name in scope.states if name in here - free]


def written(scope: Scope) -> Mapping[str, object]:
    """Return all entries of ``States``, including those that are not objects."""
    states = scope.body.get("States")
    return {str(name): state for name, state in states.items()} if isinstance(states, Mapping) else {}


def misspells(scope: Scope, field: str) -> bool:
    """Return whether a scope has an unknown field that is probably a misspelling of this one."""
    return any(nearest(name, [field]) for name in scope.body if name not in TOP and name not in PROCESSOR)


def is_state(name: str, scope: Scope) -> bool:
    """Return whether a scope has a state of this name, or may have one after deployment."""
    return name in scope.states or name in (names := written(scope)) or is_later(name) or any(map(is_later, names))


def _ahead(scope: Scope, names: list[str]) -> set[str]:
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in scope.states and name not in found:
            found.add(name)
            names += [way.target for way in scope.states[name].transitions]
    return found
