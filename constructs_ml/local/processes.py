"""Ends the emulator's process and what it may have left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess


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
