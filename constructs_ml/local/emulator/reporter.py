"""Reports to the user's process about states that are entered, left, retried and caught, also inside Parallel and Map.

The methods go around functions of the emulator (engine.py), which each gets as its first argument.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import json
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
        visit: The number of the visit of the state, from 1: a state that is passed twice has two.
        outer: The visit of the Parallel or Map state around it; 0 if there is none.
        item: The index of the iteration of the Map around it; None if there is none.
        input: Its input.
        output: Its output, once it has one.
        iterations: The numbers of the iterations of the Maps around it, outermost first, from 0.
    """

    execution: str = ""
    name: str = ""
    attempt: int = 1
    visit: int = 0
    outer: int = 0
    item: int | None = None
    input: _Data = None
    output: _Data = None
    iterations: tuple[int, ...] = ()


_visits = itertools.count(1)
_MOST_DATA = 32_768
"""The most characters of an input or output that are reported."""
_current: contextvars.ContextVar[Current | None] = contextvars.ContextVar("current", default=None)
_iterations: contextvars.ContextVar[tuple[int, ...]] = contextvars.ContextVar("iterations", default=())
_names: contextvars.ContextVar[dict[int, str] | None] = contextvars.ContextVar("names", default=None)


class Reporter:
    """Reporter of what states do.

    Args:
        channel: To the user's process.
        with_data: Whether the inputs and outputs of states are reported too.
    """

    def __init__(self, channel: Channel, *, with_data: bool = False) -> None:
        self._channel, self._with_data = channel, with_data

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
    def executing(self, state: dict[str, Any], context: dict[str, Any], data: _Data = None) -> Iterator[Current]:
        """Report a state around its execution; whoever executes it notes its output."""
        current = _named(state, context, data)
        token = _current.set(current)
        self._report("entered", current)
        try:
            yield current
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
            current = _named(state, context, data)
            self._report("entered", current)
            current.output = original(state, data, context)
            self._report("succeeded", current)
        return original(state, data, context)

    def fail_state_reached(
        self, original: Callable[..., Any], state: dict[str, Any], data: _Data, context: _Data = None
    ) -> _Data:
        """Report a Fail state."""
        error, cause = original(state, data, context)
        if context and context.get("Execution"):
            current = _named(state, context, data)
            self._report("entered", current)
            self._report("failed", current, error=str(error), cause=str(cause or ""))
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

    def _report(self, status: str, current: Current, **members: Any) -> None:  # noqa: ANN401 - any JSON
        if self._with_data and status == "entered":
            members["input"] = _text(current.input)
        elif self._with_data and status == "succeeded":
            members["output"] = _text(current.output)
        if current.item is not None:
            members["item"] = current.item
        self._channel.send(
            "state",
            execution=current.execution,
            state=current.name,
            status=status,
            attempt=current.attempt,
            visit=current.visit,
            outer=current.outer,
            iterations=current.iterations,
            **members,
        )


def _cause() -> str:
    """Return the cause of the error that the emulator handles; it passes only the name to retriers and catchers."""
    return str(getattr(sys.exc_info()[1], "cause", None) or "")


def _named(state: dict[str, Any], context: dict[str, Any], data: _Data) -> Current:
    name = (_names.get() or {}).get(id(state)) or (context.get("State") or {}).get("Name", "")
    outer = _current.get() or Current()
    item = ((context.get("Map") or {}).get("Item") or {}).get("Index")
    execution = (context.get("Execution") or {}).get("Id", "")
    return Current(
        execution,
        name,
        visit=next(_visits),
        outer=outer.visit,
        item=item,
        input=data,
        iterations=_iterations.get(),
    )


def _text(data: _Data) -> str:
    """Return data as JSON; of much data the beginning."""
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_DATA else f"{text[:_MOST_DATA]}… ({len(text)} characters)"
