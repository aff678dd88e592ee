"""Errors: MiniStack lets wildcards catch what Step Functions does not let be caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.wrapping import Data, Sfn

TIMEOUT, HEARTBEAT = "States.Timeout", "States.HeartbeatTimeout"


def matches(sfn: Sfn, original: Callable[..., Data], names: list[str], error: str) -> bool:  # noqa: ARG001 - as all corrections
    """Whether the ``ErrorEquals`` of a retrier or a catcher has an error.

    ``States.Runtime`` always ends the execution, and ``States.DataLimitExceeded`` is caught by its name only.
    """
    if error == "States.Runtime":
        return False
    if error == "States.DataLimitExceeded":
        return error in names
    if error == HEARTBEAT:
        return bool({HEARTBEAT, TIMEOUT, "States.ALL"} & set(names))
    return bool(original(names, error))
