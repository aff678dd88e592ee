"""Jobs that write what harms a terminal or a reader, that leave what they should not, and that do not want to end."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from local_bench import Bench, Workflow, alive, machine, processing, task, until
from run_process import started, write_project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.local

# Each line is written by a job, and the last one is what its failure is told with.
_LINES = {
    "escapes": r"b'\x1b[2J\x1b]0;title\x07\x1b]52;c;ZWNobw==\x07\x9b31m\n' * 3",
    "a megabyte without an end": r"b'x' * (1 << 20)",
    "nothing": r"b'\0' * 5000 + b'\n'",
    "no UTF-8": r"bytes(range(128, 256)) * 50 + b'\n'",
    "half a character": r"'€'.encode()[:2]",
    "returns": r"b'progress\r' * 100000",
    "returns and feeds": r"b'\r\n\r\r\n\n\r' * 1000",
    "directions": r"'\u202egnp.exe\u2066\u200f\n'.encode()",
    "surrogates": r"b'\xed\xa0\x80\xed\xbf\xbf\n'",
    "separators": r"'a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n'.encode()",
    "a message of the run's": r"b'{\"kind\": \"over\", \"execution\": \"x\"}\n' * 10",
    "many": r"b'x\n' * 50000",
}
_WRITES = """
import os, sys
for line in [{lines}]:
    data = line
    while data:
        data = data[os.write(1, data):]
    os.write(2, b"\\n")
print("the end", flush=True)
sys.exit(3)
"""


def test_hostile_lines_of_a_log(tmp_path: Path) -> None:
    script = _WRITES.format(lines=", ".join(_LINES.values()))
    workflow = Workflow(machine(Work=task("Processing", processing("work.py"))))
    project = write_project(tmp_path / "project", workflow, {"code/work.py": script})
    with started(project, tmp_path / "run") as run:
        assert run.wait(60) == 1
        assert run.lines[-1] == "Work: Failed: AlgorithmError: the end, exit code: 3"
        shown = "\n".join(run.lines)
        assert [each for each in shown if (ord(each) < 32 and each not in "\n\t") or 127 <= ord(each) < 160] == []
        assert not {"\u202e", "\u2066", "\u200f"} & set(shown)
        assert r"\x1b[2J\x1b]0;title\x07" in shown
        run.assert_gone()


@pytest.mark.stress
@pytest.mark.parametrize("name", _LINES)
def test_each_of_them_as_the_last_words(tmp_path: Path, name: str) -> None:
    script = _WRITES.format(lines=_LINES[name]).replace('print("the end", flush=True)', "")
    workflow = Workflow(machine(Work=task("Processing", processing("work.py"))))
    project = write_project(tmp_path / "project", workflow, {"code/work.py": script})
    with started(project, tmp_path / "run") as run:
        assert run.wait(60) == 1
        last = run.lines[-1]
        assert last.startswith("Work: Failed: AlgorithmError: ")
        assert last.endswith("exit code: 3")
        assert last.replace("\t", "").isprintable(), last
        run.assert_gone()


_ODD = {
    "closes its output": "import os, time\nfor each in (0, 1, 2):\n    os.close(each)\ntime.sleep(0.5)",
    "leaves a daemon with its output": """
        import os, sys, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(98765)
            os._exit(0)
        print("done", flush=True)
    """,
    "ignores all signals": """
        import signal
        for each in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(each, signal.SIG_IGN)
        print("done", flush=True)
    """,
    "stops its group": "import os, signal, time\nos.setpgid(0, 0)\nprint('done', flush=True)",
    "makes its folder deep": """
        import os
        os.chdir("/opt/ml")
        for _ in range(400):
            os.mkdir("deeper" * 10)
            os.chdir("deeper" * 10)
        print("done")
    """,
    "makes many files": """
        import pathlib
        for index in range(5000):
            pathlib.Path(f"/opt/ml/{index}").touch()
        print("done")
    """,
    "closes its folders": """
        import os, pathlib
        pathlib.Path("/opt/ml/a/b/c").mkdir(parents=True)
        for each in ("/opt/ml/a/b/c", "/opt/ml/a/b", "/opt/ml/a"):
            os.chmod(each, 0)
        print("done")
    """,
    "leaves pipes, sockets and odd names": """
        import os, socket
        os.mkfifo("/opt/ml/pipe")
        socket.socket(socket.AF_UNIX).bind("/opt/ml/socket")
        open(b"/opt/ml/\\xff\\xfe\\n", "w").close()
        os.symlink("/", "/opt/ml/link")
        print("done")
    """,
}


@pytest.mark.parametrize("name", _ODD)
def test_an_odd_job_ends_and_leaves_nothing(bench: Bench, name: str) -> None:
    _, execution = bench.run(
        Workflow(machine(Work=task("Processing", processing("work.py")))), code__work_py=_ODD[name]
    )
    assert execution.status == "SUCCEEDED", execution.cause
    assert until(lambda: not alive("98765"), 2)
    jobs = bench.aws.workdir / "jobs" / "processing"
    assert until(lambda: not list(jobs.iterdir()), 5), list(jobs.rglob("*"))[:5]


_FORKS = """
    import os, sys, time
    from constructs_ml.local import LocalAws

    with LocalAws() as aws:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="mine")
        children = []
        for how in ("exits", "returns", "stops", "stays"):
            child = os.fork()
            if child == 0:
                if how == "exits":
                    os._exit(0)
                if how == "returns":
                    sys.exit(0)  # the end of the with statement, and what is registered with atexit
                if how == "stops":
                    aws.stop()
                    os._exit(0)
                time.sleep(3)  # with the pipe to the emulator open
                os._exit(0)
            children.append(child)
        for child in children[:-1]:
            assert os.waitpid(child, 0)[1] == 0
        assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["mine"]
        began = time.monotonic()
    print(time.monotonic() - began, aws._folders.workdir.exists(), flush=True)
    os.waitpid(children[-1], 0)
"""


def test_a_process_that_is_forked_ends_nothing_of_its_parents(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_FORKS)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    seconds, there = done.stdout.split()
    assert float(seconds) < 2.5
    assert there == "False"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.stress
def test_a_job_that_forks_without_end_is_ended_with_its_run(tmp_path: Path) -> None:
    bomb = """
        import os, subprocess, sys, time
        print("holds", flush=True)
        for _ in range(400):
            subprocess.Popen(["sh", "-c", "trap '' TERM; while :; do sleep 0.2; done"], start_new_session=True)
        time.sleep(300)
    """
    workflow = Workflow(machine(Work=task("Processing", processing("work.py"))))
    project = write_project(tmp_path / "project", workflow, {"code/work.py": bomb})
    with started(project, tmp_path / "run") as run:
        run.await_line("| holds")
        assert until(lambda: len(psutil.Process(run.process.pid).children(recursive=True)) > 200)
        run.send(15)
        sent = time.monotonic()
        assert run.wait(20) == 143
        assert time.monotonic() - sent < 10
        run.assert_gone()
