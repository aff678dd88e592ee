"""Retries by cause.

Step Functions tells apart only the names of errors; what it can tell apart and retrying can cure is retried by default.

Source: error names as they appear in execution histories of the SageMaker integrations; user errors (validation,
permissions, a name in use, a failing script) are not cured by trying again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

THROTTLED = "SageMaker.AmazonSageMakerException"
THROTTLED_SDK = "SageMaker.SageMakerException"
"""What the AWS SDK integrations (``aws-sdk:sagemaker:…``) call it."""
QUOTA = "SageMaker.ResourceLimitExceededException"


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


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What a job retries on its own, before any ``add_retry`` of the user's.

    Attributes:
        retriers: Its entries, in order.
    """

    retriers: tuple[Retrier, ...] = ()

    @classmethod
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

    def through_sdk(self) -> RetryPolicy:
        """The same for a state that calls the API through an AWS SDK integration, which names throttling otherwise."""
        names = {THROTTLED: THROTTLED_SDK}
        return RetryPolicy(
            tuple(
                replace(entry, errors=tuple(names.get(error, error) for error in entry.errors))
                for entry in self.retriers
            )
        )

    @classmethod
    def none(cls) -> RetryPolicy:
        """Nothing is retried."""
        return cls()


def render_retry(policy: RetryPolicy, added: Iterable[Retrier]) -> list[dict[str, Any]]:
    """The ``Retry`` field: the user's entries first, so that they win; one for ``States.ALL`` comes last."""
    entries = [*added, *policy.retriers]
    entries.sort(key=lambda entry: "States.ALL" in entry.errors)
    return [entry.to_asl() for entry in entries]
