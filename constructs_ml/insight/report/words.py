"""Durations, times and outcomes in words."""

from __future__ import annotations

from datetime import datetime, timezone

MARKS = {
    "succeeded": "✓",
    "failed": "✗",
    "caught": "↪",
    "running": "…",
    "cached": "⟲",
    "not run": "○",
}
_MINUTE, _HOUR = 60.0, 3600.0
_LEAST, _TENTHS = 0.01, 10.0


def duration(seconds: float) -> str:
    """Return a duration in words: ``< 0.01 s``, ``0.25 s``, ``12.5 s``, ``3 min 5 s``, ``2 h 4 min``."""
    if seconds < _LEAST:
        return "< 0.01 s"
    if seconds < _TENTHS:
        return f"{seconds:.2f} s"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min {int(seconds % _MINUTE)} s"
    return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE)} min"


def moment(seconds: float) -> str:
    """Return a time in words, in UTC; empty for none."""
    try:
        return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M:%S} UTC" if seconds else ""
    except (OverflowError, ValueError, OSError):
        return ""


def counted(count: int, what: str) -> str:
    """Return a number of things: ``1 state``, ``2 states``."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def size(text: str) -> str:
    """Return the length of a text in words."""
    return f"{len(text)} characters" if len(text) < 2000 else f"{len(text) / 1000:.0f} kB"  # noqa: PLR2004


def end_of(arn: str) -> str:
    """Return the part of an ARN that names the resource: its service, and the last part."""
    parts = arn.split(":", 5)
    return f"{parts[2]}: {parts[-1]}" if len(parts) == 6 else arn  # noqa: PLR2004
