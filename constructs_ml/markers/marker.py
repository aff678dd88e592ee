"""The text of a marker, read as far as it is sound."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.errors import UnusableInputError
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""The version of markers that is known."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of objects, which is a part of a key.

    Attributes:
        digest: Its digest.
        count: The number of its objects; None if it is not known.
        objects: The objects by their keys below the input's prefix, each with its ETag and size; None if there are too many.
    """

    digest: str
    count: int | None = None
    objects: Mapping[str, str] | None = None


Part = str | Listing
"""A part of a key: a text, or a listing."""


@dataclass(frozen=True, slots=True)
class Marker:
    """The record of a run of a cached job.

    Attributes:
        job: The name of the job's state.
        key: The job's key.
        created: The time of the record, in milliseconds since the epoch.
        execution: The name of the execution that ran the job.
        execution_id: Its ARN.
        parts: The parts of the key, by name.
    """

    job: str
    key: str
    created: float
    execution: str
    execution_id: str
    parts: Mapping[str, Part]

    def is_of(self, execution: str) -> bool:
        """Return whether an execution wrote it.

        Args:
            execution: Its ARN, or its name.
        """
        return execution in {self.execution_id, self.execution}


class UnusableMarkerError(UnusableInputError):
    """A text is not a marker, or one of another version."""


def read_marker(text: str, at: str) -> Marker:
    """Parse a marker.

    Args:
        text: Its text.
        at: Its place, for messages.

    Raises:
        UnusableMarkerError: If it is not one of the known version.
    """
    try:
        found = parse_json(text)
    except InvalidTextError as error:
        raise UnusableMarkerError(f"{at} {error.problem}") from error
    if not isinstance(found, dict):
        raise UnusableMarkerError(f"{at} must be an object, got {shortened(text)}")
    version = found.get("version")
    if version != VERSION or isinstance(version, bool):
        raise UnusableMarkerError(f"{at} must have version {VERSION}, got {shortened(repr(version))}")
    for name in ("job", "key", "execution", "executionId"):
        _require(found, name, str, at)
    for name, kind in (("created", (int, float)), ("parts", dict)):
        _require(found, name, kind, at)
    parts = {name: _part(part, f"{at}: parts.{shortened(name)}") for name, part in found["parts"].items()}
    return Marker(
        job=found["job"],
        key=found["key"],
        created=float(found["created"]),
        execution=found["execution"],
        execution_id=found["executionId"],
        parts=MappingProxyType(parts),
    )


def _require(found: Mapping[str, Any], name: str, kind: type | tuple[type, ...], at: str) -> None:
    value = found.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise UnusableMarkerError(f"{at}: {name} is missing or of a wrong type, got {shortened(repr(value))}")


def _part(value: Any, at: str) -> Part:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value
    digest = value.get("digest") if isinstance(value, dict) else None
    if not isinstance(digest, str):
        raise UnusableMarkerError(f"{at} must be a text or a listing, got {shortened(repr(value))}")
    count, objects = value.get("count"), value.get("objects")
    sound = isinstance(objects, dict) and all(isinstance(state, str) for state in objects.values())
    counted = isinstance(count, (int, float)) and not isinstance(count, bool)
    return Listing(digest, int(count) if counted else None, MappingProxyType(objects) if sound else None)
