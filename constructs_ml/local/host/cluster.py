"""The processes of one job on all its hosts, run and ended together."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from constructs_ml.local.host.container import Container

_POLL_SECONDS = 0.05


class Outcome(enum.Enum):
    """The end of a job's processes."""

    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"
    TIMED_OUT = "TimedOut"


@dataclass(frozen=True)
class Ending:
    """The end of a job's processes.

    Attributes:
        outcome: Its kind.
        exit_code: The exit code of the first process that failed.
    """

    outcome: Outcome
    exit_code: int = 0


def run(
    containers: list[Container],
    *,
    seconds: float,
    stopping: threading.Event,
    grace: float,
    every_second: Callable[[], None],
) -> Ending:
    """Follow a job's processes to their end, and leave none behind.

    One failed host ends the others: SageMaker does not wait for a half of a cluster.

    Args:
        containers: The processes, running.
        seconds: The time limit.
        stopping: Set when the job is to be stopped.
        grace: Seconds that they have between SIGTERM and SIGKILL.
        every_second: Called meanwhile; an error of it ends the processes and is raised.
    """
    deadline = time.monotonic() + seconds
    tick = time.monotonic() + 1
    ending = None
    try:
        while ending is None:
            stopping.wait(_POLL_SECONDS)
            ending = _ended(containers) or _limit(stopping, deadline)
            if time.monotonic() >= tick:
                every_second()
                tick = time.monotonic() + 1
    finally:
        for container in containers:
            if container.poll() is None:
                container.terminate()
        until = time.monotonic() + grace
        for container in containers:
            container.finish(max(0.0, until - time.monotonic()))
    return ending


def _limit(stopping: threading.Event, deadline: float) -> Ending | None:
    if stopping.is_set():
        return Ending(Outcome.STOPPED)
    return Ending(Outcome.TIMED_OUT) if time.monotonic() >= deadline else None


def _ended(containers: list[Container]) -> Ending | None:
    codes = [container.poll() for container in containers]
    failed = next((code for code in codes if code), None)
    if failed is not None:
        return Ending(Outcome.FAILED, failed)
    return Ending(Outcome.COMPLETED) if all(code == 0 for code in codes) else None
