"""The state that a thread executes, for functions of MiniStack that do not get it as an argument."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


STATES = ("pass", "task", "choice", "wait", "parallel", "map")
"""The types of states that MiniStack has a function for."""


@dataclass(frozen=True, slots=True)
class StateCall:
    """A running state, with the arguments of its call.

    Attributes:
        state: Its definition.
        context: Its context object, and the variables in sight.
        data: Its input.
    """

    state: dict[str, Data]
    context: dict[str, Data]
    data: Data


_current: contextvars.ContextVar[StateCall | None] = contextvars.ContextVar("state_call", default=None)


def current_call() -> StateCall:
    """Return the state that this thread executes; an empty one if there is none."""
    return _current.get() or StateCall({}, {}, None)


def executing(original: Callable[..., Data], state: dict[str, Data], data: Data, *rest: Data) -> Data:
    """Execute a state, and note it meanwhile."""
    context = rest[-1] or {}
    # MiniStack's context object lacks these two.
    around = context.get("Execution") or {}
    around.setdefault("RoleArn", "")
    around.setdefault("RedriveCount", 0)
    token = _current.set(StateCall(state, context, data))
    try:
        return original(state, data, *rest)
    finally:
        _current.reset(token)


def applying_fields(original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """Apply a path of a state, and note the state meanwhile: Succeed and Fail states are not executed like others."""
    token = _current.set(current_call() if ctx is None else StateCall(state, ctx, data))
    try:
        return original(state, data, ctx)
    finally:
        _current.reset(token)


Sfn = Any
"""MiniStack's module, or a copy of it: it ships no types."""
Data = Any
"""The JSON that MiniStack passes to its functions."""


def wrap(module: Sfn, name: str, wrapper: Callable[..., Data]) -> None:
    """Replace a function by one that gets the original as its first argument.

    Args:
        module: The module that has it.
        name: Its name.
        wrapper: The function that replaces it.
    """
    original = getattr(module, name)
    setattr(module, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))
