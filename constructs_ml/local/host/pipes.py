"""Pipe mode: an input that is streamed through a FIFO without touching the disk."""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POLL_SECONDS = 0.02


class Pipe:
    """An input that is written to FIFOs until the job ends.

    Args:
        path: Gives the FIFO's path for an epoch.
        content: Gives the input's bytes, anew for each epoch.
        epochs: The number of times that the input is streamed; None for each time that the job opens the next FIFO.
    """

    def __init__(
        self, path: Callable[[int], Path], content: Callable[[], Iterator[bytes]], *, epochs: int | None = None
    ) -> None:
        self._path, self._content, self._epochs = path, content, epochs
        self._ended = threading.Event()
        self.error: Exception | None = None
        self._make(0)
        self._thread = threading.Thread(target=self._run, name=f"pipe {path(0).name}", daemon=True)

    def start(self) -> None:
        """Begin to wait for the job to open the FIFO."""
        self._thread.start()

    def close(self) -> None:
        """Stop, even if the job has not read everything."""
        self._ended.set()
        self._thread.join()

    def _make(self, epoch: int) -> None:
        path = self._path(epoch)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)

    def _run(self) -> None:
        epoch = 0
        while not self._ended.is_set() and (self._epochs is None or epoch < self._epochs):
            descriptor = self._open(self._path(epoch))
            if descriptor is None:
                return
            try:
                # The next epoch's FIFO is there before this one ends, for the job opens it next.
                if self._epochs is None or epoch + 1 < self._epochs:
                    self._make(epoch + 1)
                self._feed(descriptor)
            except Exception as error:  # noqa: BLE001 - a refusal by S3 ends the job, which looks here
                self.error = error
                return
            finally:
                os.close(descriptor)
            epoch += 1

    def _open(self, path: Path) -> int | None:
        while not self._ended.is_set():
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:  # no reader yet
                    self.error = error
                    return None
            self._ended.wait(_POLL_SECONDS)
        return None

    def _feed(self, descriptor: int) -> None:
        for chunk in self._content():
            view = memoryview(chunk)
            while view:
                if self._ended.is_set():
                    return
                try:
                    view = view[os.write(descriptor, view) :]
                except BlockingIOError:
                    self._ended.wait(_POLL_SECONDS)
                except BrokenPipeError:
                    return  # the job has read enough
