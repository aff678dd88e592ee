"""An emulator that has ended while it was called is told as that, not as a connection that failed."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local.runner.execution import RunningAws


@contextlib.contextmanager
def telling_of_its_end(aws: RunningAws) -> Iterator[None]:
    """Around calls of an embedded AWS.

    Args:
        aws: The embedded AWS.

    Raises:
        LocalRunError: If it has ended.
    """
    from botocore.exceptions import ConnectionError as BotoConnectionError
    from botocore.exceptions import HTTPClientError

    try:
        yield
    except (BotoConnectionError, HTTPClientError) as error:
        message = f"the embedded AWS has ended; {aws.last_words()}"
        raise LocalRunError(message) from error


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
