"""A real /opt/ml for each process.

On Linux the process gets its own user, mount and (where possible) process-id namespace: /opt/ml is the job's directory
for it alone, without root, and nothing that it starts outlives it. Where namespaces are forbidden (macOS, some
containers) paths are rewritten instead wherever this library can see them, and a supervisor ends what a job leaves behind.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs_ml.local.host.processes import SUPERVISOR

OPT_ML = "/opt/ml"
REWRITES = (
    "this machine allows no namespaces: /opt/ml is rewritten to folders of each job in its arguments, its environment and "
    "its configuration files; scripts must take their folders from there (docs/local.md, Platforms)"
)
"""The note at the start of a run that cannot give its jobs an /opt/ml."""
# The path, and not a part of another one: s3://bucket/opt/ml stays as it is.
_OPT_ML = re.compile(r"(?<![\w.\-])/opt/ml(?=/|\b)")

# $1 an empty directory for a new /opt, $2 the job's directory, $3 the working directory, $4 how many directories to hide,
# then those, then the command.
# Everything else in /opt stays visible: the interpreter may live there. The command is not exec'd, so that this shell,
# the first process of its namespace, waits for it and the command keeps the default handling of SIGTERM.
_SCRIPT = """
trap : TERM INT
staging=$1 job=$2 cwd=$3 hidden=$4
shift 4
if [ -d /opt/ml ] && [ ! -L /opt/ml ]; then
  mount --bind "$job" /opt/ml
else
  mount -t tmpfs -o mode=755 tmpfs "$staging" || exit 125
  for entry in /opt/* /opt/.[!.]*; do
    name=${entry##*/}
    if [ "$name" = ml ]; then continue
    elif [ -L "$entry" ]; then ln -s "$(readlink "$entry")" "$staging/$name"
    elif [ -d "$entry" ]; then mkdir "$staging/$name" && mount --rbind "$entry" "$staging/$name"
    elif [ -e "$entry" ]; then : > "$staging/$name" && mount --bind "$entry" "$staging/$name"
    fi || exit 125
  done
  mkdir "$staging/ml" && mount --bind "$job" "$staging/ml" && mount --rbind "$staging" /opt
fi || exit 125
while [ "$hidden" -gt 0 ]; do
  if [ -d "$1" ]; then mount -t tmpfs -o mode=700,size=4k tmpfs "$1" || exit 125; fi
  hidden=$((hidden - 1))
  shift
done
cd "$cwd" || exit 125
# Without these a job cannot undo a mount, or look into this shell.
drop="setpriv --bounding-set=-sys_admin,-sys_ptrace --inh-caps=-all"
$drop true 2>/dev/null || drop=
$drop "$@"
"""
# From the best to the least: with a process-id namespace nothing that a job starts can outlive it, and with setpriv a
# job cannot outlive this process.
_UNSHARE = ("unshare", "-Urmpf", "--kill-child", "--mount-proc")
_DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
_LAUNCHERS = ((*_DIES_WITH_PARENT, *_UNSHARE), _UNSHARE, ("unshare", "-Urm"), ("unshare", "-m"))
# The parent may have died before setpriv asked to die with it.
_IF_PARENT_LIVES = ("sh", "-c", '[ "$PPID" = "$1" ] || exit 125; shift; exec "$@"', "sh")
_OWN_NETWORK = "--net"
_PROBE_SECONDS = 10


@dataclass(frozen=True)
class Sandbox:
    """The mechanism that gives a job's process its /opt/ml.

    Attributes:
        launcher: The command that gives it namespaces; none to rewrite paths instead.
        hidden: Directories of this machine that it finds empty, where it has namespaces.
    """

    launcher: tuple[str, ...]
    hidden: tuple[Path, ...] = ()

    @property
    def rewrites(self) -> bool:
        """True if paths are rewritten because this machine allows no namespaces."""
        return not self.launcher

    @property
    def _dies_with_parent(self) -> bool:
        return self.launcher[: len(_DIES_WITH_PARENT)] == _DIES_WITH_PARENT

    @property
    def supervisor(self) -> tuple[str, ...]:
        """The command prefix that ends all children with the command, where namespaces do not.

        It ends the command when its standard input closes.
        """
        return () if self._dies_with_parent else (sys.executable, "-I", "-S", str(SUPERVISOR), "0")

    @property
    def isolates_network(self) -> bool:
        """True if a process can have a network of its own, whose ports nobody else can reach."""
        return bool(self.launcher) and _isolates_network(self.launcher)

    def command(self, argv: list[str], *, root: Path, cwd: str, own_network: bool = False) -> list[str]:
        """Return the command that runs ``argv`` with ``root`` as its /opt/ml.

        Args:
            argv: The job's command.
            root: The directory that is to be /opt/ml.
            cwd: The working directory, as the job sees it.
            own_network: Whether it has a network of its own; see ``isolates_network``.
        """
        if self.rewrites:
            return [self.seen(argument, root) for argument in argv]
        staging = root.parent / "opt"
        staging.mkdir(exist_ok=True)
        launcher = [*self.launcher, *([_OWN_NETWORK] if own_network else [])]
        if self._dies_with_parent:
            after = len(_DIES_WITH_PARENT)
            launcher[after:after] = [*_IF_PARENT_LIVES, str(os.getpid())]
        hidden = [str(len(self.hidden)), *map(str, self.hidden)]
        return [*launcher, "sh", "-c", _SCRIPT, "sh", str(staging), str(root), cwd, *hidden, *argv]

    def cwd(self, cwd: str, root: Path) -> str:
        """Return the working directory to start the command in."""
        return self.seen(cwd, root) if self.rewrites else "/"

    def seen(self, value: Any, root: Path) -> Any:  # noqa: ANN401 - any JSON
        """Return a value with its paths as the job's process must use them.

        Args:
            value: A string, or JSON made of strings.
            root: The directory that stands for /opt/ml.
        """
        if not self.rewrites:
            return value
        if isinstance(value, str):
            return _OPT_ML.sub(lambda _: str(root), value)
        if isinstance(value, dict):
            return {key: self.seen(item, root) for key, item in value.items()}
        if isinstance(value, list):
            return [self.seen(item, root) for item in value]
        return value


@functools.lru_cache(maxsize=1)
def detect() -> Sandbox:
    """Return the best mechanism that this machine allows; tried once."""
    for launcher in _LAUNCHERS:
        if shutil.which(launcher[0]) and _works(Sandbox(launcher)):
            return Sandbox(launcher)
    return Sandbox(())


@functools.cache
def _isolates_network(launcher: tuple[str, ...]) -> bool:
    with tempfile.TemporaryDirectory(prefix="constructs-ml-probe-") as directory:
        root = Path(directory) / "ml"
        root.mkdir()
        command = Sandbox(launcher).command(["true"], root=root, cwd="/", own_network=True)
        try:
            probe = subprocess.run(
                command, capture_output=True, timeout=_PROBE_SECONDS, check=False, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return probe.returncode == 0


def _works(sandbox: Sandbox) -> bool:
    with tempfile.TemporaryDirectory(prefix="constructs-ml-probe-") as directory:
        root = Path(directory) / "ml"
        root.mkdir()
        try:
            probe = subprocess.run(
                sandbox.command(["touch", f"{OPT_ML}/probe"], root=root, cwd="/"),
                capture_output=True,
                timeout=_PROBE_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return probe.returncode == 0 and (root / "probe").exists()
