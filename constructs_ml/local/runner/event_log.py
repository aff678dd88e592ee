"""The messages of the emulator's process: jobs, states and log lines, kept for all readers."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from constructs_ml.local.aws.credentials import Credentials
from constructs_ml.local.host.channel import parse

if TYPE_CHECKING:
    from collections.abc import Callable

_RUNNING = ("InProgress", "Stopping")
_MOST_VALUES = 400


@dataclass(frozen=True)
class Ready:
    """The address and the keys of the emulator.

    Attributes:
        port: The port on which it listens.
        credentials: The run's own access keys, by their accounts.
    """

    port: int
    credentials: dict[str, Credentials]


@dataclass(frozen=True)
class LogLine:
    """A line that a job wrote.

    Attributes:
        job: The job's name.
        state: The name of the state that created it.
        host: The instance, as ``algo-1``.
        text: The line.
        execution: The ARN of the execution whose state it is.
        iterations: The numbers of the iterations of the Maps around the state, outermost first, from 0.
        time: The time, in seconds since the epoch.
    """

    job: str
    state: str
    host: str
    text: str
    execution: str = ""
    iterations: tuple[int, ...] = ()
    time: float = field(default_factory=time.time)


@dataclass(frozen=True)
class MetricValue:
    """A value of a metric that a running training job wrote; several a second are left out.

    Attributes:
        job: The job's name.
        state: The name of the state that created it.
        name: The metric.
        value: Its value.
        execution: The ARN of the execution whose state it is.
        iterations: The numbers of the iterations of the Maps around the state, outermost first, from 0.
        time: The time, in seconds since the epoch.
    """

    job: str
    state: str
    name: str
    value: float
    execution: str = ""
    iterations: tuple[int, ...] = ()
    time: float = field(default_factory=time.time)


@dataclass(frozen=True)
class JobRecord:
    """The current state of a job.

    Attributes:
        kind: ``Processing``, ``Training``, ``Transform``, ``HyperParameterTuning``, ``Labeling`` or ``AutoML``.
        name: The job's name.
        execution: The ARN of the execution that created it.
        state: The name of the state that created it.
        request: The Create…Job request.
        response: The Describe…Job response, times as epoch milliseconds.
        visit: The number of the visit of that state; 0 if no state created it.
        iterations: The numbers of the iterations of the Maps around the state, outermost first, from 0.
    """

    kind: str
    name: str
    execution: str
    state: str
    request: dict[str, Any]
    response: dict[str, Any]
    visit: int = 0
    iterations: tuple[int, ...] = ()

    @property
    def status(self) -> str:
        """``InProgress``, ``Completed``, ``Failed``, ``Stopping`` or ``Stopped``."""
        return str(self.response[f"{self.kind}JobStatus"])

    @property
    def failure_reason(self) -> str | None:
        """The reason of its failure."""
        return self.response.get("FailureReason")

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of each metric of a training job; of a tuning job the best trial's objective."""
        best = self.response.get("BestTrainingJob", {}).get("FinalHyperParameterTuningJobObjectiveMetric")
        if best:
            return {best["MetricName"]: best["Value"]}
        return {found["MetricName"]: found["Value"] for found in self.response.get("FinalMetricDataList", [])}

    @property
    def tuning_job(self) -> str | None:
        """The ARN of the tuning job whose trial a training job is."""
        return self.response.get("TuningJobArn")

    @property
    def model_artifacts(self) -> str | None:
        """The S3 URI of a completed training job's model.tar.gz."""
        artifacts = self.response.get("ModelArtifacts")
        return str(artifacts["S3ModelArtifacts"]) if artifacts and self.status == "Completed" else None


@dataclass(frozen=True)
class StateEvent:
    """A state was entered, left, retried or caught.

    Attributes:
        state: Its name.
        status: ``entered``, ``succeeded``, ``failed``, ``caught`` or ``retried``.
        attempt: The number of the attempt, from 1.
        time: The time, in seconds since the epoch.
        error: The error's name, if there is one.
        cause: The reason of a retry or a catch, if it is known.
        within: The construct with several states that it belongs to, if any: a deployment, a gate, a cached job, a job whose
            failures are classified.
        polls: The number of polls of such a construct so far.
        cached: True if a cached job ended with the result of an earlier execution.
        visit: The number of the visit: a state that is passed twice has two, as one in a Map has one for each iteration.
        outer: The visit of the Parallel or Map state around it; 0 if there is none.
        item: The index of the iteration of the Map around it; None if there is none.
        data: In a recorded run the input of a state that is entered, and the output of one that succeeded, as JSON.
        iterations: The numbers of the iterations of the Maps around it, outermost first, from 0.
    """

    state: str
    status: str
    attempt: int = 1
    time: float = field(default_factory=time.time)
    error: str = ""
    cause: str = ""
    within: str = ""
    polls: int = 0
    cached: bool = False
    visit: int = 0
    outer: int = 0
    item: int | None = None
    data: str = ""
    iterations: tuple[int, ...] = ()


@dataclass(frozen=True)
class Decision:
    """A decision about a permission.

    Attributes:
        role: The name of the role.
        action: The action, as ``s3:GetObject``.
        resource: The ARN that it is done on.
        allowed: True if it is allowed.
    """

    role: str
    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True)
class SentEvent:
    """An event on a bus, with those that it was sent to.

    Attributes:
        source: Its source, as ``aws.sagemaker``.
        type: Its type.
        bus: The bus.
        resources: The ARNs that it is about.
        detail: Its detail, as JSON.
        receivers: The rules that matched it, each with its target: the ARN.
        time: The time, in seconds since the epoch.
    """

    source: str
    type: str
    bus: str
    resources: tuple[str, ...]
    detail: str
    receivers: tuple[tuple[str, str], ...]
    time: float = field(default_factory=time.time)


Message = StateEvent | LogLine | MetricValue | JobRecord
"""An event of an execution."""


class EventLog:
    """The log of the emulator's messages, for which threads may wait.

    Args:
        on_log: Takes each log line.
        on_note: Takes each note: what is simulated, and what the run waits for.

        on_message: Takes every event of an execution, in order: of states, jobs, their log lines and metrics.

    Attributes:
        broken: The reason that the emulator cannot run.
    """

    def __init__(
        self,
        on_log: Callable[[LogLine], None] | None = None,
        on_note: Callable[[str], None] | None = None,
        on_message: Callable[[str, Message], None] | None = None,
    ) -> None:
        self._on_log, self._on_note, self._on_message = on_log, on_note, on_message
        self._simulated: dict[str, list[str]] = {}
        self._changed = threading.Condition()
        self._ready: Ready | None = None
        self._closed = False
        self._jobs: dict[str, JobRecord] = {}
        self._groups: dict[str, list[int]] = {}
        self._states: dict[str, list[StateEvent]] = {}
        self._over: set[str] = set()
        self._decisions: list[Decision] = []
        self._events: list[SentEvent] = []
        self._values: dict[str, dict[str, list[tuple[float, float]]]] = {}
        self.broken = ""

    def read(self, stream: IO[str]) -> None:
        """Read all messages of a stream, until its end."""
        for line in stream:
            message = parse(line)
            if message:
                self.take(message)
        self.close()

    def take(self, message: dict[str, Any]) -> None:
        """Add one message."""
        kind, execution = message["kind"], message.get("execution", "")
        iterations = tuple(message.get("iterations", ()))
        if kind == "log":
            line = LogLine(message["job"], message["state"], message["host"], message["line"], execution, iterations)
            self._log(line)
            self._hand_on(execution, line)
            return
        if kind == "metric":
            value = MetricValue(
                message["job"], message["state"], message["name"], message["value"], execution, iterations
            )
            self._hand_on(execution, value)
            with self._changed:
                self._keep_value(value)
            return
        if kind == "note":
            self._note(message)
            return
        with self._changed:
            told = self._keep(message)
            self._changed.notify_all()
        if told:
            self._hand_on(told.execution if isinstance(told, JobRecord) else execution, told)

    def _keep(self, message: dict[str, Any]) -> StateEvent | JobRecord | None:
        """Keep a message for those who wait for it; returns it if it is an event of an execution."""
        told: StateEvent | JobRecord | None = None
        kind, execution = message["kind"], message.get("execution", "")
        if kind == "broken":
            self.broken = message["message"]
        elif kind == "ready":
            self._ready = Ready(
                message["port"], {account: Credentials(**keys) for account, keys in message["credentials"].items()}
            )
        elif kind == "job":
            job = dict(message["job"])
            self._groups[job["name"]] = job.pop("groups")
            job["iterations"] = tuple(job.get("iterations", ()))
            told = self._jobs[f"{job['kind']} {job['name']}"] = JobRecord(**job)
        elif kind == "state":
            event = StateEvent(
                message["state"],
                message["status"],
                message["attempt"],
                error=message.get("error", ""),
                cause=message.get("cause", ""),
                visit=message.get("visit", 0),
                outer=message.get("outer", 0),
                item=message.get("item"),
                data=message.get("input") or message.get("output") or "",
                iterations=tuple(message.get("iterations", ())),
            )
            if event.state:
                self._states.setdefault(execution, []).append(event)
                told = event
        elif kind == "over":
            self._over.add(execution)
        else:
            self._keep_for_record(message)
        return told

    def _keep_value(self, value: MetricValue) -> None:
        values = self._values.setdefault(value.job, {}).setdefault(value.name, [])
        values.append((value.time, value.value))
        if len(values) > _MOST_VALUES:  # every other one: a plot has few hundred places
            del values[1:-1:2]

    def _keep_for_record(self, message: dict[str, Any]) -> None:
        """Keep a message that only the record of a run has."""
        if message["kind"] == "access":
            self._decisions.append(
                Decision(message["role"], message["action"], message["resource"], message["allowed"])
            )
        elif message["kind"] == "event":
            receivers = tuple((each["rule"], each["target"]) for each in message["receivers"])
            names = ("source", "type", "bus", "detail")
            members = {name: message[name] for name in names}
            self._events.append(SentEvent(**members, resources=tuple(message["resources"]), receivers=receivers))

    def close(self) -> None:
        """Note that there will be no more messages."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def ready(self, seconds: float) -> Ready | None:
        """Wait for the address and the keys of the emulator; None if it ended or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready is not None or self._closed, seconds)
            return self._ready

    def jobs(self, execution: str | None = None) -> list[JobRecord]:
        """Return the jobs so far, of one execution or of all."""
        with self._changed:
            return [job for job in self._jobs.values() if execution in (None, job.execution)]

    def states(self, execution: str, start: int = 0, wait: float = 0) -> list[StateEvent]:
        """Return an execution's events from a position on.

        Args:
            execution: The execution's ARN.
            start: The number of events that are known already.
            wait: Seconds to wait for more if there are none.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: len(self._states.get(execution, ())) > start or self._closed, wait)
            return self._states.get(execution, [])[start:]

    def decisions(self) -> list[Decision]:
        """Return the decisions about permissions so far; none unless the run is recorded."""
        with self._changed:
            return list(self._decisions)

    def sent_events(self) -> list[SentEvent]:
        """Return the events so far; none unless the run is recorded."""
        with self._changed:
            return list(self._events)

    def values(self, job: str) -> dict[str, list[tuple[float, float]]]:
        """Return the values of a job's metrics so far, each with its time; of many a part.

        Args:
            job: The job's name.
        """
        with self._changed:
            return {name: list(values) for name, values in self._values.get(job, {}).items()}

    def await_over(self, execution: str, seconds: float) -> None:
        """Wait until all events of an ended execution have arrived."""
        with self._changed:
            self._changed.wait_for(lambda: execution in self._over or self._closed, seconds)

    def simulated(self, execution: str) -> list[str]:
        """Return the simulated parts of an execution, each once."""
        with self._changed:
            return list(dict.fromkeys(self._simulated.get(execution, ())))

    def _note(self, message: dict[str, Any]) -> None:
        text = f"simulated: {message['text']}" if message["simulated"] else message["text"]
        if message["simulated"]:
            with self._changed:
                self._simulated.setdefault(message["execution"], []).append(message["text"])
        if self._on_note:
            try:
                self._on_note(text)
            except Exception as error:  # noqa: BLE001 - the user's
                self._on_note = None
                sys.stderr.write(f"constructs-ml: on_note failed, no more notes are shown: {error!r}\n")

    def _log(self, line: LogLine) -> None:
        if self._on_log is None:
            return
        try:
            self._on_log(line)
        except Exception as error:  # noqa: BLE001 - the user's; the emulator would wait for its reader for ever
            self._on_log = None
            sys.stderr.write(f"constructs-ml: on_log failed, no more log lines are shown: {error!r}\n")

    def _hand_on(self, execution: str, told: Message) -> None:
        if self._on_message is None:
            return
        try:
            self._on_message(execution, told)
        except Exception as error:  # noqa: BLE001 - the user's; the emulator would wait for its reader for ever
            self._on_message = None
            sys.stderr.write(f"constructs-ml: on_message failed, no more messages are shown: {error!r}\n")

    def process_groups(self) -> list[int]:
        """Return the process groups of jobs whose end was not reported."""
        with self._changed:
            return [group for job in self._jobs.values() if job.status in _RUNNING for group in self._groups[job.name]]
