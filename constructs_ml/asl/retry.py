"""Retries by cause.

Step Functions distinguishes errors only by name. The names that stand for temporary faults are retried by default.

Source: error names as they appear in execution histories of the SageMaker integrations; user errors (validation,
permissions, a name in use, a failing script) are not cured by a retry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

THROTTLED = "SageMaker.AmazonSageMakerException"
THROTTLED_SDK = "SageMaker.SageMakerException"
"""The same error as the AWS SDK integrations (``aws-sdk:sagemaker:…``) name it."""
QUOTA = "SageMaker.ResourceLimitExceededException"

WILDCARDS = ("States.TaskFailed", "States.ALL")
"""Names that match other errors, the widest last."""

CAPACITY, INTERNAL = "CapacityError", "InternalServerError"
CAUSES = (CAPACITY, INTERNAL, "AlgorithmError", "ClientError")
"""Prefixes of the FailureReason of a failed job: the first two are AWS's fault, the others the user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """One entry of a state's ``Retry``.

    Attributes:
        errors: The names of the errors it is for.
        interval: Seconds before the first retry.
        max_attempts: The number of retries.
        backoff_rate: The factor from each wait to the next.
        max_delay: The longest wait in seconds. None: no limit.
        full_jitter: True for a random wait between 0 and the computed one.
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


POLL_RETRIER = Retrier(errors=("States.TaskFailed",), interval=5, max_attempts=6, max_delay=120, full_jitter=True)
"""A poll changes nothing, so it is retried after any error."""

S3_RETRIER = Retrier(errors=("S3.S3Exception",), max_attempts=3, full_jitter=True)
"""A read of S3: throttling has no name of its own there, and a missing permission or object has the same."""


def never(error: str) -> Retrier:
    """Return an entry that keeps an error from the entries after it."""
    return Retrier(errors=(error,), max_attempts=0)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The errors that a job retries by default, unless an ``add_retry`` of the user's names the same error.

    Attributes:
        retriers: Its entries, in order. If one names a prefix of a failed job's FailureReason (``CapacityError``,
            ``InternalServerError``, ``AlgorithmError``, ``ClientError``), that prefix becomes the error name, for
            ``add_retry`` and ``add_catch`` too; otherwise every failed job is ``States.TaskFailed``.
    """

    retriers: tuple[Retrier, ...] = ()

    @property
    def classifies_failures(self) -> bool:
        """True if failed jobs get an error name by the prefix of their failure reason."""
        return bool(self.around().retriers)

    @classmethod
    @cache
    def default(cls) -> RetryPolicy:
        """Retry throttled calls for minutes and exceeded quotas for hours, both with jitter.

        Other faults of the call share the error name of throttling, so a missing permission is retried too before it
        fails: six times, at most 275 seconds in all.
        """
        return cls(
            (
                Retrier(errors=(THROTTLED,), interval=5, max_attempts=6, max_delay=120, full_jitter=True),
                Retrier(errors=(QUOTA,), interval=60, max_attempts=20, max_delay=600, full_jitter=True),
            )
        )

    @classmethod
    def by_cause(cls) -> RetryPolicy:
        """Retry as the default does, and run jobs again that fail through AWS's fault, each time under a new name.

        A lack of capacity (``CapacityError``) is retried eight times over hours: after 5 minutes, then at intervals that
        grow to an hour. An internal error of SageMaker (``InternalServerError``) is retried three times. Failures that
        are the user's fault are never retried, but a Catch can name them. The job becomes a Parallel of one branch, which
        costs one more state transition for each job and one more for each failure::

            train = ml.TrainingJob(self, "Train", ..., retry=ml.RetryPolicy.by_cause())
            train.add_catch(clean_up, errors=["AlgorithmError"])
        """
        capacity = Retrier(errors=(CAPACITY,), interval=300, max_attempts=8, max_delay=3600, full_jitter=True)
        internal = Retrier(errors=(INTERNAL,), interval=60, max_attempts=3, max_delay=600, full_jitter=True)
        return cls((*cls.default().retriers, capacity, internal))

    def inside(self) -> RetryPolicy:
        """Return the entries for errors that Step Functions names by itself."""
        return RetryPolicy(tuple(entry for entry in self.retriers if not set(entry.errors) & set(CAUSES)))

    def around(self) -> RetryPolicy:
        """Return the entries for failures that are classified by their cause."""
        return RetryPolicy(tuple(entry for entry in self.retriers if set(entry.errors) & set(CAUSES)))

    def through_sdk(self) -> RetryPolicy:
        """Return the policy for an AWS SDK integration, where throttling has another name."""
        names = {THROTTLED: THROTTLED_SDK}
        return RetryPolicy(
            tuple(
                replace(entry, errors=tuple(names.get(error, error) for error in entry.errors))
                for entry in self.inside().retriers
            )
        )

    @classmethod
    def none(cls) -> RetryPolicy:
        """Retry nothing."""
        return cls()


def render_retry(policy: RetryPolicy, added: Iterable[Retrier]) -> list[dict[str, Any]]:
    """Return the ``Retry`` field: the user's entries replace those of the policy for the errors that they name.

    Wildcards come last, so that they match only the errors that are left: ``States.TaskFailed``, then ``States.ALL``.
    """
    added = list(added)
    named = {error for entry in added for error in entry.errors}
    kept = (
        replace(entry, errors=tuple(error for error in entry.errors if error not in named)) for entry in policy.retriers
    )
    entries = [*added, *(entry for entry in kept if entry.errors)]
    entries.sort(key=lambda entry: max(WILDCARDS.index(error) if error in WILDCARDS else -1 for error in entry.errors))
    return [entry.to_asl() for entry in entries]
