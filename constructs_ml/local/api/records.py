"""The API's memory: records by name, and delayed changes of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.describe import now
from constructs_ml.sagemaker.model import output_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.jobs.call import ApiError

Record = dict[str, Any]


class Records:
    """The resources of one type.

    Args:
        describe: The operation that describes one; records have only its members.
        missing: The service's message about an unknown name.
        taken: The error message for a name that exists already.
    """

    def __init__(self, describe: str, missing: Callable[[str], ApiError], taken: Callable[[str], ApiError]) -> None:
        self._shape = output_shape(describe)
        self._missing, self._taken = missing, taken
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()

    def add(self, name: str, record: Record) -> Record:
        """Create a record.

        Raises:
            ApiError: If the name is taken.
        """
        with self._lock:
            if name in self._records:
                raise self._taken(name)
            self._records[name] = self._known({**record, "CreationTime": now(), "LastModifiedTime": now()})
            return self._records[name]

    def update(self, name: str, **members: Any) -> Record:  # noqa: ANN401 - any JSON
        """Change members of a record; those that are None are removed.

        Raises:
            ApiError: If there is none.
        """
        with self._lock:
            changed = {**self._found(name), **self._known({**members, "LastModifiedTime": now()})}
            self._records[name] = {key: value for key, value in changed.items() if value is not None}
            return self._records[name]

    def get(self, name: str) -> Record:
        """Return a record.

        Raises:
            ApiError: If there is none.
        """
        with self._lock:
            return self._found(name)

    def remove(self, name: str) -> Record:
        """Remove a record.

        Raises:
            ApiError: If there is none.
        """
        with self._lock:
            found = self._found(name)
            del self._records[name]
            return found

    def all(self) -> list[Record]:
        """Return all records, in the order of their creation."""
        with self._lock:
            return list(self._records.values())

    def __contains__(self, name: str) -> bool:
        """Return whether there is a record of this name."""
        with self._lock:
            return name in self._records

    def _found(self, name: str) -> Record:
        if name not in self._records:
            raise self._missing(name)
        return self._records[name]

    def _known(self, record: Record) -> Record:
        return {name: value for name, value in record.items() if name in self._shape.members}


class DelayedCalls:
    """Functions that are called later, each in a thread of its own, until it is closed."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def after(self, seconds: float, *steps: Callable[[], None]) -> None:
        """Call functions one after another, each after the same delay.

        Args:
            seconds: The delay before each.
            steps: The functions to call.
        """

        def run() -> None:
            for step in steps:
                if self._closed.wait(seconds):
                    return
                step()

        threading.Thread(target=run, name="delayed", daemon=True).start()

    def close(self) -> None:
        """Cancel all further calls."""
        self._closed.set()
