"""What is stopped together: an execution, and within it each attempt of a Parallel or Map state."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_ml.local.jobs.base import Job


class CancelledError(Exception):
    """A state was cut short because its execution was stopped or a sibling of its branch failed."""


class Scope:
    """States that end together.

    Args:
        parent: The scope that this one lies in.
    """

    def __init__(self, parent: Scope | None = None) -> None:
        self._parent = parent
        self._children: list[Scope] = []
        self._jobs: list[Job] = []
        self._lock = threading.Lock()
        self.failure: tuple[str, str] | None = None
        if parent:
            parent.adopt(self)

    def cancel(self, error: str, cause: str) -> None:
        """Stops all that runs in this scope; the first reason stays.

        Args:
            error: The error that the scope's states end with.
            cause: Its cause.
        """
        with self._lock:
            if self.failure:
                return
            self.failure = (error, cause)
            jobs, children = list(self._jobs), list(self._children)
        for job in jobs:
            job.stop()
        for child in children:
            child.cancel(error, cause)

    def check(self) -> None:
        """Raises if this scope is cancelled.

        Raises:
            CancelledError: If it is.
        """
        if self.failure:
            raise CancelledError(*self.failure)

    def add(self, job: Job) -> None:
        """Notes a job that is to be stopped with this scope."""
        with self._lock:
            self._jobs.append(job)
            cancelled = self.failure is not None
        if cancelled:
            job.stop()

    def adopt(self, child: Scope) -> None:
        """Notes a scope that is to be cancelled with this one."""
        with self._lock:
            self._children.append(child)
            failure = self.failure
        if failure:
            child.cancel(*failure)
