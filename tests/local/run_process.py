"""The command ``constructs-ml run`` as a process of its own, with all that it starts and leaves in sight."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from local_bench import Workflow, until, write_assembly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LISTEN = "0A"
"""The state of a socket that listens, as /proc has it."""

# Definitions of tests are no models of style.
_IGNORED = ("--ignore", "CML003", "--ignore", "CML503")
_COPIES = "import os, shutil; shutil.copytree('made', os.environ['CDK_OUTDIR'])"


def write_project(
    folder: Path, workflow: Workflow, files: dict[str, str | bytes], *, app: str = _COPIES, command: str = ""
) -> Path:
    """A project with a cdk.json, whose app writes an assembly that was made before; files lie at s3://${RawData}/in/."""
    folder.mkdir(parents=True, exist_ok=True)
    write_assembly(folder / "made", "Project", workflow.template("Project"))
    (folder / "app.py").write_text(textwrap.dedent(app))
    for name, content in files.items():
        file = folder / "in" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(textwrap.dedent(content).encode() if isinstance(content, str) else content)
    settings = {"data": {"in": "s3://${RawData}/in/"}} if files else {}
    cdk = {"app": command or "python3 app.py", "context": {"constructs-ml:run": settings}}
    (folder / "cdk.json").write_text(json.dumps(cdk))
    return folder


@dataclass
class RunProcess:
    """A run in a directory of its own: its temporary files are below it, and so is the mark of its processes.

    Attributes:
        project: Its project.
        directory: Where its temporary files go; the path is in the environment of all that it starts.
        lines: What it has printed.
    """

    project: Path
    directory: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _coming: queue.Queue[str | None] = field(default_factory=queue.Queue)
    _seen: set[tuple[int, float]] = field(default_factory=set)
    _sockets: dict[str, int] = field(default_factory=dict)

    def read(self) -> None:
        """Reads what it prints, in a thread."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._coming.put(line)
        self._coming.put(None)

    def await_line(self, wanted: str, times: int = 1, seconds: float = 60) -> None:
        """Waits until lines with a text were printed."""
        deadline, found = time.monotonic() + seconds, 0
        while found < times:
            line = self._coming.get(timeout=max(0.01, deadline - time.monotonic()))
            assert line is not None, (wanted, self.lines, self.last_line())
            found += wanted in line

    def look(self) -> None:
        """Takes note of its processes and ports, to find those that outlive it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            own = psutil.Process(self.process.pid)
            for each in [own, *own.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
                    self._seen.add((each.pid, each.create_time()))
                    self._sockets |= _listening(each.pid)

    def send(self, number: int, *, group: bool = False) -> None:
        """Sends a signal to it alone, or to its group, as a terminal does."""
        self.look()
        (os.killpg if group else os.kill)(self.process.pid, number)

    def wait(self, seconds: float = 30) -> int:
        """Waits for its end; returns its exit code."""
        return self.process.wait(seconds)

    def last_line(self) -> str:
        """What it said last on its standard error, or output."""
        said = (self.directory / "stderr").read_text(errors="replace").strip().splitlines()
        return (said or self.lines or [""])[-1]

    def errors(self) -> str:
        """Its standard error."""
        return (self.directory / "stderr").read_text(errors="replace")

    def alive(self) -> list[str]:
        """The processes that are left of it."""
        left = []
        for each in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if each.status() == psutil.STATUS_ZOMBIE or each.pid == self.process.pid:
                    continue
                if (each.pid, each.create_time()) in self._seen or self._has_mark(each):
                    left.append(f"{each.pid} {' '.join(each.cmdline())[:200]}")
        return left

    def _has_mark(self, each: psutil.Process) -> bool:
        with contextlib.suppress(OSError):
            own = Path(f"/proc/{each.pid}")
            mark = os.fsencode(self.directory)
            return mark in (own / "environ").read_bytes() or mark in (own / "cmdline").read_bytes()
        return False

    def ports(self) -> list[int]:
        """The ports of it that still listen."""
        # A port that another run has got meanwhile is another socket.
        return [self._sockets[socket] for socket in _sockets("self") if socket in self._sockets]

    def mounts(self) -> list[str]:
        """The mounts that it has left in this namespace."""
        mounted = Path("/proc/self/mountinfo").read_text().splitlines()
        return [line for line in mounted if str(self.directory) in line]

    def files(self) -> list[str]:
        """The files that it has left."""
        found = (self.directory / "tmp").rglob("*"), (self.directory / "home").rglob("*")
        return [str(path.relative_to(self.directory)) for paths in found for path in paths]

    def assert_gone(self, *, files: bool = True) -> None:
        """No process, port or mount two seconds after its end; no file at its end."""
        ended = time.monotonic()
        left = self.files() if files else []
        assert left == [], left
        # A process of which only the first thread has ended is a zombie, and its sockets are still open.
        until(lambda: not (self.alive() or self.ports() or self.mounts()), 2 - (time.monotonic() - ended))
        assert self.alive() == []
        assert self.ports() == []
        assert self.mounts() == []


def _listening(pid: int) -> dict[str, int]:
    """The ports at which a process listens, by the numbers of their sockets."""
    own = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            own.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    return {socket: port for socket, port in _sockets(pid).items() if socket in own}


def _sockets(pid: int | str) -> dict[str, int]:
    """The ports at which anything listens in the network namespace of a process."""
    found = {}
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                _, local, _, state, *_, inode = line.split()[:10]
                if state == _LISTEN:
                    found[inode] = int(local.rpartition(":")[2], 16)
    return found


def _as_at_a_terminal() -> None:
    # What a shell runs in its background is deaf to Ctrl-C, and so is what that starts.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def started(
    project: Path,
    directory: Path,
    *options: str,
    variables: dict[str, str] | None = None,
    before: Callable[[], None] | None = None,
    prefix: tuple[str, ...] = (),
    **popen: Any,
) -> Iterator[RunProcess]:
    """A run that has been started; killed in the end, with all that is left of it.

    Args:
        project: Its project.
        directory: Where its temporary files go.
        options: Options of the command.
        variables: Environment variables.
        before: Called in the new process before the command.
        prefix: A command to run it with.
        popen: Further arguments of ``Popen``.
    """

    def prepare() -> None:
        _as_at_a_terminal()
        if before:
            before()

    for name in ("tmp", "home"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"},
        "TMPDIR": str(directory / "tmp"),
        "HOME": str(directory / "home"),
        **(variables or {}),
    }
    with (directory / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "constructs_ml.cli", "run", "--verbose", *_IGNORED, *options],
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - it starts no thread
            **popen,
        )
    run = RunProcess(project, directory, process)
    reader = threading.Thread(target=run.read, daemon=True)
    reader.start()
    try:
        yield run
    finally:
        for line in [f"{process.pid} "] * (process.poll() is None) + run.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
        process.wait()
        reader.join(5)
        if process.stdout:
            process.stdout.close()
