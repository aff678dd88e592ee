"""Messages from the emulator's process to its parent: one JSON object a line, over a pipe."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO


class Channel:
    """The sending end, which threads may share.

    Args:
        stream: The text stream to write to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, kind: str, **members: Any) -> None:  # noqa: ANN401 - a message carries any JSON
        """Send one message.

        Args:
            kind: Its kind: ``ready``, ``broken``, ``job``, ``log``, ``metric``, ``note``, ``state`` or
                ``over``.
            members: Its members; JSON values.
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
    """Parse a received message; None for a line that is none, as a library prints at its start."""
    try:
        message = json.loads(line)
    except json.JSONDecodeError:
        return None
    return message if isinstance(message, dict) and "kind" in message else None
