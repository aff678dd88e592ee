"""The cached jobs of a run, as its record has them: which results were taken, and why the others ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.local.runner.warm import MARKERS, cached_states
from constructs_ml.markers.marker import UnusableMarkerError, read_marker
from constructs_ml.markers.reasons import reasons, taken
from constructs_ml.run_record import Cached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local.runner.aws import LocalAws
    from constructs_ml.local.runner.execution import Execution
    from constructs_ml.markers.marker import Marker
    from constructs_ml.run_record import Visit

_MOST_MARKERS, _LARGEST, _MOST_REASONS, _MOST_LINES = 1000, 1 << 20, 5, 60


class _RunMarkers:
    """The markers in the buckets of a run."""

    def __init__(self, markers: list[Marker]) -> None:
        self._markers = sorted(markers, key=lambda marker: -marker.created)

    def newest_first(self, job: str) -> Iterator[Marker]:
        return (marker for marker in self._markers if marker.job == job)

    def with_key(self, key: str) -> Marker | None:
        return next((marker for marker in self._markers if marker.key == key), None)


def cached_of(aws: LocalAws, execution: Execution, visits: list[Visit]) -> list[Cached]:
    """Return the cached jobs of an execution.

    Args:
        aws: The embedded AWS.
        execution: The execution.
        visits: The visits of its states.
    """
    names = cached_states(execution.definition)
    if not names:
        return []
    markers = _RunMarkers(list(_markers(aws)))
    return [_cached(name, names, markers, execution.arn, visits) for name in names]


def _cached(name: str, names: list[str], markers: _RunMarkers, arn: str, visits: list[Visit]) -> Cached:
    own = [visit for visit in visits if visit.state == name]
    hits = sum(visit.cached for visit in own)
    ran = sum(visit.status == "succeeded" and not visit.cached for visit in own)
    found = reasons(markers, name, arn)[:_MOST_REASONS]
    if not found and hits:
        found = [each for each in [taken(markers, name, arn, [other for other in names if other != name])] if each]
    lines = [line for reason in found for line in reason.lines()]
    return Cached(name, hits, ran, lines[:_MOST_LINES])


def _markers(aws: LocalAws) -> Iterator[Marker]:
    s3 = aws.client("s3")
    count = 0
    for bucket in s3.list_buckets()["Buckets"]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"], Prefix=MARKERS):
            for entry in page.get("Contents", []):
                if entry["Size"] > _LARGEST or count == _MOST_MARKERS:
                    continue
                count += 1
                body = s3.get_object(Bucket=bucket["Name"], Key=entry["Key"])["Body"].read()
                try:
                    yield read_marker(body.decode("utf-8", "replace"), f"s3://{bucket['Name']}/{entry['Key']}")
                except UnusableMarkerError:
                    continue  # no look-up takes it either
