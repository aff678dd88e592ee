"""A job's log: shown to the user, and written to CloudWatch Logs under the job's role.

A job that writes faster than its log is taken waits, as one whose pipe is full.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.faults import JobError, denied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local.aws.clients import RoleSession

_EVERY_SECONDS = 0.5
# What a call to PutLogEvents may carry, each event counting 26 bytes more than it has.
_BATCH_EVENTS, _BATCH_BYTES, _EVENT_BYTES, _MORE = 10_000, 1 << 20, 1 << 18, 26
_MOST_WAITING = 4 << 20
_TAIL, _TAIL_LINE = 20, 10_000


class JobLog:
    """The log of a job's hosts.

    Args:
        group: The log group.
        prefix: The beginning of the streams' names: the job's.
        role: Makes the calls to CloudWatch Logs.
        group_exists: Returns whether the group exists already.
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
        self._size = 0
        self._tail: list[str] = []
        self._changed = threading.Condition()
        self._ended, self._closed = False, False
        self._shipper = threading.Thread(target=self._ship, name=f"logs {prefix}", daemon=True)
        self.error: JobError | None = None

    def open(self, hosts: list[str]) -> None:
        """Create the group, if it is missing, and a stream for each host.

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
        """Add one line of a host's output."""
        self._on_line(host, text)
        with self._changed:
            if self._closed:
                return
            self._tail = [*self._tail[1 - _TAIL :], text[:_TAIL_LINE]]
            for message in _messages(text):
                event = {"timestamp": int(time.time() * 1000), "message": message}
                self._waiting.setdefault(host, []).append(event)
                self._size += _size(event)
            if self._size >= _MOST_WAITING:
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._size < _MOST_WAITING or self._closed)

    def last(self) -> str:
        """The last meaningful line; the exception of a traceback."""
        with self._changed:
            return next((text.strip() for text in reversed(self._tail) if text.strip()), "")

    def mentions(self, text: str) -> bool:
        """Return whether one of the last lines contains a string."""
        with self._changed:
            return any(text in line for line in self._tail)

    def close(self) -> None:
        """Write the pending lines, and stop."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._shipper.is_alive():
            self._shipper.join()

    def _stream(self, host: str) -> str:
        return f"{self._prefix}/{host}-{self._epoch}"

    def _ship(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            while self._put_all():
                pass
        except ClientError as error:
            self.error = self._failure(error)
        except BotoCoreError as error:
            self.error = JobError(f"log lines could not be written to {self._group}: {error}")
        finally:
            with self._changed:
                # Nobody takes lines any more: whoever waits for that goes on.
                self._waiting, self._size, self._closed = {}, 0, True
                self._changed.notify_all()

    def _put_all(self) -> bool:
        """Write the pending lines; return whether there may be more."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._size >= _MOST_WAITING, _EVERY_SECONDS)
            waiting, self._waiting, self._size = self._waiting, {}, 0
            ended = self._ended
            self._changed.notify_all()
        for host, events in waiting.items():
            for batch in _batches(events):
                self._role.client("logs").put_log_events(
                    logGroupName=self._group, logStreamName=self._stream(host), logEvents=batch
                )
        return not ended

    def _failure(self, error: Any) -> JobError:  # noqa: ANN401 - botocore ships no types
        return JobError(denied(error) or f"{self._group}: {error}")


def _size(event: dict[str, Any]) -> int:
    return len(event["message"].encode("utf-8", "replace")) + _MORE


def _messages(text: str) -> Iterator[str]:
    """Yield the messages of a line: several if it is longer than an event may be, none if it is empty."""
    if not text:
        return
    # No character has more than four bytes.
    step = len(text) if _size({"message": text}) <= _EVENT_BYTES else (_EVENT_BYTES - _MORE) // 4
    yield from (text[start : start + step] for start in range(0, len(text), step))


def _batches(events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield as many events at once as a call may carry."""
    batch: list[dict[str, Any]] = []
    size = 0
    for event in events:
        more = _size(event)
        if batch and (len(batch) == _BATCH_EVENTS or size + more > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += more
    if batch:
        yield batch
