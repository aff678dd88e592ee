"""The record of a simulated execution: the states that it enters, their branches, and their ends."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.interpreter.clock import Ended
from constructs_ml.interpreter.corrections import wrap
from constructs_ml.interpreter.corrections.state_call import STATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.clock import Clock

# MiniStack ships no types, and payloads are any JSON.
_Data = Any
MOST_EVENTS = 25_000
"""The greatest number of events in an execution's history."""
_EVENTS = {"Fail": 1, "Parallel": 4, "Map": 4}
_SHOWN = 8


@dataclass(eq=False, slots=True)
class Step:
    """A state that was entered.

    Attributes:
        name: Its name.
        context: The context object, as the state sees it.
        state: Its definition.
        data: Its input.
        output: Its output; None while it runs, and if it failed.
        left: Whether it handed anything on.
        failed: The last error that it met, unless a later attempt went well.
        caught: Whether a Catch led on.
        retried: The number of retries.
        calls: The number of its calls.
    """

    name: str
    context: dict[str, _Data]
    state: dict[str, _Data]
    data: _Data
    output: _Data = None
    left: bool = False
    failed: str = ""
    caught: bool = False
    retried: int = 0
    calls: int = 0


@dataclass(eq=False, slots=True)
class Way:
    """A path: the states that an execution, a branch or an iteration entered one after the other.

    Attributes:
        around: The state that they are inside of; None for the execution's own.
        outer: The way that this state is on.
        history: Counts the events of the execution that it is part of.
        steps: The states.
        known: Data for the states on this path.
    """

    around: Step | None = None
    outer: Way | None = None
    history: list[int] = field(default_factory=lambda: [2])
    steps: list[Step] = field(default_factory=list)
    known: dict[str, _Data] = field(default_factory=dict)


_way: contextvars.ContextVar[Way] = contextvars.ContextVar("way")
_step: contextvars.ContextVar[Step] = contextvars.ContextVar("step")


class Recorder:
    """The record of one execution.

    Args:
        module: The copy of MiniStack's interpreter that runs it.
        clock: The simulated time.
    """

    def __init__(self, module: _Data, clock: Clock) -> None:
        self._clock = clock
        self._error: type[Exception] = module._ExecutionError  # noqa: SLF001 - in interpreter.NAMES
        self.way = Way()
        self.ways: list[Way] = [self.way]
        self.requests: dict[str, list[_Data]] = {}
        _way.set(self.way)
        for state in STATES:
            wrap(module, f"_execute_{state}", self._executed)
        wrap(module, "_apply_input_path", self._input_applied)
        wrap(module, "_apply_output_path", self._output_applied)
        wrap(module, "_fail_state_error", self._fail_state)
        wrap(module, "_find_matching_retrier", self._retrier_found)
        wrap(module, "_apply_catcher", self._caught)
        wrap(module, "_run_sub_machine", self._inside)

    @property
    def step(self) -> Step:
        """The running state."""
        return _step.get()

    @property
    def current(self) -> Way:
        """The path of the running state."""
        return _way.get()

    def called(self, name: str, request: _Data) -> None:
        """Record a call of a state, under its own name or that of the state that contains it."""
        self.requests.setdefault(name, []).append(request)

    def count(self, events: int) -> None:
        """Count events.

        Raises:
            Interrupted: If there are too many, which ends the simulation.
        """
        way = self.current
        way.history[0] += events
        if way.history[0] > MOST_EVENTS:
            last = list(dict.fromkeys(step.name for step in reversed(way.steps[-4 * _SHOWN :])))
            names = ", ".join(reversed(last[:_SHOWN]))
            message = (
                f"the execution has had {MOST_EVENTS} events without an end, which is all that Step Functions allows"
            )
            self._clock.end(Ended("", SimulationError(f"{message}; it goes round in {names}")))

    def _executed(self, original: Callable[..., _Data], state: dict[str, _Data], data: _Data, *rest: _Data) -> _Data:
        step = self._enter(state, data, rest[-1])
        token = _step.set(step)
        try:
            output, following = original(state, data, *rest)
        except self._error as error:
            step.failed = error.error  # type: ignore[attr-defined]
            raise
        finally:
            _step.reset(token)
        step.output, step.left = output, True
        if not step.caught:
            step.failed = ""
        return output, following

    def _enter(self, state: dict[str, _Data], data: _Data, context: _Data) -> Step:
        step = Step(context["State"]["Name"], context, state, data)
        self.current.steps.append(step)
        self.count(_EVENTS.get(state["Type"], 2))
        return step

    def _input_applied(
        self, original: Callable[..., _Data], state: dict[str, _Data], data: _Data, ctx: _Data = None
    ) -> _Data:
        # Succeed and Fail states are not executed like others.
        if state.get("Type") != "Succeed" or ctx is None:
            return original(state, data, ctx)
        self._enter(state, data, ctx)
        return original(state, data, ctx)

    def _output_applied(
        self, original: Callable[..., _Data], state: dict[str, _Data], data: _Data, ctx: _Data = None
    ) -> _Data:
        if state.get("Type") != "Succeed" or ctx is None:
            return original(state, data, ctx)
        step = self.current.steps[-1]
        try:
            step.output = original(state, data, ctx)
        except self._error as error:
            step.failed = error.error  # type: ignore[attr-defined]
            raise
        step.left = True
        return step.output

    def _fail_state(
        self, original: Callable[..., _Data], state: dict[str, _Data], data: _Data, ctx: _Data = None
    ) -> _Data:
        step = self._enter(state, data, ctx)
        error, cause = original(state, data, ctx)
        step.failed = error
        return error, cause

    def _retrier_found(self, original: Callable[..., _Data], retriers: _Data, error: str, counts: _Data) -> _Data:
        self.step.failed = error
        retrier, index = original(retriers, error, counts)
        if retrier is not None:
            self.step.retried += 1
        return retrier, index

    def _caught(self, original: Callable[..., _Data], *args: _Data) -> _Data:
        self.step.caught = True
        return original(*args)

    def _inside(self, original: Callable[..., _Data], *args: _Data) -> _Data:
        *_, execution, context = args
        outer = self.current
        # An iteration of a distributed Map is an execution of its own.
        own = "mapRunArn" in execution and context["Execution"]["Name"] != execution["name"]
        way = Way(self.step, outer, history=[2] if own else outer.history)
        self.ways.append(way)
        token = _way.set(way)
        if self.step.state["Type"] == "Map" and not own:
            self.count(2)
        try:
            return original(*args)
        except self._error:
            if not own:
                self._clock.halt_siblings()
            raise
        finally:
            _way.reset(token)
