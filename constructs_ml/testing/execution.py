"""The result of a simulated execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.testing.recorder import Step, Way


@dataclass(frozen=True)
class Execution:
    """A simulated execution that has ended.

    Attributes:
        status: ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
        path: The states that it entered, in order; without those inside Parallel and Map states, see :meth:`paths`.
        input: Its input.
        output: Its output; None unless it succeeded.
        error: The error that it ended with, if any.
        cause: That error's cause.
        waited: The simulated seconds that it took.
        events: About how many events its history has; an execution may have 25,000.
        stopped: The states whose jobs were running when they were interrupted: Step Functions stops such jobs.
        unused: The number of unused outcomes of the script, by state.
    """

    status: str
    path: tuple[str, ...]
    input: Any
    output: Any
    error: str | None
    cause: str | None
    waited: float
    events: int
    stopped: tuple[str, ...]
    unused: Mapping[str, int]
    _names: tuple[str, ...] = field(repr=False)
    _requests: Mapping[str, list[Any]] = field(repr=False)
    _ways: tuple[Way, ...] = field(repr=False)

    def attempts(self, state: str) -> int:
        """Return the number of attempts of a state, over all branches and iterations; 0 if it was not reached.

        For a state that polls, such as ``AutoMLJob``, the number of times that it started the resource; for a cached job, the
        number of times that it started the job.

        Args:
            state: Its name.

        Raises:
            SimulationError: If there is no such state.
        """
        steps = self._steps(state)
        return len(self._requests[state]) if state in self._requests else sum(1 + step.retried for step in steps)

    def requests(self, state: str) -> tuple[Any, ...]:
        """Return the requests that a state sent, one for each attempt.

        Args:
            state: Its name.

        Raises:
            SimulationError: If there is no such state.
        """
        self._known(state)
        return tuple(self._requests.get(state, ()))

    def outputs(self, state: str) -> tuple[Any, ...]:
        """Return the outputs of a state, one for each time that it was left.

        Args:
            state: Its name.

        Raises:
            SimulationError: If there is no such state.
        """
        return tuple(step.output for step in self._steps(state) if step.left)

    def errors(self, state: str) -> tuple[str, ...]:
        """Return the last error of a state for each time that it failed, caught or not.

        Args:
            state: Its name.

        Raises:
            SimulationError: If there is no such state.
        """
        return tuple(step.failed for step in self._steps(state) if step.failed)

    def paths(self, state: str) -> tuple[tuple[str, ...], ...]:
        """Return the states that each branch of a Parallel, or each iteration of a Map, entered.

        Args:
            state: The name of the Parallel or Map.

        Raises:
            SimulationError: If there is no such state.
        """
        self._known(state)
        return tuple(path_of(way) for way in self._ways if way.around is not None and way.around.name == state)

    def _steps(self, state: str) -> list[Step]:
        self._known(state)
        return [step for way in self._ways for step in way.steps if step.name == state]

    def _known(self, state: str) -> None:
        if state not in self._names:
            near = did_you_mean(state, self._names) or f"; it has {', '.join(self._names)}"
            raise SimulationError(f"there is no state {state!r} in the definition{near}")


def path_of(way: Way) -> tuple[str, ...]:
    """Return the names of the states on a path."""
    return tuple(step.name for step in way.steps)
