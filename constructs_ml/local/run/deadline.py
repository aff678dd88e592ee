"""The time at which a run is given up."""

from __future__ import annotations

import time


class Deadline:
    """A deadline of several steps.

    Args:
        seconds: The seconds from now on; None if there is no end.
    """

    def __init__(self, seconds: float | None) -> None:
        self._at = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float | None:
        """The seconds that are left; None if there is no end."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())
