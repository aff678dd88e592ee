"""Retries by cause.

Step Functions tells apart only the names of errors; what it can tell apart and retrying can cure is retried by default.

Source: error names as they appear in execution histories of the SageMaker integrations; user errors (validation,
permissions, a name in use, a failing script) are not cured by trying again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

THROTTLED = "SageMaker.AmazonSageMakerException"
THROTTLED_SDK = "SageMaker.SageMakerException"
"""What the AWS SDK integrations (``aws-sdk:sagemaker:…``) call it."""
QUOTA = "SageMaker.ResourceLimitExceededException"

WILDCARDS = ("States.TaskFailed", "States.ALL")
"""What stands for other errors, the one for the most last."""

CAPACITY, INTERNAL = "CapacityError", "InternalServerError"
CAUSES = (CAPACITY, INTERNAL, "AlgorithmError", "ClientError")
"""What the FailureReason of a failed job begins with: the first two are AWS's, the others the user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """One entry of a state's ``Retry``.

    Attributes:
        errors: The names of the errors it is for.
        interval: Seconds before the first retry.
        max_attempts: How often to retry.
        backoff_rate: What each wait is multiplied by to give the next.
        max_delay: The longest wait in seconds. None: no limit.
        full_jitter: Whether each wait is drawn at random between 0 and its length.
    """

    errors: tuple[str, ...]
    interval: float = 1
    max_attempts: float = 3
    backoff_rate: float = 2.0
    max_delay: float | None = None
    full_jitter: bool = False

    def to_asl(self) -> dict[str, Any]:
        """The retrier as ASL writes it."""
        out: dict[str, Any] = {
            "ErrorEquals": list(self.errors),
            "IntervalSeconds": self.interval,
            "MaxAttempts": self.max_attempts,
            "BackoffRate": self.backoff_rate,
        }
        if self.max_delay is not None:
            out["MaxDelaySeconds"] = self.max_delay
        if self.full_jitter:
            out["JitterStrategy"] = "FULL"
        return out


LOOKING = Retrier(errors=("States.TaskFailed",), interval=5, max_attempts=6, max_delay=120, full_jitter=True)
"""Looking changes nothing, so it is tried again after any error."""


def never(error: str) -> Retrier:
    """The entry that keeps an error from those that follow."""
    return Retrier(errors=(error,), max_attempts=0)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What a job retries on its own, unless an ``add_retry`` of the user's names the same error.

    Attributes:
        retriers: Its entries, in order. If one names what the FailureReason of a failed job begins with
            (``CapacityError``, ``InternalServerError``, ``AlgorithmError``, ``ClientError``), failed jobs are told apart
            by it, for ``add_retry`` and ``add_catch`` too; else every failed job is ``States.TaskFailed``.
    """

    retriers: tuple[Retrier, ...] = ()

    @property
    def classifies_failures(self) -> bool:
        """Whether failed jobs are told apart by what the reason of their failure begins with."""
        return bool(self.around().retriers)

    @classmethod
    @cache
    def default(cls) -> RetryPolicy:
        """Throttled calls are retried for minutes, exceeded quotas for hours; both with jitter.

        The name that throttling arrives under is shared by other faults of the call, so a wrong permission is retried
        too before it fails: six times, at most 275 seconds in all.
        """
        return cls(
            (
                Retrier(errors=(THROTTLED,), interval=5, max_attempts=6, max_delay=120, full_jitter=True),
                Retrier(errors=(QUOTA,), interval=60, max_attempts=20, max_delay=600, full_jitter=True),
            )
        )

    @classmethod
    def by_cause(cls) -> RetryPolicy:
        """As the default; and jobs that fail for reasons of AWS's are run again, each time under a new name.

        No capacity is retried for hours (``CapacityError``: after 5 minutes, then at intervals that grow to an hour, eight
        times), an internal error of SageMaker's three times (``InternalServerError``). Failures of the user's are never
        retried, but can be told apart in a Catch. The job is then a Parallel of one branch, with one state transition more
        a job and one more a failure::

            train = ml.TrainingJob(self, "Train", ..., retry=ml.RetryPolicy.by_cause())
            train.add_catch(clean_up, errors=["AlgorithmError"])
        """
        capacity = Retrier(errors=(CAPACITY,), interval=300, max_attempts=8, max_delay=3600, full_jitter=True)
        internal = Retrier(errors=(INTERNAL,), interval=60, max_attempts=3, max_delay=600, full_jitter=True)
        return cls((*cls.default().retriers, capacity, internal))

    def inside(self) -> RetryPolicy:
        """The entries for errors that have their names without being told apart."""
        return RetryPolicy(tuple(entry for entry in self.retriers if not set(entry.errors) & set(CAUSES)))

    def around(self) -> RetryPolicy:
        """The entries for failures that are told apart by their causes."""
        return RetryPolicy(tuple(entry for entry in self.retriers if set(entry.errors) & set(CAUSES)))

    def through_sdk(self) -> RetryPolicy:
        """The same for a state that calls the API through an AWS SDK integration, which names throttling otherwise."""
        names = {THROTTLED: THROTTLED_SDK}
        return RetryPolicy(
            tuple(
                replace(entry, errors=tuple(names.get(error, error) for error in entry.errors))
                for entry in self.inside().retriers
            )
        )

    @classmethod
    def none(cls) -> RetryPolicy:
        """Nothing is retried."""
        return cls()


def render_retry(policy: RetryPolicy, added: Iterable[Retrier]) -> list[dict[str, Any]]:
    """The ``Retry`` field: the user's entries replace those of the policy for the errors that they name.

    Entries for all errors come last, so that they are for what is left: ``States.TaskFailed``, then ``States.ALL``.
    """
    added = list(added)
    named = {error for entry in added for error in entry.errors}
    kept = (
        replace(entry, errors=tuple(error for error in entry.errors if error not in named)) for entry in policy.retriers
    )
    entries = [*added, *(entry for entry in kept if entry.errors)]
    entries.sort(key=lambda entry: max(WILDCARDS.index(error) if error in WILDCARDS else -1 for error in entry.errors))
    return [entry.to_asl() for entry in entries]
