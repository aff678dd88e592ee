"""A program that runs a command and leaves no child behind, with the standard library alone.

Its standard input is a pipe. When it is written to or closes, as it does when whoever started this program is gone, however it
went, the command and all that it has started are ended. So they are when the command ends by itself. On Linux those are meant,
too, that have made themselves sessions of their own: they become children of this process. Elsewhere the process group is ended.

Arguments: the seconds that the command and its children have between SIGINT and SIGKILL, then the command. With zero there is
no SIGINT. The exit code is the command's; a signal that killed it kills this program too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_NOT_FOUND = 127
_POLL_SECONDS = 0.01
_WATCH_SECONDS = 0.5
_MOST_SECONDS = 10
_PROC = Path("/proc")
# Signals to the group reach the command by themselves; this program stays until it has ended.
_FOR_THE_COMMAND = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
# Python ignores these two; the command must not.
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def below(pid: int) -> list[int]:
    """Return the descendants of a process, except zombies."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            # The name, in brackets, may hold anything.
            state, parent = entry.read_bytes().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                children.setdefault(int(parent), []).append(int(entry.parent.name))
    found: list[int] = []
    rest = [pid]
    while rest:
        rest += (more := children.get(rest.pop(), []))
        found += more
    return found


class Supervisor:
    """One command.

    Args:
        command: The command.
        grace: Seconds between SIGINT and SIGKILL.
    """

    def __init__(self, command: list[str], grace: float) -> None:
        self._grace = grace
        self._status: int | None = None
        self._sees_all = sys.platform == "linux" and (
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
        )
        self._pid = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)],
            setsigdef=_IGNORED_BY_PYTHON,
        )

    def run(self) -> int:
        """Follow the command to its end.

        Returns:
            Its status, as of ``waitpid``.
        """
        parent = os.getppid()
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._reap()  # what ended before
        while self._status is None:
            ready, _, _ = select.select([0, reading], [], [], _WATCH_SECONDS)
            if reading in ready:
                os.read(reading, 1 << 12)
            # The parent's id is watched as well: a process forked from it may hold the pipe open.
            if 0 in ready or os.getppid() != parent:
                self._end(interrupt=True)
            self._reap()
        status = self._status
        self._end(interrupt=False)
        return status

    def _reap(self) -> bool:
        """Note children that have ended; return whether there are others."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self._pid:
                self._status = status

    def _end(self, *, interrupt: bool) -> None:
        """End the remaining processes, first by SIGTERM."""
        if not self._sees_all:
            if self._status is None:
                os.kill(self._pid, signal.SIGINT)
                time.sleep(self._grace)
                os.killpg(0, signal.SIGKILL)
            return
        if interrupt and self._grace:
            self._kill(signal.SIGINT)
        kill_at, give_up_at = time.monotonic() + self._grace, time.monotonic() + self._grace + _MOST_SECONDS
        while self._reap() and time.monotonic() < give_up_at:
            if time.monotonic() >= kill_at:
                self._kill(signal.SIGKILL)
            time.sleep(_POLL_SECONDS)

    def _kill(self, number: int) -> None:
        for pid in below(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def main(arguments: list[str]) -> int:
    """Run a command; return its exit code."""
    for each in _FOR_THE_COMMAND:
        # What is ignored is the command's to ignore too. A handler is not inherited.
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, lambda *_: None)
    grace, *command = arguments
    try:
        supervisor = Supervisor(command, float(grace))
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return _NOT_FOUND
    status = supervisor.run()
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # one dump is enough
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
