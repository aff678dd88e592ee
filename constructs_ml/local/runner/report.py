"""The report of a run, with one sentence for each failure instead of the JSON that AWS gives as a cause."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_ml.local.runner.event_log import JobRecord
    from constructs_ml.local.runner.findings import Found

_LONGEST = 500
_TELLING = ("FailureReason", "errorMessage", "ErrorMessage", "Message", "message")
_SECOND = 1000


@dataclass(frozen=True)
class RunReport:
    """The result of a local run.

    Attributes:
        status: ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
        execution_arn: The execution.
        states_passed: The states that were entered, in order, including inner ones.
        jobs: The jobs that were created.
        models: The S3 URIs of the models that were trained.
        model_files: The models that were kept, on this machine.
        metrics: The last values of the metrics, by the training job's state.
        output: The execution's output.
        outputs: The stack's outputs.
        error: The error that the execution ended with.
        cause: That error's cause.
        seconds: The duration of the execution.
        simulated: The simulated parts, in words.
        findings: The warnings of the checks.
        unmatched: The outcomes that matched no simulated resource.
        within: The constructs with several states, by the names of their inner states.
        not_run: The states that were cut off, because the run ended before them.
        given: The sources of the outputs of given jobs, by their states.
        unreached: The state that the run was to end after, if the execution succeeded without it; empty otherwise.
        kept_outputs: The folders of the jobs' outputs that were kept, by their states.
        cached: The states of cached jobs that did not run, because an earlier execution has their results; one for each.
        page: The page about the run, if one was asked for.
        record: The record of the run, likewise.
    """

    status: str
    execution_arn: str
    states_passed: list[str]
    jobs: list[JobRecord]
    models: list[str] = field(default_factory=list)
    model_files: list[Path] = field(default_factory=list)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    output: Any = None
    outputs: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    cause: str | None = None
    seconds: float = 0.0
    simulated: list[str] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    within: dict[str, str] = field(default_factory=dict)
    not_run: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    unreached: str = ""
    kept_outputs: dict[str, Path] = field(default_factory=dict)
    cached: list[str] = field(default_factory=list)
    page: Path | None = None
    record: Path | None = None

    @property
    def succeeded(self) -> bool:
        """True if the execution succeeded and came to the state that it was to end after."""
        return self.status == "SUCCEEDED" and not self.unreached


def reasons(report: RunReport) -> Iterator[str]:
    """Yield the reasons of the failures of jobs and the execution; nothing if all succeeded.

    Args:
        report: The report of a run.
    """
    told = False
    for job in report.jobs:
        state = report.within.get(job.state, job.state)
        if job.failure_reason:
            yield f"{state}: {job.status}: {job.failure_reason}"
        elif (seconds := limit_reached(job)) is not None:
            yield (
                f"{state}: {job.kind.lower()} job {job.name} was stopped at its limit of {seconds} s; "
                "pass a longer max_runtime (StoppingCondition.MaxRuntimeInSeconds)"
            )
        else:
            continue
        told = True
    if report.unreached:
        yield f"{report.unreached} was not reached: the execution went {' > '.join(report.states_passed) or 'nowhere'}"
    if report.error and not told:
        cause = brief(report.cause or "")
        yield f"{report.error}: {cause}" if cause else report.error


def limit_reached(job: JobRecord) -> int | None:
    """Return the limit in seconds at which a job was stopped; None if it was not.

    Args:
        job: The job.
    """
    limit = (job.request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds")
    if job.status != "Stopped" or not isinstance(limit, int):
        return None
    if job.response.get("SecondaryStatus") == "MaxRuntimeExceeded":
        return limit
    begun, ended = (job.response.get(f"{job.kind}{end}Time") for end in ("Start", "End"))
    if begun is None or ended is None or ended - begun < limit * _SECOND:
        return None
    return limit


def brief(cause: str) -> str:
    """Return a cause as a sentence: the failure reason in a description, or else the beginning of the cause.

    Args:
        cause: The cause of an error.
    """
    try:
        found: Any = json.loads(cause)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        reason = next((found[name] for name in _TELLING if isinstance(found.get(name), str)), None)
        status = next((f"{key} is {value}" for key, value in found.items() if key.endswith("JobStatus")), None)
        cause = reason or status or cause
    return cause if len(cause) <= _LONGEST else f"{cause[:_LONGEST]}... ({len(cause)} characters)"
