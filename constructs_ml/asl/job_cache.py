"""The cache of a job, read from the states that :mod:`constructs_ml.asl.cached_job` writes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.asl.cached_job import MARKERS
from constructs_ml.asl.integration import S3, cache_steps
from constructs_ml.asl.values import fields_of

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State

_FOLDER = re.compile(rf"['\"](?P<folder>{MARKERS}/[^'\"]+/)['\"]")
_EXPIRES = re.compile(r"\.created > \$millis\(\) - (\d+)")


@dataclass(frozen=True, slots=True)
class JobCache:
    """The cache of a job.

    Attributes:
        state: The job's state.
        bucket: The bucket of its markers, with ``${Token[…]}`` for a name that is known only later.
        folder: The folder of its markers in it: ``cache/Census-1a2B/Train/``.
        expires: The milliseconds after which a marker is out of date; None for never.
    """

    state: State
    bucket: str
    folder: str
    expires: int | None

    @property
    def outputs(self) -> str:
        """The folder of the outputs that the library places: ``Census-1a2B/cache/Train/``."""
        owner, _, part = self.folder.removeprefix(f"{MARKERS}/").removesuffix("/").rpartition("/")
        return f"{owner}/{MARKERS}/{part}/"

    @property
    def writes_outputs(self) -> bool:
        """True if the job writes to that folder of the bucket of its markers."""
        place = f"s3://{self.bucket}/{self.outputs}"
        return any(
            place in json.dumps(inner.payload)
            for inner in self.state.inner[0].walk()
            if inner.resource.endswith(".sync")
        )


def cache_of(state: State) -> JobCache | None:
    """Return the cache of a job; None for another state, and for one that the library has not written.

    Args:
        state: Any state.
    """
    for step in cache_steps(state):
        request = fields_of(step.payload)
        bucket, found = request.get("Bucket"), _FOLDER.search(str(request.get("Key")))
        if step.resource == f"{S3}getObject" and isinstance(bucket, str) and found:
            expires = _EXPIRES.search(json.dumps(step.body.get("Assign")))
            return JobCache(state, bucket, found["folder"], int(expires[1]) if expires else None)
    return None
