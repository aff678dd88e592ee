"""The buckets of a template that jobs write to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.lint.security.call import Call, Part
    from constructs_ml.lint.security.subject import Resource, Subject

BUCKET = "AWS::S3::Bucket"
_WRITTEN = ("DestinationS3Uri", "OutputS3Uri", "S3FailurePath", "S3OutputLocation", "S3OutputPath")
_WRITTEN_IN = frozenset({"CheckpointConfig", "MonitoringS3Output", "ProcessingS3Output"})
WITHOUT_KEY = frozenset(
    {"CheckpointConfig", "DebugHookConfig", "DebugRuleConfiguration", "ProfilerConfig", "TensorBoardOutputConfig"}
)
"""Structures whose output is encrypted by the bucket's settings: the request has no member for a key."""
_TOKEN = re.compile(r"\$\{Token\[(\w+)\]\}")


@dataclass(frozen=True, slots=True)
class Written:
    """A location in a bucket to which a request writes.

    Attributes:
        call: The request.
        part: The structure that names the location.
        member: The path of the location.
        bucket: The bucket.
    """

    call: Call
    part: Part
    member: str
    bucket: Resource


def written(subject: Subject) -> Iterator[Written]:
    """Yield all locations in the template's buckets to which requests write."""
    buckets = {bucket.name: bucket for bucket in subject.resources(BUCKET)}
    for call in subject.calls if buckets else ():
        for part in call.parts:
            for name in (*_WRITTEN, *(("S3Uri",) if part.shape.name in _WRITTEN_IN else ())):
                uri = part.body.get(name, part.body.get(f"{name}.$"))
                for token in _TOKEN.findall(uri) if isinstance(uri, str) else ():
                    if token in buckets:
                        yield Written(call, part, part.at(name), buckets[token])


def written_buckets(subject: Subject) -> list[Resource]:
    """Return the template's buckets that jobs write to, each once."""
    found = {place.bucket.name: place.bucket for place in written(subject)}
    return list(found.values())
