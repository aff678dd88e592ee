"""Metrics from a training job's log, by regular expressions that cannot block the job."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import regex

from constructs_ml.local.aws.describe import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_LINE_SECONDS = 1.0
_SLOW_SECONDS = 0.05
_ALL_SLOW_SECONDS = 3.0
_SHOWN = 80
# The first values of a metric are all told, as a plot has few hundred places; then the latest one at most so often, and the last.
_AT_ONCE = 200
_EVERY_SECONDS = 0.25


class InvalidMetricError(Exception):
    """A metric's Regex is invalid."""


@dataclass
class _Metric:
    """A metric, and the time that its expression has spent on slow lines."""

    name: str
    pattern: Any
    lost: float = 0.0
    told: float = float("-inf")
    untold: float | None = None
    values: int = 0


class MetricReader:
    """Reader of a log that keeps each metric's latest value.

    An expression such as ``(a+)+$`` takes longer than a life for some lines. Each line has a second, and an expression that
    has lost three is given up: the package ``regex`` matches as ``re`` does, with a limit of time.

    Args:
        definitions: MetricDefinitions of the request: name and regular expression with one group.
        on_trouble: Takes messages about expressions that take too long.
        on_value: Takes a metric's name and its value, a few times a second at most once there are many; the last value is always told.

    Raises:
        InvalidMetricError: If an expression is none.
    """

    def __init__(
        self,
        definitions: list[dict[str, str]],
        on_trouble: Callable[[str], None],
        on_value: Callable[[str, float], None] | None = None,
    ) -> None:
        self._metrics = [_Metric(definition["Name"], _compiled(definition["Regex"])) for definition in definitions]
        self._on_trouble, self._on_value = on_trouble, on_value
        self._latest: dict[str, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def read(self, line: str) -> None:
        """Read the metrics in one line of the log."""
        for metric in self._metrics:
            if metric.lost < _ALL_SLOW_SECONDS:
                self._read(metric, line)

    def final(self) -> list[dict[str, Any]]:
        """Return FinalMetricDataList: the last value of each metric."""
        for metric in self._metrics:
            if self._on_value and metric.untold is not None:
                self._on_value(metric.name, metric.untold)
                metric.untold = None
        with self._lock:
            return [{"MetricName": name, "Value": value, "Timestamp": at} for name, (value, at) in self._latest.items()]

    def _read(self, metric: _Metric, line: str) -> None:
        began = time.monotonic()
        try:
            for match in metric.pattern.finditer(line, timeout=_LINE_SECONDS):
                self._take(metric, match.group(1) if metric.pattern.groups else match.group())
        except TimeoutError:
            self._tell(metric, f"took longer than {_LINE_SECONDS:g} s for a line of {len(line)} characters")
        seconds = time.monotonic() - began
        if seconds > _SLOW_SECONDS:
            metric.lost += seconds
            if metric.lost >= _ALL_SLOW_SECONDS:
                self._tell(metric, "took too long for too many lines: the metric is read no more in this job")

    def _take(self, metric: _Metric, text: str | None) -> None:
        try:
            value = float(text or "")
        except ValueError:
            return  # the group took no part in the match, or what it holds is no number
        with self._lock:
            self._latest[metric.name] = (value, now())
        metric.untold = value
        metric.values += 1
        if self._on_value and (metric.values <= _AT_ONCE or time.monotonic() - metric.told >= _EVERY_SECONDS):
            metric.told, metric.untold = time.monotonic(), None
            self._on_value(metric.name, value)

    def _tell(self, metric: _Metric, problem: str) -> None:
        shown = metric.pattern.pattern[:_SHOWN]
        self._on_trouble(
            f"metric {metric.name}: its Regex {shown!r} {problem}; write one that matches a line in one way only, "
            "without repetitions inside of repetitions"
        )


def _compiled(expression: str) -> Any:  # noqa: ANN401 - regex ships no types
    try:
        return regex.compile(expression)
    except regex.error as error:
        raise InvalidMetricError(f"{expression!r} is not a regular expression: {error}") from error
