"""The processes of a run: their memory and files are kept from strangers, and they are ended with all that they started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys

PRIVATE = 0o077
"""The umask under which a run makes its files: only its user may read them."""
CONTAINER = 0o022
"""The umask that a job sees, as in a container."""
_PR_SET_DUMPABLE = 4


def forbid_dumps() -> None:
    """Keeps this process's memory and environment from other processes of the same user, and out of core dumps.

    Linux only; a program that this process starts is not affected.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def end(process: subprocess.Popen[str], seconds: float) -> None:
    """Closes the emulator's input, upon which it ends its jobs and itself; kills it if it does not.

    Args:
        process: The emulator.
        seconds: How long to wait for it.
    """
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill(process.pid)
        process.wait()


def kill(group: int) -> None:
    """Kills a process group, if it is there; macOS refuses to signal one of which only a zombie is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
