"""The markers that ``constructs-ml why`` reads: those of a folder of local runs, or those of a state machine on AWS."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.job_cache import cache_of
from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.errors import ConstructsMLError, UnusableInputError
from constructs_ml.markers.marker import UnusableMarkerError, read_marker
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_ml.markers.marker import Marker

_EXECUTION = re.compile(r"arn:[\w-]+:states:(?P<region>[\w-]+):[0-9]{12}:execution:[^:\s]+:[^:\s]+")
_KEY = re.compile(r"[0-9a-f]{64}")
_LARGEST = 1 << 20
"""The most bytes of a marker: a state can write a quarter of that."""
_NEEDS = "states:DescribeStateMachineForExecution, s3:ListBucket and s3:GetObject"


class Recorded:
    """Markers at hand.

    Attributes:
        jobs: The names of the cached jobs.
        unreadable: The markers that cannot be read, with the reasons.
    """

    jobs: tuple[str, ...]
    unreadable: list[str]

    def newest_first(self, job: str) -> Iterator[Marker]:
        """Yield the markers of a job, the newest first."""
        raise NotImplementedError

    def with_key(self, key: str) -> Marker | None:
        """Return the marker of any job with a key; None if there is none."""
        raise NotImplementedError

    def _read(self, text: str, at: str) -> Marker | None:
        try:
            return read_marker(text, at)
        except UnusableMarkerError as error:
            if str(error) not in self.unreadable:
                self.unreadable.append(str(error))
            return None


class _Folder(Recorded):
    """The markers of one stack in a folder of local runs."""

    def __init__(self, markers: list[Marker], unreadable: list[str]) -> None:
        self._markers = sorted(markers, key=lambda marker: -marker.created)
        self.jobs = tuple(dict.fromkeys(marker.job for marker in self._markers))
        self.unreadable = unreadable

    def newest_first(self, job: str) -> Iterator[Marker]:
        return (marker for marker in self._markers if marker.job == job)

    def with_key(self, key: str) -> Marker | None:
        return next((marker for marker in self._markers if marker.key == key), None)


def in_folder(path: Path, execution: str | None) -> Recorded:
    """Return the markers in a folder of local runs: those of the stack of an execution, or of the one that ran last.

    Args:
        path: The folder.
        execution: The execution, by its ARN or name.

    Raises:
        RunInputError: If it is not such a folder.
    """
    from constructs_ml.local.runner.warm_folder import WarmFolder

    reader = _Folder([], [])
    stacks: dict[str, list[Marker]] = {}
    for kept, text in WarmFolder(path).read():
        marker = reader._read(text, f"s3://{kept.bucket}/{kept.key}")  # noqa: SLF001 - of the same module
        if marker:
            stack = "/".join((kept.bucket, *kept.key.split("/")[:2]))
            stacks.setdefault(stack, []).append(marker)
    asked = [own for own in stacks.values() if execution and any(marker.is_of(execution) for marker in own)]
    newest = max(asked or stacks.values(), key=lambda own: max(marker.created for marker in own), default=[])
    return _Folder(newest, reader.unreadable)


def in_aws(execution: str) -> Recorded:
    """Return the markers of the state machine of an execution, by the user's credentials.

    Args:
        execution: The execution's ARN.

    Raises:
        UnusableInputError: If it is not an ARN of one, or there is no such execution.
        MissingRequirementError: If boto3 is not installed.
        ConstructsMLError: If AWS cannot be asked.
    """
    found = _EXECUTION.fullmatch(execution)
    if found is None:
        raise UnusableInputError(
            f"{shortened(execution)} is not the ARN of an execution, arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME; "
            "for a local run, name its folder (--warm)"
        )
    from constructs_ml.local.host.requirements import require

    require("boto3", by="constructs-ml why with an execution on AWS")
    import boto3

    session = boto3.Session(region_name=found["region"])
    with _told(f"the state machine of {execution}"):
        answer = session.client("stepfunctions").describe_state_machine_for_execution(executionArn=execution)
    try:
        definition = parse_json(answer["definition"])
    except InvalidTextError as error:
        raise UnusableInputError(f"the definition of {answer['stateMachineArn']} {error.problem}") from error
    with _told("S3"):
        return Bucketed(definition if isinstance(definition, dict) else {}, session.client("s3"))


class Bucketed(Recorded):
    """The markers of a state machine, read from its bucket when they are asked for.

    Args:
        definition: The definition, as JSON data.
        s3: A client of S3.
    """

    def __init__(self, definition: Mapping[str, Any], s3: Any) -> None:  # noqa: ANN401 - boto3 ships no types
        self._s3 = s3
        states = read_definition(definition).walk()
        caches = [found for state in states if (found := cache_of(state)) is not None]
        self._places = {found.state.name: (found.bucket, found.folder) for found in caches}
        self.jobs = tuple(self._places)
        self.unreadable = []
        self._seen: dict[tuple[str, str], Marker | None] = {}

    def newest_first(self, job: str) -> Iterator[Marker]:
        """List the markers of a job, and read one after another, the newest first."""
        bucket, folder = self._places[job]
        with _told(f"s3://{bucket}/{folder}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
            found = [entry for page in pages for entry in page.get("Contents", []) if entry["Size"] <= _LARGEST]
        for entry in sorted(found, key=lambda entry: entry["LastModified"], reverse=True):
            marker = self._at(bucket, entry["Key"])
            if marker is not None:
                yield marker

    def with_key(self, key: str) -> Marker | None:
        """Read the marker with a key in the folder of each job until there is one; None if there is none."""
        if not _KEY.fullmatch(key):
            return None
        found = (self._at(bucket, f"{folder}{key}.json") for bucket, folder in self._places.values())
        return next((marker for marker in found if marker is not None and marker.key == key), None)

    def _at(self, bucket: str, key: str) -> Marker | None:
        if (bucket, key) not in self._seen:
            self._seen[bucket, key] = self._got(bucket, key)
        return self._seen[bucket, key]

    def _got(self, bucket: str, key: str) -> Marker | None:
        place = f"s3://{bucket}/{key}"
        with _told(place):
            try:
                body = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read(_LARGEST)
            except self._s3.exceptions.NoSuchKey:
                return None
        return self._read(body.decode("utf-8", "replace"), place)


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn errors of boto3 into one that says what could not be read, and what it needs.

    Raises:
        ConstructsMLError: In their place.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        code, message = (shortened(str(details.get(name, ""))) for name in ("Code", "Message"))
        needs = f"; your credentials need {_NEEDS}" if "AccessDenied" in code or code == "403" else ""
        raise ConstructsMLError(f"{what} cannot be read: {code}: {message}{needs}") from error
    except BotoCoreError as error:
        raise ConstructsMLError(f"{what} cannot be read: {error}") from error
