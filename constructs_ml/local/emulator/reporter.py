"""Reports to the user's process about states that are entered, left, retried and caught, also inside Parallel and Map.

The methods go around functions of the emulator (engine.py), which each gets as its first argument.
"""

from __future__ import annotations

import contextlib
import contextvars
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local.host.channel import Channel

# What the emulator hands to its functions: it ships no types, and the payloads are any JSON.
_Data = Any


@dataclass
class Current:
    """The state that a thread executes.

    Attributes:
        execution: The ARN of its execution.
        name: Its name; none once a Catch has left it.
        attempt: The number of the attempt, from 1.
        iterations: The numbers of the iterations of the Maps around it, outermost first, from 0.
    """

    execution: str = ""
    name: str = ""
    attempt: int = 1
    iterations: tuple[int, ...] = ()


_current: contextvars.ContextVar[Current | None] = contextvars.ContextVar("current", default=None)
_iterations: contextvars.ContextVar[tuple[int, ...]] = contextvars.ContextVar("iterations", default=())
_names: contextvars.ContextVar[dict[int, str] | None] = contextvars.ContextVar("names", default=None)


class Reporter:
    """Reporter of what states do.

    Args:
        channel: To the user's process.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @property
    def current(self) -> Current:
        """The state that this thread executes."""
        return _current.get() or Current()

    @contextlib.contextmanager
    def naming(self, states: dict[str, Any], iteration: int | None = None) -> Iterator[None]:
        """Note the names of a branch's states while the branch runs.

        Branches share one context, in which another branch may have written its state's name meanwhile.

        Args:
            states: The states of the branch.
            iteration: The number of the iteration of a Map that runs them; None for a branch of a Parallel.
        """
        token = _names.set({id(state): name for name, state in states.items()})
        within = _iterations.get()
        inner = _iterations.set(within if iteration is None else (*within, iteration))
        try:
            yield
        finally:
            _iterations.reset(inner)
            _names.reset(token)

    @contextlib.contextmanager
    def executing(self, state: dict[str, Any], context: dict[str, Any]) -> Iterator[None]:
        """Report a state around its execution."""
        current = _named(state, context)
        token = _current.set(current)
        self._report("entered", current)
        try:
            yield
        except Exception as error:
            self._report("failed", current, error=str(getattr(error, "error", type(error).__name__)))
            raise
        else:
            if current.name:
                self._report("succeeded", current)
        finally:
            _current.reset(token)

    def input_path_applied(
        self, original: Callable[..., Any], state: dict[str, Any], data: _Data, context: _Data = None
    ) -> _Data:
        """Report a Succeed state, for which no other function of the emulator is called."""
        if state.get("Type") == "Succeed" and context and context.get("Execution"):
            current = _named(state, context)
            self._report("entered", current)
            self._report("succeeded", current)
        return original(state, data, context)

    def fail_state_reached(
        self, original: Callable[..., Any], state: dict[str, Any], data: _Data, context: _Data = None
    ) -> _Data:
        """Report a Fail state."""
        error, cause = original(state, data, context)
        if context and context.get("Execution"):
            current = _named(state, context)
            self._report("entered", current)
            self._report("failed", current, error=str(error))
        return error, cause

    def retrier_looked_for(self, original: Callable[..., Any], retriers: _Data, error: str, counts: _Data) -> _Data:
        """Report a retry, and count it."""
        retrier, index = original(retriers, error, counts)
        current = _current.get()
        if retrier is not None and current:
            self._report("retried", current, error=error, cause=_cause())
            current.attempt += 1
        return retrier, index

    def catcher_looked_for(self, original: Callable[..., Any], catchers: _Data, error: str) -> _Data:
        """Report a catch, after which the state has no success to report."""
        catcher = original(catchers, error)
        current = _current.get()
        if catcher is not None and current:
            self._report("caught", current, error=error, cause=_cause())
            current.name = ""
        return catcher

    def _report(self, status: str, current: Current, **members: str) -> None:
        self._channel.send(
            "state",
            execution=current.execution,
            state=current.name,
            status=status,
            attempt=current.attempt,
            iterations=current.iterations,
            **members,
        )


def _cause() -> str:
    """Return the cause of the error that the emulator handles; it passes only the name to retriers and catchers."""
    return str(getattr(sys.exc_info()[1], "cause", None) or "")


def _named(state: dict[str, Any], context: dict[str, Any]) -> Current:
    name = (_names.get() or {}).get(id(state)) or (context.get("State") or {}).get("Name", "")
    return Current((context.get("Execution") or {}).get("Id", ""), name, iterations=_iterations.get())
