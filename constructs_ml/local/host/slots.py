"""The number of instances that run at once, limited by the files that this process may open."""

from __future__ import annotations

import resource
import threading

# Of the emulator itself, and of connections whose ends it still holds.
_RESERVED = 100
# An instance's pipe and file of its log, and both ends of its job's connections to S3 and CloudWatch Logs.
_PER_INSTANCE = 8
# More than any machine runs; beyond it macOS refuses.
_ENOUGH = 10_240
_LOOK_SECONDS = 0.1


def raise_file_limit() -> int:
    """Raise this process's limit of open files as far as allowed; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _ENOUGH if soft == resource.RLIM_INFINITY else soft


class Slots:
    """Slots for instances; a job waits until all of its own are free, as for capacity on SageMaker.

    Args:
        files: The limit of open files.
    """

    def __init__(self, files: int) -> None:
        self.number = max(1, (files - _RESERVED) // _PER_INSTANCE)
        self._free = self.number
        self._changed = threading.Condition()

    def take(self, instances: int, stopping: threading.Event) -> int:
        """Wait for slots.

        Args:
            instances: The number; capped at the number of all slots.
            stopping: Set when the job is to be stopped.

        Returns:
            How many were taken; none if the job was stopped before.
        """
        wanted = min(instances, self.number)
        with self._changed:
            while self._free < wanted and not stopping.is_set():
                self._changed.wait(_LOOK_SECONDS)
            if stopping.is_set():
                return 0
            self._free -= wanted
            return wanted

    def give_back(self, taken: int) -> None:
        """Release slots."""
        with self._changed:
            self._free += taken
            self._changed.notify_all()
