"""Says in a sentence each why an execution and its jobs ended as they did, in place of the JSON that AWS gives as a cause."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local.runner.feed import JobRecord
    from constructs_ml.local.runner.run import RunReport

_LONGEST = 500
_TELLING = ("FailureReason", "errorMessage", "ErrorMessage", "Message", "message")
_SECOND = 1000


def reasons(report: RunReport) -> Iterator[str]:
    """Yields why jobs and the execution failed; nothing if all is well.

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
    if report.error and not told:
        cause = brief(report.cause or "")
        yield f"{report.error}: {cause}" if cause else report.error


def limit_reached(job: JobRecord) -> int | None:
    """Returns the limit in seconds at which a job was stopped; None if it was not.

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
    """Returns a cause as a sentence: the reason in it if it is the description of something, else its beginning.

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
