"""One process of a job: started in its sandbox, followed line by line, ended with all its children."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from constructs_ml.local.host.processes import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local.host.contract import Command, Host
    from constructs_ml.local.host.sandbox import Sandbox

_SHELLS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DRAIN_SECONDS = 5
_BY_SIGNAL = 128
_LINE = 250_000
"""A line's bytes; longer ones become several."""
_POLL_SECONDS = 0.02


class Container:
    """A command that runs as a container would, in a process group of its own.

    Args:
        host: The instance that it runs on.
        command: The command.
        environment: All of its environment variables.
        sandbox: The mechanism that gives it its /opt/ml.
        on_line: Takes each line of its output.
    """

    def __init__(
        self,
        host: Host,
        command: Command,
        environment: dict[str, str],
        sandbox: Sandbox,
        on_line: Callable[[str], None],
    ) -> None:
        environment = sandbox.seen(environment, host.ml)
        argv = [
            *_kept(environment, sandbox),
            _interpreter(command.argv[0], command.python),
            *command.argv[1:],
        ]
        self._on_line = on_line
        supervisor = sandbox.supervisor
        self._process = subprocess.Popen(
            [*supervisor, *sandbox.command(argv, root=host.ml, cwd=command.cwd, own_network=command.own_network)],
            env=environment,
            cwd=sandbox.cwd(command.cwd, host.ml),
            stdin=subprocess.PIPE if supervisor else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=CONTAINER,
        )
        self._reader = threading.Thread(target=self._read, name=f"log {host.name}", daemon=True)
        self._reader.start()

    @property
    def group(self) -> int:
        """Its process group."""
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit code, 128 and more for a signal as for a container; None while it runs."""
        code = self._process.poll()
        return _BY_SIGNAL - code if code is not None and code < 0 else code

    def terminate(self) -> None:
        """Ask it to end (SIGTERM to the whole group)."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it with all its children, and do not wait."""
        if self._process.stdin:
            with contextlib.suppress(OSError):  # another thread does the same
                self._process.stdin.close()  # the supervisor kills those too that are not in the group
        else:
            self._signal(signal.SIGKILL)

    def finish(self, grace: float = 0) -> None:
        """Wait for it for a while, then kill it and everything that it left behind.

        Args:
            grace: Seconds to wait before SIGKILL.
        """
        deadline = time.monotonic() + grace
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_DRAIN_SECONDS)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join(_DRAIN_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # the group is gone; macOS refuses to signal one of which only a zombie is left

    def _read(self) -> None:
        if self._process.stdout is None:  # pragma: no cover - it is a pipe
            return
        with self._process.stdout as stream:
            for line in lines_of(stream):
                self._on_line(line)


def lines_of(stream: IO[bytes]) -> Iterator[str]:
    """Yield the lines of an output; characters are never split, and bytes that are not UTF-8 are replaced."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    divided = False
    while line := stream.readline(_LINE):
        ended = line.endswith(b"\n") or len(line) < _LINE  # the last line may have no end
        text = decoder.decode(line, final=ended)
        if ended:
            text = text.rstrip("\r\n")
        if text or (ended and not divided):
            yield text
        divided = not ended
    if rest := decoder.decode(b"", final=True):
        yield rest


def install_interpreter(directory: Path) -> Path:
    """Make ``python`` and ``python3`` on a job's PATH start the interpreter that runs this library.

    They are scripts and not links: through a link an interpreter does not find its virtual environment.

    Args:
        directory: The directory for them.

    Returns:
        The directory.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("python", "python3"):
        script = directory / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return directory


def _kept(environment: dict[str, str], sandbox: Sandbox) -> list[str]:
    """Set variables again that the sandbox's shell drops because of their names: SM_CHANNEL_MY-DATA."""
    lost = [] if sandbox.rewrites else [name for name in environment if not _SHELLS_NAME.fullmatch(name)]
    return ["env", *(f"{name}={environment[name]}" for name in lost)] if lost else []


def _interpreter(program: str, python: Path | None) -> str:
    if Path(program).name not in {"python", "python3"}:
        return program
    return sys.executable if python is None else str(python / "python3")
