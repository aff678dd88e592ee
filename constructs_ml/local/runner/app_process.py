"""Runs an app's command: supervised, in a process group of its own, with a deadline, keeping the end of what it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from constructs_ml.interrupts import deferred
from constructs_ml.local.host.disk_space import hint
from constructs_ml.local.host.processes import SUPERVISOR, kill
from constructs_ml.local.host.removal import remove

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEPT = 256 * 1024
_GRACE = 1.0
_KILLING = 2.0
_BY_SHELL = 128
_SUPERVISED = (sys.executable, "-I", "-S", str(SUPERVISOR))


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a command.

    Attributes:
        code: Its exit code; negative if a signal killed it.
        said: The end of its standard error, or of its standard output if that is empty.
        full_disk: A clause that says so if the disk of its temporary folder was full.
    """

    code: int
    said: str
    full_disk: str = ""

    @property
    def signal(self) -> str:
        """The name of the signal that killed it: ``SIGKILL``; empty if none did."""
        # A shell reports a signal as an exit code above 128.
        number = -self.code if self.code < 0 else self.code - _BY_SHELL
        try:
            return signal.Signals(number).name
        except ValueError:
            return ""


def execute(
    command: str,
    *,
    directory: Path,
    environment: Mapping[str, str],
    temporary: Path,
    seconds: float | None = None,
) -> Ended | None:
    """Runs a command as the CDK CLI does, by the shell.

    Args:
        command: The command.
        directory: Where it runs.
        environment: All of its environment.
        temporary: A folder to make for its temporary files, and to remove with what it leaves.
        seconds: How long it may take; without an end when left out.

    Returns:
        How it ended; None if it did not in time. All that it started is ended, in each case and if this process is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process: subprocess.Popen[bytes] | None = None
        try:
            temporary.mkdir(parents=True)
            with deferred():  # a signal between its start and this variable would lose it
                process = subprocess.Popen(
                    [*_SUPERVISED, str(_GRACE), "/bin/sh", "-c", command],
                    cwd=directory,
                    env={**environment, "TMPDIR": str(temporary)},
                    stdin=subprocess.PIPE,  # the supervisor's: nobody would see the command's question
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            code = process.wait(seconds)
            full_disk = hint(temporary)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process:
                with deferred():
                    _end(process)
            remove(temporary)
        return Ended(code, _tail(err) or _tail(out), full_disk)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Has all of it interrupted, as Ctrl-C would, so that jsii removes its files, and then killed."""
    if process.stdin:
        process.stdin.close()  # its only other end: nobody forks here
    try:
        process.wait(_GRACE + _KILLING)
    except subprocess.TimeoutExpired:
        kill(process.pid)
        process.wait()


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _KEPT))
    return file.read().decode("utf-8", "replace").strip("\r\n")
