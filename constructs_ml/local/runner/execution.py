"""One execution of a state machine in the embedded AWS."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.integration import cache_steps, is_poll, standing_for_one
from constructs_ml.errors import LocalRunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from constructs_ml.asl.definition import State
    from constructs_ml.local.runner.event_log import EventLog, JobRecord, StateEvent

_POLL_SECONDS = 0.1
_HEAR_SECONDS = 5


class RunningAws(Protocol):
    """The part of the embedded AWS that stacks and executions use; see ``LocalAws``."""

    account: str
    region: str
    stand_in: frozenset[str]
    event_log: EventLog

    def client(self, service: str, **options: Any) -> Any:  # noqa: ANN401 - boto3 ships no types
        """A boto3 client with the run's own credentials."""

    def last_words(self) -> str:
        """The last line of the emulator's log."""


class Execution:
    """An execution, running or over.

    Args:
        aws: The embedded AWS.
        arn: Its ARN.

    Attributes:
        arn: Its ARN.
    """

    def __init__(self, aws: RunningAws, arn: str) -> None:
        self._aws, self.arn = aws, arn
        self._states = aws.client("stepfunctions")
        self._over: dict[str, Any] = {}

    def events(self, timeout: float | None = None) -> Iterator[StateEvent]:
        """Yield the events of its states until it ends.

        Args:
            timeout: Seconds after which to give up.

        Raises:
            LocalRunError: If it is not over by then.
        """
        seen, folding = 0, self.folding
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            # Asked first: an event of before the end is not missed after it.
            over = self.status != "RUNNING"
            if over:
                self._aws.event_log.await_over(self.arn, _HEAR_SECONDS)
            found = self._aws.event_log.states(self.arn, seen, 0 if over else _POLL_SECONDS)
            yield from map(folding.place, found)
            seen += len(found)
            if over and not found:
                return
            if deadline is not None and time.monotonic() > deadline:
                message = f"{self.arn} is not over after {timeout:g} s"
                raise LocalRunError(message)

    def wait(self, timeout: float | None = None) -> Execution:
        """Wait until it ends.

        Args:
            timeout: Seconds after which to give up.

        Returns:
            The execution itself.

        Raises:
            LocalRunError: If it is not over by then.
        """
        for _ in self.events(timeout):
            pass
        return self

    def stop(self, error: str = "Stopped", cause: str = "") -> None:
        """Stop it, and its jobs with it."""
        self._states.stop_execution(executionArn=self.arn, error=error, cause=cause)

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The definition of its state machine."""
        found = self._asked(self._states.describe_state_machine_for_execution)
        definition: dict[str, Any] = json.loads(found["definition"])
        return definition

    @property
    def folding(self) -> Folding:
        """The folding of its inner states, from its beginning."""
        return Folding(self.definition)

    @property
    def status(self) -> str:
        """``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``."""
        return str(self._described()["status"])

    @property
    def output(self) -> Any:  # noqa: ANN401 - any JSON
        """Its output, if it succeeded."""
        found = self._described()
        return json.loads(found["output"]) if found["status"] == "SUCCEEDED" else None

    @property
    def error(self) -> str | None:
        """The name of the error that it ended with."""
        return self._described().get("error")

    @property
    def cause(self) -> str | None:
        """The cause of that error."""
        return self._described().get("cause")

    @property
    def jobs(self) -> list[JobRecord]:
        """The jobs that it created, in their order."""
        return self._aws.event_log.jobs(self.arn)

    @property
    def simulated(self) -> list[str]:
        """The simulated parts of it, in words."""
        return self._aws.event_log.simulated(self.arn)

    @property
    def cached(self) -> list[str]:
        """The states of the cached jobs whose results are of earlier executions, in order; one passed twice occurs twice."""
        folding = self.folding
        return [event.state for event in map(folding.place, self._aws.event_log.states(self.arn)) if event.cached]

    @property
    def states_passed(self) -> list[str]:
        """The names of the states that it entered, in order, including inner ones; one entered twice occurs twice."""
        return [event.state for event in self._aws.event_log.states(self.arn) if event.status == "entered"]

    def _described(self) -> dict[str, Any]:
        if not self._over:
            found = self._asked(self._states.describe_execution)
            if found["status"] == "RUNNING":
                return found
            self._over = found
        return self._over

    def _asked(self, operation: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError

        try:
            return operation(executionArn=self.arn)
        except BotoCoreError as error:
            message = f"the embedded AWS has ended; {self._aws.last_words()}"
            raise LocalRunError(message) from error


class Folding:
    """The assignment of inner states to the states that stand for one call.

    Args:
        definition: The definition, as JSON data.

    Attributes:
        outer: The states that stand for one call, by the names of the states inside them.
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.outer: dict[str, str] = {}
        self._polling: set[str] = set()
        # The cached jobs by their steps that run them.
        self._runs: dict[str, str] = {}
        # Counted for each iteration of the Maps around.
        self._ran: Counter[tuple[str, tuple[int, ...]]] = Counter()
        for state in standing_for_one(read_definition(definition)):
            self._runs |= {step.name: state.name for step in _running(state)}
            for inner in state.inner[0].walk():
                self.outer.setdefault(inner.name, state.name)
                if is_poll(inner):
                    self._polling.add(inner.name)
        self._polls: Counter[tuple[str, tuple[int, ...]]] = Counter()

    def place(self, event: StateEvent) -> StateEvent:
        """Return an event with the state that contains its own, or for one that stands for one call its polls and its origin.

        Args:
            event: The next event of the execution.
        """
        within = self.outer.get(event.state, "")
        here = (within or event.state, event.iterations)
        if within:
            self._polls[here] += event.status == "entered" and event.state in self._polling
            self._ran[here] += event.status == "succeeded" and event.state in self._runs
            return replace(event, within=within)
        if event.status == "succeeded" and event.state in self._runs.values():
            return replace(event, cached=not self._take_run(here))
        if event.status == "entered":
            del self._polls[here]
        return replace(event, polls=self._polls[here]) if self._polls[here] else event

    def polls(self, event: StateEvent) -> int:
        """Return the number of polls so far of the state that contains an event's own.

        Args:
            event: An event that was placed, of an inner state.
        """
        return self._polls[event.within, event.iterations]

    def _take_run(self, here: tuple[str, tuple[int, ...]]) -> bool:
        """Return whether a cached job has run, and not only looked its result up; each run counts once."""
        ran = self._ran[here] > 0
        self._ran[here] -= ran
        return ran


def _running(state: State) -> Iterator[State]:
    """Yield the state inside a cached job that runs it: the call, or the Parallel that classifies the failures of the call."""
    looking = cache_steps(state)
    for step in state.inner[0].states.values() if looking else ():
        within = [step, *(each for scope in step.inner for each in scope.walk())]
        if step not in looking and any(each.resource.endswith(".sync") for each in within):
            yield step
