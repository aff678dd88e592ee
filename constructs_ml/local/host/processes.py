"""The processes of a run, which protect their memory and files and are ended with all their children."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

PRIVATE = 0o077
"""The umask under which a run makes its files: only its user may read them."""
CONTAINER = 0o022
"""The umask that a job sees, as in a container."""
SUPERVISOR = Path(__file__).with_name("supervisor.py")
"""The program that ends all that a command has started."""
_PR_SET_DUMPABLE = 4
_POLL_SECONDS = 0.02


def forbid_dumps() -> None:
    """Keep this process's memory and environment from other processes of the same user, and out of core dumps.

    Linux only; a program that this process starts is not affected.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def end(process: subprocess.Popen[str], seconds: float) -> None:
    """Ask the emulator to end its jobs and itself, by its standard input; kill it if it does not.

    Args:
        process: The emulator.
        seconds: The time to wait for it.
    """
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            # Closing it would not do: a process that was forked from this one may hold it open.
            process.stdin.write("\n")
            process.stdin.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill(process.pid)
        process.wait()
    # The workers of Lambda functions are in its group, which they outlive if it was killed itself.
    kill(process.pid)


def kill(group: int) -> None:
    """Kill a process group, if it exists; macOS refuses to signal one of which only a zombie is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def kill_left(groups: Collection[int], seconds: float = 1) -> None:
    """Kill process groups that do not end by themselves, such as those of jobs whose emulator was killed.

    Args:
        groups: The groups.
        seconds: The time that they have.
    """
    until = time.monotonic() + seconds
    while any(map(_there, groups)) and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
    for group in groups:
        kill(group)


def _there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS, of a zombie
        return False
    return True
