"""Messages of the emulator's process to the process that started it: one JSON object a line, over a pipe."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO


class Channel:
    """The sending end. Threads may share it.

    Args:
        stream: The text stream to write to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, kind: str, **members: Any) -> None:  # noqa: ANN401 - a message carries any JSON
        """Sends one message.

        Args:
            kind: What it is about: ``ready``, ``broken``, ``job``, ``log``, ``note``, ``state`` or ``over``.
            members: What it says; JSON values.
        """
        line = json.dumps({"kind": kind, **members}, default=str)
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                # The reader is gone; the watch on standard input ends this process.
                return


def parse(line: str) -> dict[str, Any] | None:
    """One received message, or None for a line that is none (a library that prints at its start)."""
    try:
        message = json.loads(line)
    except json.JSONDecodeError:
        return None
    return message if isinstance(message, dict) and "kind" in message else None
