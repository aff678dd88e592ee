"""Calls of the SageMaker API: the caller, jobs that stop with the caller, and errors."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.aws.permissions import Need


# The errors that botocore's model lists; all others have no name of their own in an execution's history.
_MODELLED = {"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound", "ConflictException"}


class Stoppable(Protocol):
    """A job that a scope can stop."""

    def stop(self) -> None:
        """Ask it to stop."""


class CancelledError(Exception):
    """A state was cancelled because its execution was stopped or a parallel branch failed."""


class CancelScope:
    """States that end together: an execution, and within it each attempt of a Parallel or Map state.

    Args:
        parent: The scope that this one lies in.
    """

    def __init__(self, parent: CancelScope | None = None) -> None:
        self._parent = parent
        self._children: list[CancelScope] = []
        self._jobs: list[Stoppable] = []
        self._lock = threading.Lock()
        self.failure: tuple[str, str] | None = None
        if parent:
            parent.adopt(self)

    def cancel(self, error: str, cause: str) -> None:
        """Stop everything in this scope; the first reason is kept.

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
        """Raise an error if this scope is cancelled.

        Raises:
            CancelledError: If it is.
        """
        if self.failure:
            raise CancelledError(*self.failure)

    def add(self, job: Stoppable) -> None:
        """Add a job to stop with this scope."""
        with self._lock:
            self._jobs.append(job)
            cancelled = self.failure is not None
        if cancelled:
            job.stop()

    def adopt(self, child: CancelScope) -> None:
        """Add a scope to cancel with this one."""
        with self._lock:
            self._children.append(child)
            failure = self.failure
        if failure:
            child.cancel(*failure)


@dataclass(frozen=True)
class Caller:
    """A principal that calls an operation.

    Attributes:
        arn: Its ARN, as a denial names it.
        may: Returns whether its policies allow an action.
    """

    arn: str
    may: Callable[[Need], bool]


@dataclass(frozen=True)
class Call:
    """A call of an operation.

    Attributes:
        caller: The principal that calls.
        execution: The ARN of the execution, empty for a caller that is none.
        state: The name of the state.
        scope: The scope that stops the task.
        template: Whether CloudFormation calls, which cannot look up roles and data meanwhile.
        visit: The number of the visit of the state.
        iterations: The numbers of the iterations of the Maps around the state, outermost first, from 0.
    """

    caller: Caller
    execution: str = ""
    state: str = ""
    scope: CancelScope = field(default_factory=CancelScope)
    template: bool = False
    visit: int = 0
    iterations: tuple[int, ...] = ()


class ApiError(Exception):
    """An operation was refused.

    Attributes:
        code: As ``ValidationException`` or ``ResourceInUse``.
        message: The explanation.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message

    @property
    def modelled(self) -> str | None:
        """The name of the error's class in an SDK; None for the service's general one."""
        if self.code not in _MODELLED:
            return None
        return self.code if self.code.endswith("Exception") else f"{self.code}Exception"


def invalid(message: str) -> ApiError:
    """Return a ValidationException."""
    return ApiError("ValidationException", message)
