"""The exit codes that errors end the command with, and their meanings."""

from __future__ import annotations

import signal

import click

from constructs_ml.errors import UnusableInputError
from constructs_ml.interrupts import Interrupted

SUCCEEDED, FAILED, UNUSABLE = 0, 1, 2
# As shells say it.
BY_SIGNAL = 128
_MEANINGS = {
    SUCCEEDED: "the workflow succeeded",
    FAILED: "the workflow failed, the checks found errors, the app failed or a requirement is missing",
    UNUSABLE: "an argument or a file cannot be used",
}


def ending_of(error: BaseException) -> tuple[int, str]:
    """Return the exit code that an error ends the command with, and its text.

    Args:
        error: The error.
    """
    if isinstance(error, (Interrupted, KeyboardInterrupt, click.Abort)):
        number = error.number if isinstance(error, Interrupted) else signal.SIGINT
        return BY_SIGNAL + number, "interrupted" if number == signal.SIGINT else f"ended by {number.name}"
    if isinstance(error, click.ClickException):
        return error.exit_code, error.format_message()
    is_unusable = isinstance(error, (UnusableInputError, OSError)) and not isinstance(
        error, (ConnectionError, TimeoutError)
    )
    return UNUSABLE if is_unusable else FAILED, str(error)


def meaning_of(code: int) -> str:
    """Return the meaning of an exit code of ``run``.

    Args:
        code: The exit code.
    """
    if code > BY_SIGNAL:
        return f"ended by {signal.Signals(code - BY_SIGNAL).name}"
    return _MEANINGS[code]
