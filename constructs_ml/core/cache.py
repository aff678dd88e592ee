"""The cache of jobs: a job that has run with the same key is not run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.core.prop_checks import check_fields
from constructs_ml.core.prop_types import type_faults
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from aws_cdk import Duration

_SHORTEST = 1_000
"""The least milliseconds before a marker expires."""


@check_fields
@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Makes a job run only if nothing that decides its result has changed since it last ran.

    ::

        train = ml.TrainingJob(
            self, "Train",
            image=ml.ContainerImage.sklearn("1.2-1"),
            channels={"train": ml.S3Data.from_bucket(bucket, "train/")},
            cache=ml.Cache(expires=Duration.days(30)),
        )

    The state looks for a marker in S3 under the job's key: a digest of its image, code, arguments, hyperparameters, environment,
    every other member of its request that decides the result, the objects that it reads, and the keys of the cached jobs whose
    outputs it reads. If there is a marker, the recorded result is that of the state and no job runs. The key has no names, roles,
    instance types and tags. docs/cache.md describes it.

    Attributes:
        expires: The time after which a job runs again, at least a second. Default: never.
        verify_outputs: Whether a hit verifies that the outputs are still there, which takes a state transition. Without it a hit may
            lead to outputs that somebody has removed, and the job that reads them fails. Default: yes.
    """

    expires: Duration | None = None
    verify_outputs: bool = True

    def __post_init__(self) -> None:
        """Check the duration.

        Raises:
            InvalidPropsError: If it is not a duration, or shorter than a second.
        """
        faults = list(
            type_faults(
                {"expires": "Duration | None", "verify_outputs": "bool"},
                {"expires": self.expires, "verify_outputs": self.verify_outputs},
            )
        )
        if not faults and self.milliseconds is not None and self.milliseconds < _SHORTEST:
            problem = f"must be at least a second, got {self.milliseconds:.0f} ms"
            faults.append(Fault("expires", problem, "pass Duration.days(30)"))
        if faults:
            raise InvalidPropsError("Cache", faults)

    @property
    def milliseconds(self) -> float | None:
        """The milliseconds after which a marker is out of date; None for never."""
        return None if self.expires is None else self.expires.to_milliseconds()
