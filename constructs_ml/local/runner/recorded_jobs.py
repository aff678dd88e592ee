"""The jobs of a run, as its record has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.local.runner.kept import places_of
from constructs_ml.run_record import Job, Log, Place, Series

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.local.runner.event_log import EventLog, JobRecord
    from constructs_ml.local.runner.execution import Execution
    from constructs_ml.local.runner.kept_logs import KeptLogs
    from constructs_ml.local.runner.report import RunReport

_ALL_LOGS, _FAILED_LOG, _LEAST_LOG = 1_000_000, 262_144, 500
_ALL_REQUESTS, _REQUEST = 300_000, 16_384
_SECOND = 1000


def jobs_of(
    event_log: EventLog, execution: Execution, logs: KeptLogs, began: float, report: RunReport | None
) -> list[Job]:
    """Return the jobs of an execution.

    Args:
        event_log: The messages of the emulator.
        execution: The execution.
        logs: The logs of all jobs.
        began: The start of the execution.
        report: The report of the run; None if it did not end.
    """
    found = execution.jobs
    rooms = _rooms(found, logs)
    most = min(_REQUEST, _ALL_REQUESTS // max(1, len(found)))
    made = []
    for job in found:
        start = _seconds(job, ("Start", "Creation"), began)
        made.append(
            Job(
                name=job.name,
                kind=job.kind,
                state=job.state,
                visit=job.visit,
                status=job.status,
                start=start,
                end=max(start, _seconds(job, ("End", "LastModified"), began)),
                failure=job.failure_reason or "",
                request=_text(job.request, most),
                log=logs.of(job.name, rooms[job.name]) if job.name in rooms else Log(),
                metrics=_metrics(event_log, job, began),
                places=list(_places(job, report)),
                trial=bool(job.tuning_job),
            )
        )
    return made


def _rooms(jobs: list[JobRecord], logs: KeptLogs) -> dict[str, int]:
    """Return the characters that each job's log may have: those that failed come first, the others share the rest."""
    left = _ALL_LOGS
    found: dict[str, int] = {}
    ordered = sorted(jobs, key=lambda job: (job.status == "Completed", logs.size(job.name)))
    for at, job in enumerate(ordered):
        share = _FAILED_LOG if job.status != "Completed" else left // (len(ordered) - at)
        found[job.name] = max(_LEAST_LOG, min(share, left, _FAILED_LOG))
        left -= min(found[job.name], logs.size(job.name))
    return found


def _seconds(job: JobRecord, ends: tuple[str, str], began: float) -> float:
    times = [job.response.get(f"{job.kind}{ends[0]}Time"), job.response.get(f"{ends[1]}Time")]
    found = next((each for each in times if isinstance(each, (int, float))), None)
    return 0.0 if found is None else max(0.0, found / _SECOND - began)


def _metrics(event_log: EventLog, job: JobRecord, began: float) -> list[Series]:
    values = event_log.values(job.name)
    series = [
        Series(name, [round(at - began, 3) for at, _ in pairs], [value for _, value in pairs])
        for name, pairs in values.items()
    ]
    end = _seconds(job, ("End", "LastModified"), began)
    return series + [Series(name, [end], [value]) for name, value in job.metrics.items() if name not in values]


def _places(job: JobRecord, report: RunReport | None) -> list[Place]:
    if job.status != "Completed":
        return []
    state = report.within.get(job.state, job.state) if report else job.state
    folder: Path | None = report.kept_outputs.get(state) if report else None
    found = [Place(name, uri, str(folder / name) if folder else "") for name, uri in places_of(job)]
    models = [file for file in (report.model_files if report else []) if file.parent.name == job.name]
    return found + [Place("model", job.model_artifacts or "", str(file)) for file in models]


def _text(data: Any, most: int) -> str:  # noqa: ANN401 - any JSON
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
