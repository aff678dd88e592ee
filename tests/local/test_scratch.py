"""Temporary folders of runs are gone with them, or at the next start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from constructs_ml.local.host.removal import remove_scratch
from constructs_ml.local.host.scratch import Kind, Scratch, remove_stale, scratch

if TYPE_CHECKING:
    from pathlib import Path

_HOLDS = """
import sys, time
from constructs_ml.local.host.removal import remove_scratch
from constructs_ml.local.host.scratch import Kind, Scratch
made = [Scratch(kind) for kind in Kind]
for each in made:
    (each.path / "inside").mkdir()
    (each.path / "inside" / "file").write_text("x")
print("made", flush=True)
time.sleep(60)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


def test_a_folder_is_gone_at_its_end(temporary: Path) -> None:
    with scratch(Kind.SYNTH) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "file").write_text("x")
        assert remove_stale() == []
        assert (folder / "file").exists()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_leaves_is_removed_by_the_next(temporary: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLDS], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert len(list(temporary.iterdir())) == len(Kind)
        assert remove_stale() == []
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert len(remove_stale()) == len(Kind)
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("temporary")
def test_what_was_cut_short_is_still_known() -> None:
    made = Scratch(Kind.RUN)
    (made.path / "file").write_text("x")
    os.close(made._lock)
    made._lock = -1
    made._owner = -1
    assert remove_stale() == [made.path]


def test_what_is_no_run_s_is_left_alone(temporary: Path) -> None:
    mine = temporary / "constructs-ml-mine"
    mine.mkdir()
    full = temporary / "constructs-ml-local-without-a-lock"
    full.mkdir()
    (full / "file").write_text("x")
    young = temporary / "constructs-ml-local-young"
    young.mkdir()
    elsewhere = temporary.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".lock").touch()
    (temporary / "constructs-ml-synth-link").symlink_to(elsewhere)
    (temporary / "constructs-ml-check-file").touch()
    os.utime(full, (0, 0))
    old = temporary / "constructs-ml-s-old"
    old.mkdir()
    os.utime(old, (time.time() - 3600,) * 2)
    assert remove_stale() == [old]
    assert elsewhere.is_dir()
    assert mine.is_dir()
    assert young.is_dir()
    assert full.is_dir()


@pytest.mark.usefixtures("temporary")
def test_the_lock_goes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Scratch(Kind.RUN)
    (made.path / "a").mkdir()
    (made.path / "z").write_text("x")
    seen: list[list[str]] = []

    def removes(folder: Path) -> None:
        seen.append(sorted(each.name for each in made.path.iterdir()))
        shutil.rmtree(folder)

    monkeypatch.setattr("constructs_ml.local.host.removal.remove", removes)
    remove_scratch(made.path)
    assert seen[-1] == [".lock"]


@pytest.mark.usefixtures("temporary")
def test_a_forked_process_removes_nothing() -> None:
    made = Scratch(Kind.RUN)
    child = os.fork()
    if child == 0:
        made.remove()
        os._exit(0)
    os.waitpid(child, 0)
    assert made.path.is_dir()
    made.remove()


def test_no_temporary_folder_is_removed_twice(temporary: Path) -> None:
    made = Scratch(Kind.CHECK)
    made.remove()
    made.remove()
    assert list(temporary.iterdir()) == []
