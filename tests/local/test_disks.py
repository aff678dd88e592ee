"""Disks that are full, and folders that cannot be written: one line that names the folder, and a clean end."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest
from local_bench import Workflow, archive, machine, processing, task, training
from run_process import started, write_project

from constructs_ml.errors import LocalRunError
from constructs_ml.local.host import disk_space

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from run_process import RunProcess


def _can_mount() -> bool:
    command = ["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs none "$0"', tempfile.gettempdir()]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )


pytestmark = [pytest.mark.local, pytest.mark.skipif(not _can_mount(), reason="no file system can be mounted here")]

# $0 is where to mount, $OPTIONS how; then what is left there is written down, for the mount is gone with the command.
_MOUNTS = """
mount -t tmpfs -o "$OPTIONS" tmpfs "$0" || exit 99
"$@"; code=$?
find "$0" -mindepth 1 > "$LEFT"
exit $code
"""
_WRITES = """
    import pathlib
    for index in range(8):
        pathlib.Path(f"/opt/ml/processing/output/result/{index}.bin").write_bytes(bytes(1 << 20))
"""
_MANY = """
    import pathlib
    for index in range(2000):
        pathlib.Path(f"/opt/ml/processing/output/result/{index}").touch()
"""
_TRAINS = 'import os, pathlib; pathlib.Path(os.environ["SM_MODEL_DIR"], "m.bin").write_bytes(os.urandom(1 << 20))'


def _processing() -> Workflow:
    return Workflow(machine(Work=task("Processing", processing("work.py"))))


def _run(
    tmp_path: Path, place: str, options: str, workflow: Workflow, files: dict[str, str | bytes], *arguments: str
) -> tuple[int, RunProcess]:
    """Runs with a file system of its own at a place."""
    project = write_project(tmp_path / "project", workflow, files)
    directory = tmp_path / "run"
    (directory / place).mkdir(parents=True)
    prefix = ("unshare", "-Urm", "sh", "-c", _MOUNTS, str(directory / place))
    variables = {"OPTIONS": options, "LEFT": str(tmp_path / "left")}
    with started(project, directory, *arguments, prefix=prefix, variables=variables) as run:
        code = run.wait(60)
        run.assert_gone()
        assert "Traceback" not in run.errors()
    return code, run


@pytest.mark.parametrize(
    ("options", "script", "size", "said"),
    [
        pytest.param("size=4k", "", 0, "it said nothing; the disk of", id="in the synthesis"),
        pytest.param(
            "size=300k",
            "",
            3 << 20,
            "the object cannot be kept on this disk: No space left on device; the disk of",
            id="input",
            marks=pytest.mark.stress,
        ),
        pytest.param(
            "size=4m",
            _WRITES,
            0,
            "No space left on device, exit code: 1; the disk of",
            id="output",
            marks=pytest.mark.stress,
        ),
        pytest.param("nr_inodes=300", _MANY, 0, "No space left on device", id="names", marks=pytest.mark.stress),
    ],
)
def test_a_full_temporary_folder_is_named(tmp_path: Path, options: str, script: str, size: int, said: str) -> None:
    files: dict[str, str | bytes] = {"code/work.py": script or "print('done')", "code/big.bin": bytes(size)}
    code, run = _run(tmp_path, "tmp", options, _processing(), files)
    assert code == 1
    assert said in run.last_line()
    assert f"the disk of {tmp_path}/run/tmp" in run.last_line()
    assert (tmp_path / "left").read_text() == ""


@pytest.mark.stress
@pytest.mark.parametrize("kilobytes", [1, 16, 40, 64, 100, 150, 250, 500, 1000, 2000, 3000, 4000, 6000])
def test_wherever_a_disk_is_full_the_end_is_clean(tmp_path: Path, kilobytes: int) -> None:
    files: dict[str, str | bytes] = {"code/work.py": _WRITES, "code/big.bin": bytes(1 << 20)}
    code, run = _run(tmp_path, "tmp", f"size={kilobytes}k", _processing(), files)
    assert code == 1
    assert f"the disk of {tmp_path}/run/tmp" in run.last_line(), run.last_line()
    assert (tmp_path / "left").read_text() == ""


def test_a_full_folder_for_models_is_named(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"code/sourcedir.tar.gz": archive(train_py=_TRAINS), "train/a.csv": "1"}
    keep = tmp_path / "run" / "keep"
    workflow = Workflow(machine(Train=task("Training", training())))
    code, run = _run(tmp_path, "keep", "size=100k", workflow, files, "--keep", str(keep))
    assert code == 1
    assert f"the models cannot be written to {keep}: No space left on device" in run.last_line()


@pytest.mark.stress
@pytest.mark.parametrize("place", ["tmp", "home"])
def test_a_folder_that_is_read_only_is_not_needed(tmp_path: Path, place: str) -> None:
    """Without a temporary folder of the user's there is the system's."""
    code, run = _run(tmp_path, place, "ro", _processing(), {"code/work.py": "print('done')"})
    assert (code, run.last_line()[:9]) == (0, "SUCCEEDED"), run.errors()


@pytest.mark.stress
def test_a_project_that_is_read_only_runs(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", _processing(), {"code/work.py": "print('done')"})
    bind = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
    with started(project, tmp_path / "run", prefix=("unshare", "-Urm", "sh", "-c", bind, str(project))) as run:
        assert run.wait(60) == 0, run.errors()
        run.assert_gone()


def test_no_temporary_folder_at_all(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", _processing(), {"code/work.py": "print('done')"})
    # Python's last resort is the working directory.
    shuts = """
    for each in /tmp /var/tmp /usr/tmp; do [ ! -d $each ] || { mount --rbind $each $each && mount -o remount,ro,bind $each; } || exit 99; done
    cd /proc; exec "$@" --app "$0"
    """
    with started(
        project,
        tmp_path / "run",
        prefix=("unshare", "-Urm", "sh", "-c", shuts, str(project)),
        variables={"TMPDIR": "/proc/nowhere"},
    ) as run:
        assert run.wait(60) == 1
        assert run.errors().strip().splitlines()[1:] == []
        assert "no folder for temporary files can be written (/proc/nowhere, and others)" in run.last_line()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file system with nothing free."""
    found = os.statvfs("/")
    full = os.statvfs_result((*found[:4], 0, *found[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _folder: full)
    return


@pytest.mark.usefixtures("small")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    said = r"the models cannot be written to .*: No space left .* is full \(0 KB"
    with (
        pytest.raises(LocalRunError, match=said),
        disk_space.writing("the models", tmp_path, "name another folder (--keep)"),
    ):
        raise OSError(errno.ENOSPC, "full")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.ENOSPC, errno.EIO])
def test_what_cannot_be_written_is_told(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(LocalRunError) as caught,
        disk_space.writing("the models", tmp_path, "name another folder (--keep)"),
    ):
        raise OSError(number, "x")
    assert str(caught.value).startswith(f"the models cannot be written to {tmp_path}: {os.strerror(number)}; ")
    assert str(caught.value).endswith("name another folder (--keep)")


def test_what_is_no_matter_of_the_disk_passes(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError), disk_space.writing("x", tmp_path, "y"):
        raise ConnectionResetError(errno.ECONNRESET, "x")
    assert disk_space.hint(tmp_path) == ""
    assert disk_space.hint(tmp_path / "gone") == ""
