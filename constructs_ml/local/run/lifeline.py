"""An emulator that has ended while it was called is told as that, not as a connection that failed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local.run.aws import LocalAws


@contextlib.contextmanager
def telling_of_its_end(aws: LocalAws) -> Iterator[None]:
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
