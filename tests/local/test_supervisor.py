"""The supervisor ends all that a command has started, and is as transparent as it can be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from local_bench import alive, until

from constructs_ml.local.host.processes import SUPERVISOR

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to another process than init")
_PROGRAM = [sys.executable, "-I", "-S", str(SUPERVISOR)]
# A child, one in a session of its own, and a daemon: its parent is gone.
_STARTS = """
import os, subprocess, sys, time
sleeps = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(MARK)"]
subprocess.Popen(sleeps)
subprocess.Popen(sleeps, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, sleeps)
    os._exit(0)
os.wait()
"""


def _supervise(*command: str, grace: str = "0", **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return] # any of its options
        [*_PROGRAM, grace, *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_hear,  # noqa: PLW1509 - no threads here
        **options,
    )


def _hear() -> None:
    # What a shell runs in its background is deaf to Ctrl-C, and so is what that starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("end", ["exits", "closed", "written", "parent killed"])
def test_nothing_is_left(end: str) -> None:
    mark = f"77{['exits', 'closed', 'written', 'parent killed'].index(end)}.25"
    script = _STARTS.replace("MARK", mark) + ("time.sleep(0.3)" if end == "exits" else "time.sleep(300)")
    if end == "parent killed":
        holds = f"import subprocess, time\nsubprocess.Popen({[*_PROGRAM, '0', sys.executable, '-c', script]!r}, stdin=-1); time.sleep(300)"
        process = subprocess.Popen([sys.executable, "-c", holds], stdin=subprocess.PIPE)
    else:
        process = _supervise(sys.executable, "-c", script)
    assert process.stdin
    assert until(lambda: len(alive(mark)) >= 3)
    if end == "closed":
        process.stdin.close()
    elif end == "written":
        process.stdin.write(b"\n")
        process.stdin.flush()
    elif end == "parent killed":
        process.kill()
    process.wait(10)
    assert until(lambda: not alive(mark), 2), alive(mark)
    process.stdin.close()


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", -9), ("kill -SEGV $$", -11), ("kill -TERM $$", -15)],
)
def test_the_end_is_the_commands(script: str, code: int) -> None:
    with _supervise("sh", "-c", script) as process:
        assert process.wait(10) == code


def test_what_is_not_there_is_told() -> None:
    with _supervise("no-such-command", stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert process.stderr.read() == b"no-such-command: No such file or directory\n"
        assert process.wait(10) == 127


def test_a_signal_to_the_group_reaches_the_command_once() -> None:
    waits = "trap 'echo heard; exit 7' TERM; echo ready; while :; do sleep 0.01; done"
    with _supervise("sh", "-c", waits, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(10) == 7
        assert process.stdout.read() == b"heard\n"


def test_the_command_is_asked_first() -> None:
    asks = "trap 'echo asked; exit 0' INT; echo ready; while :; do sleep 0.01; done"
    with _supervise("sh", "-c", asks, grace="5", stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == b"ready\n"
        process.stdin.close()
        assert process.stdout.read() == b"asked\n"
        assert process.wait(10) == 0


def test_the_commands_input_is_empty_and_its_signals_are_usual(tmp_path: Path) -> None:
    script = "import signal, sys; print(repr(sys.stdin.read()), signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)"
    ignores = ["sh", "-c", f"cat; grep SigIgn /proc/self/status; exec {sys.executable} -c '{script}'"]
    with _supervise(*ignores, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout
        ignored, seen = process.stdout.read().decode().splitlines()
        assert int(ignored.split()[1], 16) & (1 << signal.SIGPIPE - 1) == 0
        assert seen == "'' True"


def test_many_that_are_born_while_they_are_killed() -> None:
    bomb = "i=0; while [ $i -lt 300 ]; do setsid sleep 779.5 & i=$((i+1)); done; sleep 779.5"
    process = _supervise("sh", "-c", bomb)
    assert process.stdin
    time.sleep(0.1)
    process.stdin.close()
    process.wait(10)
    left = subprocess.run(["pgrep", "-f", "sleep 779.5"], capture_output=True, text=True, check=False).stdout
    assert left == ""
