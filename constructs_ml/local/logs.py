"""A job's log: kept in a file, shown to the user, and written to CloudWatch Logs under the job's role."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from constructs_ml.local.faults import JobError, denied

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.clients import RoleSession

_EVERY_SECONDS = 0.5
_BATCH = 1000
_TAIL = 20
_LINE = 250_000  # of the 262,144 bytes that an event may have


class JobLog:
    """Takes the lines of a job's hosts.

    Args:
        group: The log group.
        prefix: The beginning of the streams' names: the job's.
        role: Makes the calls to CloudWatch Logs.
        group_exists: Tells whether the group is there already.
        on_line: Takes each line as well: the host's name and the text.
    """

    def __init__(
        self,
        group: str,
        prefix: str,
        role: RoleSession,
        group_exists: Callable[[], bool],
        on_line: Callable[[str, str], None],
    ) -> None:
        self._group, self._prefix, self._role = group, prefix, role
        self._group_exists, self._on_line = group_exists, on_line
        self._epoch = int(time.time())
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self._tail: list[str] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._shipper = threading.Thread(target=self._ship, name=f"logs {prefix}", daemon=True)
        self.error: JobError | None = None

    def open(self, hosts: list[str]) -> None:
        """Makes the group, if it is missing, and a stream for each host.

        Raises:
            JobError: If the role may not.
        """
        logs = self._role.client("logs")
        try:
            if not self._group_exists():
                logs.create_log_group(logGroupName=self._group)
        except logs.exceptions.ResourceAlreadyExistsException:
            pass  # another job was faster
        except logs.exceptions.ClientError as error:
            raise self._failure(error) from error
        try:
            for host in hosts:
                logs.describe_log_streams(logGroupName=self._group, logStreamNamePrefix=self._stream(host))
                logs.create_log_stream(logGroupName=self._group, logStreamName=self._stream(host))
        except logs.exceptions.ClientError as error:
            raise self._failure(error) from error
        self._shipper.start()

    def line(self, host: str, text: str) -> None:
        """Takes one line of a host's output."""
        self._on_line(host, text)
        with self._lock:
            self._tail = [*self._tail[1 - _TAIL :], text]
            if text:  # an event's message may not be empty
                event = {"timestamp": int(time.time() * 1000), "message": text[:_LINE]}
                self._waiting.setdefault(host, []).append(event)

    def last(self) -> str:
        """The last line that says something: of a traceback the exception."""
        with self._lock:
            return next((text.strip() for text in reversed(self._tail) if text.strip()), "")

    def mentions(self, text: str) -> bool:
        """Whether one of the last lines holds a text."""
        with self._lock:
            return any(text in line for line in self._tail)

    def close(self) -> None:
        """Writes what waits, and stops."""
        self._ended.set()
        if self._shipper.is_alive():
            self._shipper.join()

    def _stream(self, host: str) -> str:
        return f"{self._prefix}/{host}-{self._epoch}"

    def _ship(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        ended = False
        while not ended:
            ended = self._ended.wait(_EVERY_SECONDS)
            with self._lock:
                waiting, self._waiting = self._waiting, {}
            try:
                for host, events in waiting.items():
                    for start in range(0, len(events), _BATCH):
                        self._role.client("logs").put_log_events(
                            logGroupName=self._group,
                            logStreamName=self._stream(host),
                            logEvents=events[start : start + _BATCH],
                        )
            except ClientError as error:
                self.error = self._failure(error)
                return
            except BotoCoreError as error:
                self.error = JobError(f"log lines could not be written to {self._group}: {error}")
                return

    def _failure(self, error: Any) -> JobError:  # noqa: ANN401 - botocore ships no types
        return JobError(denied(error) or f"{self._group}: {error}")
