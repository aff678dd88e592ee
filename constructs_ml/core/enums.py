"""The closed choices of the SageMaker API that several jobs share."""

from __future__ import annotations

from enum import Enum


class InputMode(Enum):
    """The way in which the data reaches the container."""

    FILE = "File"
    """The data is there when the container starts."""
    PIPE = "Pipe"
    """The data streams through a named pipe."""
    FAST_FILE = "FastFile"
    """The data looks like files and streams when it is read. Training jobs only."""


class Distribution(Enum):
    """The part of the data that each instance gets."""

    FULLY_REPLICATED = "FullyReplicated"
    SHARDED_BY_S3_KEY = "ShardedByS3Key"


class Compression(Enum):
    """The compression of the data."""

    NONE = "None"
    GZIP = "Gzip"


class UploadMode(Enum):
    """The time at which a job's output is uploaded."""

    END_OF_JOB = "EndOfJob"
    CONTINUOUS = "Continuous"


def api_value(value: Enum | str | None) -> str | None:
    """Return the API's word for an option: an enum's value, or a text as it is (a token, a JsonPath)."""
    return value.value if isinstance(value, Enum) else value
