"""Metrics as small plots: the places of their values in a box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.terminal import one_line

if TYPE_CHECKING:
    from constructs_ml.run_record import Series

WIDTH, HEIGHT = 240.0, 56.0
_MARGIN = 4.0


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot.

    Attributes:
        name: The name of the metric.
        points: The places of its values; empty if there is one only.
        end: The place of the last value.
        last: The last value.
        least: The least one.
        most: The greatest one.
        count: The number of values.
        words: All of it in words.
    """

    name: str
    points: str
    end: tuple[str, str]
    last: str
    least: str
    most: str
    count: int
    words: str


def plot_of(series: Series) -> Plot | None:
    """Return the plot of a metric; None if it has no values."""
    values = [value for value in series.values if math.isfinite(value)]
    if not values:
        return None
    times = series.times if len(series.times) == len(values) else [float(at) for at in range(len(values))]
    least, most = min(values), max(values)
    first, last = min(times), max(times)
    places = [
        (
            _MARGIN + (WIDTH - 2 * _MARGIN) * ((at - first) / (last - first) if last > first else 1.0),
            HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * ((value - least) / (most - least) if most > least else 0.5),
        )
        for at, value in zip(times, values, strict=True)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places) if len(places) > 1 else ""
    name, shown = one_line(series.name), f"{values[-1]:.4g}"
    words = f"{name}: {len(values)} values, from {values[0]:.4g} to {shown}, least {least:.4g}, greatest {most:.4g}"
    end = (f"{places[-1][0]:.1f}", f"{places[-1][1]:.1f}")
    return Plot(name, points, end, shown, f"{least:.4g}", f"{most:.4g}", len(values), words)
