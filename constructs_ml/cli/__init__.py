"""The command ``constructs-ml``: its exit codes and signals.

``commands`` has the subcommands, except ``check`` in ``checking``, ``diff`` in ``diffing``, ``init`` in ``init``, ``policy`` in ``policy``
and those of pictures and reports in ``insight``; ``options`` parses their values, ``revisions`` checks out revisions for ``diff``, and
``endings`` has the exit codes of errors. The folder ``starter`` is the app that ``init`` writes. Slow imports are made in the subcommand
that needs them.

It may import everything, and nothing imports it. A newcomer begins in ``commands``.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click import ClickException

_FAILED, _UNUSABLE = 1, 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; every failure is one message and an exit code.

    Args:
        arguments: The command's arguments; those of the process when left out.
    """
    from constructs_ml.interrupts import raised

    with raised():
        code = _guarded(arguments)
    sys.exit(code)


def _guarded(arguments: Sequence[str] | None) -> int:
    """Run the command on the standard streams that are usable."""
    _fill_closed_descriptors()
    if sys.stdout is None:
        _tell("constructs-ml: the standard output is closed")
        return _UNUSABLE
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal cannot show is escaped, and is no error.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    if any("\0" in argument for argument in arguments or ()):  # only a caller in this process can pass one
        _tell_in_one_line("constructs-ml: an argument contains a NUL character, which is not allowed")
        return _UNUSABLE
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read, as `head`, has enough; click ends with the same code
        _abandon(sys.stdout)
        return _FAILED
    except OSError as error:
        if isinstance(error, (ConnectionError, TimeoutError)):  # a fault of this program's
            raise
        _abandon(sys.stdout)
        where = error.filename or "the output, or a temporary file"
        _tell_in_one_line(f"constructs-ml: {where}: {error.strerror or error}")
        return _UNUSABLE
    return code


def _run(arguments: Sequence[str] | None) -> int:
    from constructs_ml.errors import ConstructsMLError, UnusableInputError
    from constructs_ml.interrupts import Interrupted
    from constructs_ml.terminal import printable

    try:
        import click
    except ImportError:
        _tell(
            "constructs-ml needs click: pip install 'constructs-ml[check]', or 'constructs-ml[local]' to run workflows too"
        )
        return _FAILED
    from constructs_ml.cli.commands import cli
    from constructs_ml.cli.endings import ending_of

    try:
        return int(cli.main(arguments, prog_name="constructs-ml", standalone_mode=False) or 0)
    except click.ClickException as error:
        _tell_of_click(error)
        return error.exit_code
    except (Interrupted, KeyboardInterrupt, click.Abort) as error:
        code, text = ending_of(error)
        _tell(text)
        return code
    except ConstructsMLError as error:
        if isinstance(error, UnusableInputError):
            _tell_in_one_line(f"constructs-ml: {error}")
            return _UNUSABLE
        _tell(printable(f"constructs-ml: {error}"))
        return _FAILED


def _tell_of_click(error: ClickException) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":  # of click 8.2 and newer: a group without a command
        error.show()
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "constructs-ml"
    _tell_in_one_line(f"{command}: {error.format_message()}" + (f" ({command} --help)" if context else ""))


def _tell_in_one_line(text: str) -> None:
    from constructs_ml.terminal import one_line

    _tell(one_line(text))


def _tell(text: str) -> None:
    """Write to the standard error, if there is one; a full disk behind it must not hide the exit code."""
    with contextlib.suppress(OSError):
        if sys.stderr is not None:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


def _abandon(stream: TextIO) -> None:
    """Redirect a stream to nowhere if Python's own flush at exit would fail."""
    try:
        stream.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _fill_closed_descriptors() -> None:
    """Keep opened files from taking the descriptor of a closed standard stream, which would be written to."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
