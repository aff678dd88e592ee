"""Outcomes of a state's attempts, in the words of a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type or "
    "after some time."
)
INTERNAL = "InternalServerError: We encountered an internal error. Please try again."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of attempts of a state. Make one with ``throttled``, ``fails``, ``returns`` and the like.

    Attributes:
        times: How many attempts end so. None: one where it stands in a list, all of them where it stands alone.
        after: The simulated seconds that an attempt takes.
    """

    times: int | None = None
    after: float = 0

    def __post_init__(self) -> None:
        """Refuses what cannot be."""
        if self.times is not None and self.times < 1:
            raise ValueError(f"times must be at least 1, got {self.times}")
        if self.after < 0:
            raise ValueError(f"after must be at least 0 s, got {self.after}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Outcome):
    """The service refuses the call.

    Attributes:
        code: The service's name of the error.
        message: What it says.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Outcome):
    """The state fails with an error of this name.

    Attributes:
        error: The error's name, as Step Functions sees it.
        cause: Its cause.
    """

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Outcome):
    """The outcome of a call whose work does not complete.

    Attributes:
        status: ``Failed`` or ``Stopped``.
        reason: Why it failed.
    """

    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Outcome):
    """The call gives something.

    Attributes:
        value: What it gives; of a call of SageMaker, what is unlike its usual response.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Endless(Outcome):
    """The outcome of a call whose work does not end before the state's time is over."""


@dataclass(frozen=True, slots=True)
class Aborted(Outcome):
    """The execution is stopped while the state runs."""


def throttled(times: int | None = None) -> Outcome:
    """The call is throttled.

    Args:
        times: How often.
    """
    return Refused(times=times, code="ThrottlingException", message="Rate exceeded")


def quota_exceeded(times: int | None = None) -> Outcome:
    """The call exceeds a quota of the account, as when all instances of a type are in use.

    Args:
        times: How often.
    """
    message = (
        "The account-level service limit for this usage is 1 Instances, with current utilization of 1 Instances and a "
        "request delta of 1 Instances."
    )
    return Refused(times=times, code="ResourceLimitExceeded", message=message)


def refused(code: str, message: str = "", *, times: int | None = None) -> Outcome:
    """SageMaker refuses the call with an error of its own: ``refused("AccessDeniedException")``.

    Args:
        code: The API's name of the error: ``ValidationException``, ``AccessDeniedException``, ``ResourceInUse``. The state
            sees it under the name that the integration gives it.
        message: What the service says.
        times: How often.
    """
    return Refused(times=times, code=code, message=message or f"The request was refused: {code}")


def capacity(times: int | None = None, *, after: float = 0) -> Outcome:
    """The job fails since SageMaker has no instances to run it on.

    Args:
        times: How often.
        after: The simulated seconds until it does.
    """
    return Ending(times=times, after=after, status="Failed", reason=CAPACITY)


def internal_error(times: int | None = None, *, after: float = 0) -> Outcome:
    """The job fails by a fault of SageMaker.

    Args:
        times: How often.
        after: The simulated seconds until it does.
    """
    return Ending(times=times, after=after, status="Failed", reason=INTERNAL)


def fails(reason: str, *, after: float = 0, times: int | None = None) -> Outcome:
    """The job, or whatever the state waits for, fails: ``fails("AlgorithmError: bad data")``.

    Args:
        reason: Its FailureReason; of a state of another service, the cause of ``States.TaskFailed``.
        after: The simulated seconds until it does.
        times: How often.
    """
    return Ending(times=times, after=after, status="Failed", reason=reason)


def stopped(*, after: float = 0, times: int | None = None) -> Outcome:
    """The job, or whatever the state waits for, is stopped by somebody.

    Args:
        after: The simulated seconds until it is.
        times: How often.
    """
    return Ending(times=times, after=after, status="Stopped")


def times_out(*, times: int | None = None) -> Outcome:
    """The job, or whatever the state waits for, does not end before the state's time is over.

    Args:
        times: How often.
    """
    return Endless(times=times)


def returns(value: Any = None, *, after: float = 0, times: int | None = None) -> Outcome:  # noqa: ANN401 - any JSON
    """The call succeeds: ``returns({"ModelArtifacts": {"S3ModelArtifacts": "s3://models/m.tar.gz"}})``.

    Args:
        value: What it gives. Of a call of SageMaker, what is unlike its usual response, member by member; of a call of
            another service, all of it; of a distributed Map, the items that it reads.
        after: The simulated seconds that it takes.
        times: How often.
    """
    return Returned(times=times, after=after, value={} if value is None else value)


def raises(error: str, cause: str = "", *, after: float = 0, times: int | None = None) -> Outcome:
    """The state fails with any error: ``raises("Lambda.TooManyRequestsException")``.

    Args:
        error: Its name, as in an execution's history.
        cause: Its cause.
        after: The simulated seconds until it does.
        times: How often.
    """
    return Raised(times=times, after=after, error=error, cause=cause)


def aborts(*, after: float = 0) -> Outcome:
    """The execution is stopped by somebody while the state runs.

    Args:
        after: The simulated seconds until it is.
    """
    return Aborted(after=after)
