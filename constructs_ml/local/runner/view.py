"""The state of a running execution as a tree: events come in, nodes change. It knows no terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.local.runner.event_log import JobRecord, LogLine, MetricValue, StateEvent
from constructs_ml.local.runner.execution import Folding
from constructs_ml.local.runner.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.local.runner.event_log import Message
    from constructs_ml.local.runner.places import Path

RUNNING = "running"
STOPPED = "stopped"
_CANCELLED = "CancelledError"
"""The error that the emulator reports for states whose execution or siblings ended."""
_LINE = 2000
_KEPT = 50
"""The number of iterations from which on those that have succeeded are put away."""


@dataclass(eq=False)
class JobView:
    """A job of a state.

    Attributes:
        name: Its name.
        status: The status that its last description has; empty before there is one.
        line: The beginning of the last line that it wrote, as it wrote it.
        metrics: The last value of each metric.
        is_trial: True if a tuning job started it.
    """

    name: str
    status: str = ""
    line: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    is_trial: bool = False


@dataclass(eq=False)
class Node:
    """A state, or an iteration of a Map.

    Attributes:
        name: The state's name; the number of an iteration.
        type: The state's type, as ``Task``; ``Iteration`` for an iteration of a Map.
        status: ``running``, ``succeeded``, ``failed``, ``caught`` or ``stopped``.
        began: The time of its first entry, in seconds since the epoch.
        ended: The time of its end; None while it runs.
        attempt: The number of the attempt, from 1.
        error: The name of the last error.
        cached: True if an earlier execution had its result.
        polls: The number of its polls.
        is_inner: True if it belongs to a state that stands for one call.
        children: The states inside a Parallel, the iterations of a Map, the states of an iteration; by name or number.
        jobs: Its jobs of the current attempt, by name.
        done: The iterations of a long Map that have succeeded and are no longer among its children, by number.
        slowest_done: The one of these that took the longest.
    """

    name: str
    type: str
    status: str = RUNNING
    began: float = 0.0
    ended: float | None = None
    attempt: int = 1
    error: str = ""
    cached: bool = False
    polls: int = 0
    is_inner: bool = False
    children: dict[str | int, Node] = field(default_factory=dict)
    jobs: dict[str, JobView] = field(default_factory=dict)
    done: dict[str | int, Node] = field(default_factory=dict)
    slowest_done: Node | None = None

    @property
    def is_running(self) -> bool:
        """True until it has ended."""
        return self.status == RUNNING

    @property
    def job(self) -> JobView | None:
        """The newest job; a trial of a tuning job only if there is no other."""
        own = [job for job in self.jobs.values() if not job.is_trial] or list(self.jobs.values())
        return own[-1] if own else None

    @property
    def trials(self) -> list[JobView]:
        """The trials of its tuning job."""
        return [job for job in self.jobs.values() if job.is_trial]

    @property
    def counts(self) -> Counter[str]:
        """The number of its children by status."""
        return Counter(child.status for child in self.children.values()) + Counter(succeeded=len(self.done))

    def seconds(self, now: float) -> float:
        """Return the duration so far.

        Args:
            now: The current time, in seconds since the epoch.
        """
        return max(0.0, (now if self.ended is None else self.ended) - self.began)

    def slowest(self, now: float) -> Node | None:
        """Return the iteration of a Map that has taken the longest so far; None if there is none."""
        candidates = [*self.children.values(), *([self.slowest_done] if self.slowest_done else [])]
        return max(candidates, key=lambda child: child.seconds(now), default=None)

    def put_away(self, number: int) -> None:
        """Keep an iteration that has succeeded by its duration only: a Map may have ten thousand of them."""
        found = self.done[number] = self.children.pop(number)
        found.children.clear()
        if self.slowest_done is None or found.seconds(0) > self.slowest_done.seconds(0):
            self.slowest_done = found

    def clear(self) -> None:
        """Forget all below it."""
        self.children.clear()
        self.done.clear()
        self.slowest_done = None

    def last_line(self) -> str:
        """Return the last line that one of its jobs wrote, or that a job below it wrote."""
        lines = [job.line for job in self.jobs.values() if job.line]
        below = (child.last_line() for child in reversed(self.children.values()) if child.is_running)
        return lines[-1] if lines else next((line for line in below if line), "")

    def walk(self) -> Iterator[Node]:
        """Yield it and all nodes below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()


class RunView:
    """The tree of an execution's states that were entered.

    Args:
        execution: The execution's ARN: the events of others are left out.
        definition: The definition of its state machine, as JSON data.

    Attributes:
        root: The node of the execution; its children are the outermost states.
    """

    def __init__(self, execution: str, definition: Mapping[str, Any]) -> None:
        self._execution = execution
        self._places, self._folding = Places(definition), Folding(definition)
        self.root = Node("", "Execution")

    def take(self, execution: str, message: Message) -> None:
        """Add an event.

        Args:
            execution: The ARN of the execution that it is about.
            message: The event.
        """
        if execution != self._execution:
            return
        if isinstance(message, StateEvent):
            self._state(self._folding.place(message))
        elif isinstance(message, LogLine):
            if message.text.strip():
                self._job(message).line = message.text[:_LINE]
        elif isinstance(message, MetricValue):
            self._job(message).metrics[message.name] = message.value
        else:
            self._described(message)

    def stop(self, now: float) -> None:
        """Note that the execution is stopped: what runs has ended.

        Args:
            now: The current time, in seconds since the epoch.
        """
        _end_below(self.root, now)

    def ordered(self, node: Node) -> list[Node]:
        """Return the children of a node: of a Parallel branch after branch, else as they were entered.

        Args:
            node: The node.
        """
        children = list(node.children.values())
        if node.type == "Parallel":
            children.sort(key=lambda child: _number(self._places.branch(child.name)))
        return children

    def _state(self, event: StateEvent) -> None:
        path = self._places.path(event.state, event.iterations)
        node = self._node(path, event.time)
        node.is_inner = bool(event.within)
        if event.status == "entered":
            self._enter(node, event)
        elif event.status == "retried":
            node.attempt, node.error = event.attempt + 1, event.error
            node.clear()
        else:
            node.status = STOPPED if event.error == _CANCELLED else event.status
            node.ended, node.error, node.cached = event.time, event.error, event.cached
            node.attempt, node.polls = event.attempt, event.polls
            _end_below(node, event.time)
        if event.within and event.status == "entered":
            self._node(self._places.path(event.within, event.iterations), event.time).polls = self._folding.polls(event)
        if len(path) > 1 and isinstance(path[-2], int):
            self._iteration(path[:-1], node, ends=self._places.ends(event.state))

    @staticmethod
    def _enter(node: Node, event: StateEvent) -> None:
        node.status, node.began, node.ended = RUNNING, event.time, None
        node.attempt, node.error, node.cached, node.polls = event.attempt, "", False, 0
        node.clear()
        node.jobs.clear()

    def _iteration(self, path: Path, node: Node, *, ends: bool) -> None:
        iteration, around = self._node(path), self._node(path[:-1])
        if node.status in {"failed", STOPPED} or (node.status == "succeeded" and ends):
            iteration.status, iteration.ended, iteration.error = node.status, node.ended, node.error
        if iteration.status == "succeeded" and len(around.children) > _KEPT:
            around.put_away(int(path[-1]))

    def _described(self, record: JobRecord) -> None:
        job = self._job_of(record.state, record.iterations, record.name)
        job.status, job.is_trial = record.status, record.tuning_job is not None
        job.metrics |= record.metrics

    def _job(self, message: LogLine | MetricValue) -> JobView:
        return self._job_of(message.state, message.iterations, message.job)

    def _job_of(self, state: str, iterations: tuple[int, ...], name: str) -> JobView:
        shown = self._folding.outer.get(state, state)
        node = self._node(self._places.path(shown, iterations))
        return node.jobs.setdefault(name, JobView(name))

    def _node(self, path: Path, began: float = 0.0) -> Node:
        node = self.root
        for name in path:
            if name in node.done:  # a job's last description comes after the end of its iteration
                node = node.done[name]
                continue
            if name not in node.children:
                state = None if isinstance(name, int) else self._places.find(name)
                type_ = "Iteration" if isinstance(name, int) else state.type if state else ""
                node.children[name] = Node(str(name), type_, began=began)
            node = node.children[name]
        return node


def _end_below(node: Node, now: float) -> None:
    for child in node.children.values():
        _end_below(child, now)
        if child.is_running:
            child.status, child.ended = STOPPED, now


def _number(member: str) -> int:
    return int(member[len("Branches[") : -1]) if member.startswith("Branches[") else 0
