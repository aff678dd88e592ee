"""Outcomes of a state's attempts, for tests to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type or "
    "after some time."
)
INTERNAL = "InternalServerError: We encountered an internal error. Please try again."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of attempts of a state. Make one with ``throttled``, ``fails``, ``returns`` and the like.

    Attributes:
        times: The number of attempts with this outcome. None: one attempt if the outcome is in a list, otherwise all.
        after: The simulated seconds that an attempt takes.
    """

    times: int | None = None
    after: float = 0

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        if self.times is not None and self.times < 1:
            raise ValueError(f"times must be at least 1, got {self.times}")
        if self.after < 0:
            raise ValueError(f"after must be at least 0 s, got {self.after}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Outcome):
    """The service refuses the call.

    Attributes:
        code: The service's name of the error.
        message: The service's message.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Outcome):
    """The state fails with an error of this name.

    Attributes:
        error: The error's name in Step Functions.
        cause: Its cause.
    """

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Outcome):
    """The outcome of a call whose work does not complete.

    Attributes:
        status: ``Failed`` or ``Stopped``.
        reason: The failure reason.
    """

    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Outcome):
    """The call succeeds with a result.

    Attributes:
        value: The result; for a call of SageMaker, only the members that differ from the default response.
    """

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Outcome):
    """The call succeeds, and what it is about has these metrics.

    Attributes:
        metrics: The metrics by name.
    """

    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endless(Outcome):
    """The call's work does not end before the state's timeout."""


@dataclass(frozen=True, slots=True)
class Aborted(Outcome):
    """The execution is stopped while the state runs."""


def throttled(times: int | None = None) -> Outcome:
    """Return the outcome that the call is throttled.

    Args:
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Refused(times=times, code="ThrottlingException", message="Rate exceeded")


def quota_exceeded(times: int | None = None) -> Outcome:
    """Return the outcome that the call exceeds a quota of the account, as when all instances of a type are in use.

    Args:
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    message = (
        "The account-level service limit for this usage is 1 Instances, with current utilization of 1 Instances and a "
        "request delta of 1 Instances."
    )
    return Refused(times=times, code="ResourceLimitExceeded", message=message)


def refused(code: str, message: str = "", *, times: int | None = None) -> Outcome:
    """Return the outcome that SageMaker refuses the call with an error: ``refused("AccessDeniedException")``.

    Args:
        code: The API's name of the error: ``ValidationException``, ``AccessDeniedException``, ``ResourceInUse``. The state
            gets the name that the integration gives it.
        message: The service's message.
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Refused(times=times, code=code, message=message or f"The request was refused: {code}")


def capacity(times: int | None = None, *, after: float = 0) -> Outcome:
    """Return the outcome that the job fails because SageMaker has no instances for it.

    Args:
        times: The number of attempts. Default: one in a list, all of them without a list.
        after: The simulated seconds until then.
    """
    return Ending(times=times, after=after, status="Failed", reason=CAPACITY)


def internal_error(times: int | None = None, *, after: float = 0) -> Outcome:
    """Return the outcome that the job fails through an internal error of SageMaker.

    Args:
        times: The number of attempts. Default: one in a list, all of them without a list.
        after: The simulated seconds until then.
    """
    return Ending(times=times, after=after, status="Failed", reason=INTERNAL)


def fails(reason: str, *, after: float = 0, times: int | None = None) -> Outcome:
    """Return the outcome that the job, or another awaited resource, fails: ``fails("AlgorithmError: bad data")``.

    Args:
        reason: Its FailureReason; for a state of another service, the cause of ``States.TaskFailed``.
        after: The simulated seconds until then.
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Ending(times=times, after=after, status="Failed", reason=reason)


def stopped(*, after: float = 0, times: int | None = None) -> Outcome:
    """Return the outcome that somebody stops the job, or another awaited resource.

    Args:
        after: The simulated seconds until then.
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Ending(times=times, after=after, status="Stopped")


def times_out(*, times: int | None = None) -> Outcome:
    """Return the outcome that the job, or another awaited resource, does not end before the state's timeout.

    Args:
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Endless(times=times)


def returns(value: Any = None, *, after: float = 0, times: int | None = None) -> Outcome:  # noqa: ANN401 - any JSON
    """Return the outcome that the call succeeds: ``returns({"ModelArtifacts": {"S3ModelArtifacts": "s3://…"}})``.

    Args:
        value: The result. For a call of SageMaker, only the members that differ from the default response, None for an optional
            one that it does not have; for a call of another service, the whole response; for a distributed Map, the items that it reads.
        after: The simulated seconds that it takes.
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Returned(times=times, after=after, value={} if value is None else value)


def reports(metrics: Mapping[str, Any], *, after: float = 0, times: int | None = None) -> Outcome:
    """Return the outcome that the call succeeds with these metrics: ``reports({"test:accuracy": 0.93})``.

    Args:
        metrics: For a training job, the metrics that SageMaker reads from its log, by name; those that it does not report are
            left out. For a tuning job, the objective of its best training job. For a ``ReadMetrics`` state, the whole object
            that it reads.
        after: The simulated seconds that it takes.
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Reported(times=times, after=after, metrics=metrics)


def raises(error: str, cause: str = "", *, after: float = 0, times: int | None = None) -> Outcome:
    """Return the outcome that the state fails with any error: ``raises("Lambda.TooManyRequestsException")``.

    Args:
        error: Its name, as in an execution's history.
        cause: Its cause.
        after: The simulated seconds until then.
        times: The number of attempts. Default: one in a list, all of them without a list.
    """
    return Raised(times=times, after=after, error=error, cause=cause)


def aborts(*, after: float = 0) -> Outcome:
    """Return the outcome that somebody stops the execution while the state runs.

    Args:
        after: The simulated seconds until then.
    """
    return Aborted(after=after)
