"""Which fields must be there, and which exclude each other.

Source: the Amazon States Language, and the pages on each state type of the Step Functions developer guide.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.asl.walk import CHOICE_RULE

if TYPE_CHECKING:
    from collections.abc import Mapping

Names = tuple[str, ...]


def _each(*names: str) -> tuple[Names, ...]:
    return tuple((name,) for name in names)


def _or_path(*names: str) -> tuple[Names, ...]:
    return tuple((name, f"{name}Path") for name in names)


ONE_OF: Mapping[str, tuple[Names, ...]] = MappingProxyType(
    {
        "a Task state": _each("Resource"),
        "a Choice state": _each("Choices"),
        "a Wait state": (("Seconds", "Timestamp", "SecondsPath", "TimestampPath"),),
        "a Parallel state": _each("Branches"),
        "a Map state": (("ItemProcessor", "Iterator"),),
        "a retrier": _each("ErrorEquals"),
        "a catcher": _each("ErrorEquals", "Next"),
        CHOICE_RULE: _each("Next"),
        "an ItemReader": _each("Resource"),
        "Credentials": (("RoleArn", "RoleArn.$"),),
    }
)
"""Exactly one field of each of these, by part."""

AT_MOST_ONE: Mapping[str, tuple[Names, ...]] = MappingProxyType(
    {
        "a Task state": _or_path("TimeoutSeconds", "HeartbeatSeconds"),
        "a Fail state": _or_path("Error", "Cause"),
        "a Map state": (
            *_or_path("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"),
            ("ItemSelector", "Parameters"),
        ),
        "a ReaderConfig": _or_path("MaxItems"),
        "an ItemBatcher": _or_path("MaxItemsPerBatch", "MaxInputBytesPerBatch"),
    }
)
"""No more than one field of each of these."""

AT_LEAST_ONE: Mapping[str, tuple[Names, ...]] = MappingProxyType(
    {
        "an ItemBatcher": (
            ("MaxItemsPerBatch", "MaxInputBytesPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"),
        ),
    }
)
"""One or more fields of each of these."""

GIVEN: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {
        "a ProcessorConfig": (("Mode", "DISTRIBUTED", "ExecutionType"),),
        "a ReaderConfig": (("CSVHeaderLocation", "GIVEN", "CSVHeaders"),),
    }
)
"""A field, a value of it, and the field that must be there then."""
