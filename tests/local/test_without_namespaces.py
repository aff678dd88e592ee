"""Machines without user namespaces, and users who are not root: a run is the same, and ends as clean."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from local_bench import Workflow, machine, processing, task
from run_phases import HOLDS, phases
from run_process import started, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.local, pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are none")]

_NOBODY = 65534
# Of all that it starts only its group would be ended without a supervisor.
_LEAVES = """
    import os, subprocess, sys
    sleeps = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"]
    subprocess.Popen(sleeps)
    subprocess.Popen(sleeps, start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, sleeps)
        os._exit(0)
    os.wait()
    print("ends", flush=True)
"""


@pytest.fixture
def no_unshare(tmp_path: Path) -> dict[str, str]:
    """A PATH without ``unshare``."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "node"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    return {"PATH": str(programs)}


def _project(folder: Path, script: str) -> Path:
    return write_project(
        folder, Workflow(machine(Work=task("Processing", processing("work.py")))), {"code/work.py": script}
    )


def test_what_a_job_leaves_behind_is_ended_with_it(tmp_path: Path, no_unshare: dict[str, str]) -> None:
    holds_on = Workflow(
        machine(
            Work=task("Processing", processing("work.py"), Next="Hold", End=None, ResultPath=None),
            Hold=task("Processing", processing("hold.py")),
        )
    )
    del holds_on.definition["States"]["Work"]["End"]
    project = write_project(
        tmp_path / "project",
        holds_on,
        {"code/work.py": _LEAVES, "code/hold.py": "import time; print('holds', flush=True); time.sleep(60)"},
    )
    with started(project, tmp_path / "run", variables=no_unshare) as run:
        run.await_line("allows no namespaces")
        run.await_line("| ends")
        run.await_line("| holds")
        assert [each for each in run.alive() if "time.sleep(300)" in each] == []
        run.send(signal.SIGTERM)
        assert run.wait(20) == 128 + signal.SIGTERM
        run.assert_gone()


@pytest.mark.parametrize(
    ("phase", "number", "emulator"),
    [
        pytest.param("job", signal.SIGKILL, False, marks=pytest.mark.stress),
        pytest.param("job", signal.SIGINT, False, marks=pytest.mark.stress),
        pytest.param("map", signal.SIGKILL, True, marks=pytest.mark.stress),
        pytest.param("tuning", signal.SIGKILL, False, marks=pytest.mark.stress),
        pytest.param("transform", signal.SIGKILL, False, marks=pytest.mark.stress),
        pytest.param("transform", signal.SIGHUP, False, marks=pytest.mark.stress),
        pytest.param("download", signal.SIGKILL, True, marks=pytest.mark.stress),
    ],
)
def test_a_run_without_namespaces_ends_clean(
    tmp_path: Path, no_unshare: dict[str, str], phase: str, number: int, emulator: bool
) -> None:
    found = phases()[phase]
    with started(found.write(tmp_path / "project"), tmp_path / "run", variables=no_unshare) as run:
        found.reached(run)
        run.look()
        children = subprocess.run(
            ["/usr/bin/pgrep", "-P", str(run.process.pid)], capture_output=True, text=True, check=True
        )
        run.send(number)
        if emulator:
            for pid in children.stdout.split():
                os.kill(int(pid), signal.SIGKILL)
        assert run.wait(20) == (-number if number == signal.SIGKILL else 128 + number)
        run.assert_gone(files=number != signal.SIGKILL)


@pytest.mark.stress
def test_the_kernel_refuses_namespaces(tmp_path: Path) -> None:
    """As where ``sysctl`` forbids them: the programs are there, and fail."""
    limits = 'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
    command = ["unshare", "-Ur", "sh", "-c", limits, "sh"]
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a limit of user namespaces cannot be set here")
    project = _project(tmp_path / "project", "print('done')")
    with started(project, tmp_path / "run", prefix=tuple(command)) as run:
        assert run.wait(60) == 0, run.errors()
        assert any("allows no namespaces" in line for line in run.lines)
        run.assert_gone()


@pytest.fixture
def of_nobody() -> Iterator[Path]:
    """A directory of another user's, whose way is open."""
    place = Path(tempfile.mkdtemp(prefix="nobody-", dir="/var/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place, ignore_errors=True)


def _as_nobody() -> tuple[str, ...]:
    """A command that runs another as a user who is nobody, with this interpreter where that user finds it."""
    ids = ["--reuid", str(_NOBODY), "--regid", str(_NOBODY), "--clear-groups", "--"]
    home = Path(sys.base_prefix)
    shut = next((each for each in reversed(home.parents) if not each.stat().st_mode & 0o001), None)
    if shut is None:
        return ("setpriv", *ids)
    # A folder that only root may enter hides it: in another file system there, nothing else is to be seen.
    shows = """
    home=$1 shut=$2; shift 2
    mkdir /run/home && mount --rbind "$home" /run/home && mount -t tmpfs -o mode=755 tmpfs "$shut" &&
      mkdir -p "$home" && mount --rbind /run/home "$home" || exit 99
    exec "$@"
    """
    return (
        "unshare",
        "-m",
        "sh",
        "-c",
        "mount -t tmpfs tmpfs /run; " + shows,
        "sh",
        str(home),
        str(shut),
        "setpriv",
        *ids,
    )


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("namespaces", [True, pytest.param(False, marks=pytest.mark.stress)])
@pytest.mark.parametrize(
    "end",
    ["by itself", pytest.param("SIGTERM", marks=pytest.mark.stress), pytest.param("SIGKILL", marks=pytest.mark.stress)],
)
def test_a_user_who_is_not_root(of_nobody: Path, no_unshare: dict[str, str], end: str, *, namespaces: bool) -> None:
    prefix = _as_nobody()
    imports = [*prefix, sys.executable, "-c", "import constructs_ml"]
    # Elsewhere than here, where this folder's own package is found without being installed.
    if subprocess.run(imports, check=False, capture_output=True, cwd=of_nobody).returncode:
        pytest.skip("nobody cannot have this interpreter, or what is installed in it")
    project = _project(of_nobody / "project", "print('done')" if end == "by itself" else HOLDS)
    for name in ("tmp", "home"):
        (of_nobody / "run" / name).mkdir(parents=True)
    for path in [of_nobody, *of_nobody.rglob("*")]:
        os.chown(path, _NOBODY, _NOBODY)
    programs = of_nobody / "programs"
    shutil.copytree(no_unshare["PATH"], programs, symlinks=True)
    # What runs it as nobody is found by the usual path.
    usual = ("env", f"PATH={programs}") if not namespaces else ()
    with started(project, of_nobody / "run", prefix=(*prefix, *usual)) as run:
        if end == "by itself":
            assert run.wait(60) == 0, run.errors()
            assert run.last_line().startswith("SUCCEEDED")
        else:
            run.await_line("| holds")
            run.send(signal.Signals[end])
            assert run.wait(20) in {-signal.SIGKILL, 128 + signal.SIGTERM}
        assert namespaces != any("allows no namespaces" in line for line in run.lines)
        run.assert_gone(files=end != "SIGKILL")
