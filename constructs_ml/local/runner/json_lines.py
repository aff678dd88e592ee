"""The progress of a run as JSON: an object a line for each event, and the result as the last one."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TextIO

from constructs_ml.local.runner.event_log import LogLine, MetricValue, StateEvent
from constructs_ml.local.runner.execution import Folding
from constructs_ml.local.runner.places import Places
from constructs_ml.local.runner.progress import Progress
from constructs_ml.local.runner.report import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.local.runner.event_log import JobRecord, Message
    from constructs_ml.local.runner.findings import Findings
    from constructs_ml.local.runner.report import RunReport


_OF_RECORDS = ("visit", "outer", "item", "data")
"""Members of events that only the record of a run has; the path says the same of the place."""


class JsonLines(Progress):
    """The events of a run, as JSON lines.

    Args:
        stream: The stream to write to. Default: the standard output.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._early: list[tuple[str, Message, float]] = []
        self._execution = ""
        self._places, self._folding = Places({}), Folding({})
        self._broken: OSError | None = None
        self._over = False

    def begin(self, execution: str, definition: Mapping[str, Any]) -> None:
        """Write that an execution begins, and the events that are known already."""
        with self._lock:
            self._execution = execution
            self._places, self._folding = Places(definition), Folding(definition)
            self._write("execution", execution=execution)
            for early in self._early:
                self._take(*early)
            self._early.clear()
        self._raise_broken()

    def message(self, execution: str, message: Message) -> None:
        """Write an event of an execution."""
        with self._lock:
            if self._execution:
                self._take(execution, message, time.time())
            else:
                self._early.append((execution, message, time.time()))

    def step(self, what: str) -> None:
        """Write that a step of the run begins."""
        self._say("step", text=what)

    def state(self, event: StateEvent) -> None:  # noqa: ARG002 - written when it came
        """End the run if nobody reads any more."""
        self._raise_broken()

    def note(self, text: str) -> None:
        """Write that something is simulated, or waits for an approval."""
        self._say("note", text=text)

    def findings(self, findings: Findings) -> None:
        """Write the warnings of the checks."""
        for found in findings.items:
            violation = found.violation
            self._say("finding", rule=violation.rule, place=found.place, text=str(violation))

    def end(self, code: int, meaning: str, report: RunReport | None = None, error: str = "") -> None:
        """Write the last line.

        Args:
            code: The exit code of the command.
            meaning: The meaning of the exit code.
            report: The report of the run, if it came so far.
            error: The error that ended it, if it did not.
        """
        members: dict[str, Any] = {"exit_code": code, "meaning": meaning, "error": error or None}
        if report:
            members |= {
                "status": report.status,
                "seconds": round(report.seconds, 3),
                "error": error or report.error,
                "reasons": list(reasons(report)),
                "output": report.output,
                "metrics": {report.within.get(state, state): found for state, found in report.metrics.items()},
                "models": report.models,
                "kept": [str(path) for path in (*report.model_files, *report.kept_outputs.values())],
                "given": report.given,
                "cached": report.cached,
                "simulated": report.simulated,
                "not_run": report.not_run,
            }
        self._say("end", **members)
        with self._lock:
            self._over = True

    def _take(self, execution: str, message: Message, now: float) -> None:
        other = {} if execution == self._execution else {"execution": execution}
        if isinstance(message, StateEvent):
            if not other:
                self._state(self._folding.place(message))
        elif isinstance(message, LogLine):
            self._write("log", message.time, **self._place(message, other), host=message.host, line=message.text)
        elif isinstance(message, MetricValue):
            self._write("metric", message.time, **self._place(message, other), name=message.name, value=message.value)
        else:
            self._job(message, other, now)

    def _state(self, event: StateEvent) -> None:
        members = dataclasses.asdict(event)
        when, iterations = members.pop("time"), members.pop("iterations")
        for name in _OF_RECORDS:
            members.pop(name)
        self._write("state", when, path=self._places.path(event.state, iterations), **members)

    def _job(self, record: JobRecord, other: dict[str, str], now: float) -> None:
        path = [record.state] if other else self._places.path(record.state, record.iterations)
        self._write(
            "job",
            now,
            path=path,
            state=record.state,
            job=record.name,
            **other,
            kind=record.kind,
            status=record.status,
            error=record.failure_reason or "",
            metrics=record.metrics,
        )

    def _place(self, message: LogLine | MetricValue, other: dict[str, str]) -> dict[str, Any]:
        path = [message.state] if other else self._places.path(message.state, message.iterations)
        return {"path": path, "state": message.state, "job": message.job, **other}

    def _say(self, event: str, **members: Any) -> None:  # noqa: ANN401 - any JSON
        with self._lock:
            self._write(event, **members)
        self._raise_broken()

    def _raise_broken(self) -> None:
        if self._broken:
            raise self._broken

    def _write(self, event: str, when: float | None = None, **members: Any) -> None:  # noqa: ANN401 - any JSON
        if self._over or self._broken:
            return
        stamp = datetime.fromtimestamp(time.time() if when is None else when, timezone.utc)
        at = stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # Not a number, and infinity, which no JSON has, are texts.
        text = _dumped({"time": at, "event": event, **members})
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except OSError as error:  # raised in the thread of the run
            self._broken = error


def _dumped(value: dict[str, Any]) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return str(value) if isinstance(value, float) and json.dumps(value) in {"NaN", "Infinity", "-Infinity"} else value
