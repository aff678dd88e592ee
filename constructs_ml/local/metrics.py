"""Metrics that are read from a training job's log by regular expressions."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from constructs_ml.local.describe import now

if TYPE_CHECKING:
    from datetime import datetime


class MetricReader:
    """Follows a log and keeps each metric's latest value.

    Args:
        definitions: MetricDefinitions of the request: name and regular expression with one group.
    """

    def __init__(self, definitions: list[dict[str, str]]) -> None:
        self._patterns = [(definition["Name"], re.compile(definition["Regex"])) for definition in definitions]
        self._latest: dict[str, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def read(self, line: str) -> None:
        """Takes the metrics out of one line of the log."""
        for name, pattern in self._patterns:
            for match in pattern.finditer(line):
                try:
                    value = float(match.group(1) if pattern.groups else match.group())
                except (TypeError, ValueError):
                    continue  # the group took no part in the match, or what it holds is no number
                with self._lock:
                    self._latest[name] = (value, now())

    def final(self) -> list[dict[str, Any]]:
        """FinalMetricDataList: the last value of each metric."""
        with self._lock:
            return [{"MetricName": name, "Value": value, "Timestamp": at} for name, (value, at) in self._latest.items()]
