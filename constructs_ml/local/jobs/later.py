"""Does things after a while, as a service would."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Later:
    """Calls functions later, each in a thread of its own, until it is closed."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def after(self, seconds: float, *steps: Callable[[], None]) -> None:
        """Calls functions one after another, each after the same while.

        Args:
            seconds: How long each waits.
            steps: What to call.
        """

        def run() -> None:
            for step in steps:
                if self._closed.wait(seconds):
                    return
                step()

        threading.Thread(target=run, name="later", daemon=True).start()

    def close(self) -> None:
        """Calls nothing any more."""
        self._closed.set()
