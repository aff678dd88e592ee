"""Nothing outlives a local run, however it ends: no process, no file, no open port."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from local_bench import STUBBORN, Bench, Workflow, alive, machine, stubborn, task, until, write_assembly

from constructs_ml.errors import LocalRunError
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.local


def _hears_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def _started(*command: str, directory: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A program of its own, its temporary files in a directory that the test can look into."""
    temporary = directory / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, "TMPDIR": str(temporary), **variables},
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # As at a terminal: what a shell runs in its background is deaf to Ctrl-C, and so is what that starts.
        preexec_fn=_hears_interrupts,  # noqa: PLW1509 - there are no threads beside it
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie of another parent is gone as well.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_stop_leaves_nothing_and_may_be_called_twice(tmp_path: Path) -> None:
    aws = LocalAws(stop_grace=1)
    aws.start()
    process = aws._process
    assert process is not None
    port = int(aws.endpoint_url.rpartition(":")[2])
    workdir = aws.workdir
    workflow = Workflow(machine(Run=task("Processing", stubborn("311.5"))))
    Bench(aws, tmp_path, []).deploy(workflow, code__stubborn_py=STUBBORN).start()
    assert until(lambda: alive("311.5"))
    aws.stop()
    aws.stop()
    assert _gone(process.pid)
    assert alive("311.5") == []
    assert not workdir.exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_listens_on_the_loopback_interface_only() -> None:
    with LocalAws() as aws:
        port = int(aws.endpoint_url.rpartition(":")[2])
        assert aws._process is not None
        connections = psutil.Process(aws._process.pid).net_connections("inet")
        listening = {found.laddr for found in connections if found.status == psutil.CONN_LISTEN}
        assert listening == {("127.0.0.1", port)}


def test_a_given_workdir_is_kept(tmp_path: Path) -> None:
    with LocalAws(workdir=tmp_path / "work") as aws:
        assert aws.workdir == tmp_path / "work"
    assert (tmp_path / "work" / "emulator.log").exists()


def test_the_emulator_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = """
        import time
        from constructs_ml.local import LocalAws
        aws = LocalAws()
        aws.start()
        print(aws._process.pid, flush=True)
        time.sleep(60)
    """
    with _started("-c", textwrap.dedent(program), directory=tmp_path) as process:
        assert process.stdout is not None
        emulator = int(process.stdout.readline())
        process.kill()
        process.wait()
        assert until(lambda: _gone(emulator), 10)
        assert until(lambda: not list((tmp_path / "temporary").glob("constructs-ml-*")), 5)


def test_jobs_end_with_an_emulator_that_is_killed(tmp_path: Path) -> None:
    with LocalAws() as aws:
        workflow = Workflow(machine(Run=task("Processing", stubborn("313.5"))))
        execution = Bench(aws, tmp_path, []).deploy(workflow, code__stubborn_py=STUBBORN).start()
        assert until(lambda: alive("313.5"))
        assert aws._process is not None
        aws._process.kill()
        with pytest.raises(LocalRunError, match="the embedded AWS has ended"):
            execution.wait(20)
    assert until(lambda: not alive("313.5"))


def _project(directory: Path) -> Path:
    """A project with a cdk.json whose app writes an assembly that was made before."""
    workflow = Workflow(machine(Run=task("Processing", stubborn("312.5"))))
    write_assembly(directory / "made", "Project", workflow.template("Project"))
    (directory / "stubborn.py").write_text(textwrap.dedent(STUBBORN))
    (directory / "app.py").write_text("import os, shutil; shutil.copytree('made', os.environ['CDK_OUTDIR'])")
    run = {"data": {"stubborn.py": "s3://${RawData}/in/code/"}}
    (directory / "cdk.json").write_text(json.dumps({"app": "python3 app.py", "context": {"constructs-ml:run": run}}))
    return directory


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_cleans_up(tmp_path: Path, number: signal.Signals) -> None:
    _project(tmp_path)
    with _started("-m", "constructs_ml.cli", "run", "--verbose", directory=tmp_path) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.rstrip().endswith("| started"):
                break
        assert until(lambda: alive("312.5"))
        process.send_signal(number)
        started = time.monotonic()
        assert process.wait(20) == 128 + number
        assert time.monotonic() - started < 10
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert alive("312.5") == []
    assert list((tmp_path / "temporary").glob("constructs-ml-*")) == []
