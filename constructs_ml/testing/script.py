"""The script of a simulation: the outcome of each attempt of a state."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.spelling import did_you_mean
from constructs_ml.testing.outcomes import Outcome

if TYPE_CHECKING:
    from constructs_ml.testing.machine import Machine

Chosen = Callable[[dict[str, Any], int], Outcome | None]
"""Chooses an outcome by the request and the number of the attempt, from 1."""
Outcomes = Outcome | Sequence[Outcome] | Chosen
"""The outcomes of a state's attempts: one for all, several in order, or a function that chooses."""


@dataclass(slots=True)
class Line:
    """The outcomes of one state.

    Attributes:
        always: The outcome of every attempt.
        waiting: The outcomes that are left, with how often each.
        choose: The function that chooses.
        asked: Whether the state has run.
    """

    always: Outcome | None = None
    waiting: deque[tuple[Outcome, int]] = field(default_factory=deque)
    choose: Chosen | None = None
    asked: bool = False

    @property
    def unused(self) -> int:
        """The number of remaining outcomes."""
        if self.always is not None or self.choose is not None:
            return 0 if self.asked else 1
        return sum(times for _, times in self.waiting)

    def next(self, request: dict[str, Any], attempt: int) -> Outcome | None:
        """Return the outcome of an attempt; None if the script has none for it."""
        self.asked = True
        if self.choose is not None:
            return self.choose(request, attempt)
        if self.always is not None or not self.waiting:
            return self.always
        outcome, times = self.waiting.popleft()
        if times > 1:
            self.waiting.appendleft((outcome, times - 1))
        return outcome


class Script:
    """A script.

    Args:
        given: The outcomes, by the names of states.
        machine: The definition that they are of.

    Raises:
        SimulationError: If a name is not that of a state that calls anything, or an outcome is not valid.
    """

    def __init__(self, given: Mapping[str, Outcomes], machine: Machine) -> None:
        self._machine = machine
        self._lines = {name: _line(name, outcomes) for name, outcomes in given.items()}
        for name in given:
            self._check(name)

    @property
    def unused(self) -> dict[str, int]:
        """The number of remaining outcomes, by state."""
        return {name: line.unused for name, line in self._lines.items() if line.unused}

    def has(self, name: str) -> bool:
        """Return whether a state is scripted."""
        return name in self._lines

    def never_asked(self, name: str) -> bool:
        """Return whether a scripted state never ran."""
        return not self._lines[name].asked

    def next(self, name: str, request: dict[str, Any], attempt: int) -> Outcome | None:
        """Return the outcome of the next attempt of a state; None if the script has none for it.

        Raises:
            SimulationError: If what chooses gave something else.
        """
        outcome = self._lines[name].next(request, attempt) if name in self._lines else None
        if outcome is not None and not isinstance(outcome, Outcome):
            raise SimulationError(f"{name}: the function must return an outcome or None, got {outcome!r}; {_FIX}")
        return outcome

    def _check(self, name: str) -> None:
        states = self._machine.states
        if name not in states:
            known = ", ".join(states)
            near = did_you_mean(name, states) or f"; it has {known}"
            raise SimulationError(f"there is no state {name!r} in the definition{near}")
        state = states[name]
        if state.type == "Task" or state in self._machine.around.values() or "ItemReader" in state.body:
            return
        inner = [found.name for scope in state.inner for found in scope.walk() if found.type == "Task"]
        fix = f"script the states in it: {', '.join(inner)}" if inner else "script a Task"
        raise SimulationError(f"{name} is a {state.type}, which makes no call itself; {fix}")


_FIX = "write one such as returns({...}) or fails('AlgorithmError: ...')"


def _line(name: str, outcomes: Outcomes) -> Line:
    if isinstance(outcomes, Outcome):
        if outcomes.times is None:
            return Line(always=outcomes)
        return Line(waiting=deque([(outcomes, outcomes.times)]))
    if isinstance(outcomes, Sequence) and not isinstance(outcomes, str):
        for outcome in outcomes:
            if not isinstance(outcome, Outcome):
                raise SimulationError(f"{name}: a list must hold outcomes, got {outcome!r}; {_FIX}")
        return Line(waiting=deque((outcome, outcome.times or 1) for outcome in outcomes))
    if callable(outcomes):
        return Line(choose=outcomes)
    raise SimulationError(f"{name}: its outcomes must be one, a list of them or a function, got {outcomes!r}; {_FIX}")
