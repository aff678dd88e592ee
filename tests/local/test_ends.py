"""Every end of a run is clean: whatever ends it, in each of its phases, nothing is left and the last line says what happened."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from run_phases import phases
from run_process import started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from run_process import RunProcess

pytestmark = pytest.mark.local
_PHASES = phases()
# A run that is over when the signal comes.
_LATE = {"upload", "end", "cleaning"}


def _sent(number: int, *, group: bool = False) -> Callable[[RunProcess], int]:
    def send(run: RunProcess) -> int:
        run.send(number, group=group)
        return number

    return send


def _twice(run: RunProcess) -> int:
    run.send(signal.SIGTERM)
    time.sleep(0.2)
    if run.process.poll() is None:
        run.send(signal.SIGTERM)
    return signal.SIGTERM


def _again_and_again(run: RunProcess) -> int:
    while run.process.poll() is None:
        run.send(signal.SIGINT, group=True)
        time.sleep(0.1)
    return signal.SIGINT


def _paused(run: RunProcess) -> int:
    run.send(signal.SIGSTOP)
    time.sleep(0.5)
    run.send(signal.SIGCONT)
    time.sleep(0.5)
    run.send(signal.SIGTERM)
    return signal.SIGTERM


_ENDS: dict[str, Callable[[RunProcess], int]] = {
    "Ctrl-C": _sent(signal.SIGINT, group=True),
    "SIGINT": _sent(signal.SIGINT),
    "SIGTERM": _sent(signal.SIGTERM),
    "SIGHUP": _sent(signal.SIGHUP),
    "SIGQUIT": _sent(signal.SIGQUIT),
    "SIGKILL": _sent(signal.SIGKILL),
    "SIGTERM twice": _twice,
    "Ctrl-C again and again": _again_and_again,
    "SIGSTOP": _paused,
}
_QUICK = [
    ("synthesis", "SIGKILL"),
    ("start", "SIGTERM twice"),
    ("map", "SIGKILL"),
    ("cleaning", "SIGQUIT"),
]
_REST = [(phase, end) for phase in _PHASES for end in _ENDS if (phase, end) not in _QUICK]


def _ends(tmp_path: Path, phase: str, end: str) -> None:
    project = _PHASES[phase].write(tmp_path / "project")
    with started(project, tmp_path / "run") as run:
        _PHASES[phase].reached(run)
        number = _ENDS[end](run)
        sent = time.monotonic()
        code = run.wait(20)
        assert time.monotonic() - sent < 10
        run.assert_gone(files=number != signal.SIGKILL)
        said = "interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"
        if number == signal.SIGKILL and code:
            assert code == -signal.SIGKILL
        elif phase in _LATE and run.last_line().startswith("SUCCEEDED"):
            assert code in {0, -number}  # all was done
        else:
            # A second signal may come when Python has given up its handlers.
            assert code in {128 + number, -number}
            assert run.last_line() == said
        assert "Traceback" not in run.errors()
        assert "Exception ignored" not in run.errors()
    if number == signal.SIGKILL:
        _next_start_removes_what_is_left(tmp_path)


def _next_start_removes_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with started(tmp_path / "empty", tmp_path / "run") as run:
        assert run.wait() == 2
        assert "there is no" in run.last_line()
        run.assert_gone()


@pytest.mark.parametrize(("phase", "end"), _QUICK)
def test_a_run_ends_clean(tmp_path: Path, phase: str, end: str) -> None:
    _ends(tmp_path, phase, end)


@pytest.mark.stress
@pytest.mark.parametrize(("phase", "end"), _REST)
def test_a_run_ends_clean_in_each_phase(tmp_path: Path, phase: str, end: str) -> None:
    _ends(tmp_path, phase, end)
