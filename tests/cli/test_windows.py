"""What works where Python has no POSIX: the library, its checks and simulated executions; runs say what they need."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# As far as it can be had here: the modules and names that Windows lacks are gone before anything is imported.
_WINDOWS = """
    import os, signal, socket, sys

    class Blocker:
        def find_spec(self, name, path=None, target=None):
            if name in {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "readline"}:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    sys.meta_path.insert(0, Blocker())
    for name in ("fcntl", "pwd", "grp", "resource", "termios"):
        sys.modules.pop(name, None)
    for module, names in {
        os: ["getuid", "geteuid", "getgid", "getegid", "fork", "forkpty", "killpg", "setsid", "mkfifo", "getpgid",
             "getpgrp", "uname", "chown", "getgroups", "sched_getaffinity", "getloadavg", "O_NONBLOCK"],
        signal: ["SIGKILL", "SIGHUP", "SIGALRM", "alarm", "pthread_sigmask"],
        socket: ["AF_UNIX"],
    }.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
"""
_ASL = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    whole = textwrap.dedent(_WINDOWS) + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-c", whole, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    "module", ["constructs_ml", "constructs_ml.cli.commands", "constructs_ml.testing", "constructs_ml.local"]
)
def test_it_is_imported(module: str) -> None:
    done = _run(f"import {module} as found; [getattr(found, name) for name in getattr(found, '__all__', [])]")
    assert done.returncode == 0, done.stderr


def test_a_definition_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "workflow.asl.json"
    file.write_text(json.dumps({**_ASL, "StartAt": "Wiat"}))
    done = _run("from constructs_ml.cli import main; main(sys.argv[1:])", "check", str(file))
    assert done.returncode == 1, done.stderr
    assert "Wiat" in done.stdout
    assert "Traceback" not in done.stderr


def test_an_execution_is_simulated() -> None:
    program = f"""
        from constructs_ml.testing import simulate
        print(simulate({_ASL!r}).status)
    """
    done = _run(program)
    assert done.stdout.split() == ["SUCCEEDED"], done.stderr


def test_a_workflow_is_made_and_simulated() -> None:
    program = """
        import constructs_ml as ml
        from aws_cdk import App, Stack, aws_stepfunctions as sfn
        from constructs_ml.testing import simulate
        stack = Stack(App(), "S")
        job = ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.sklearn("1.2-1"), entrypoint=["python3", "x.py"])
        print(simulate(ml.Workflow(stack, "Workflow", definition=job)).status)
    """
    done = _run(program)
    assert done.stdout.split() == ["SUCCEEDED"], done.stderr


@pytest.mark.parametrize(
    ("arguments", "by"), [(["run"], "constructs-ml run"), (["approve", "arn:x"], "constructs-ml approve")]
)
def test_a_run_says_what_it_needs(arguments: list[str], by: str) -> None:
    done = _run("from constructs_ml.cli import main; main(sys.argv[1:])", *arguments)
    assert done.returncode == 1
    assert (
        done.stderr
        == f"constructs-ml: {by} needs Linux or macOS; on Windows, run it in WSL (docs/local.md, Platforms)\n"
    )


def test_so_does_the_library() -> None:
    program = """
        from constructs_ml.errors import MissingRequirementError
        from constructs_ml.local import LocalAws, run
        for start in (LocalAws, run):
            try:
                start()
            except MissingRequirementError as error:
                print(error)
    """
    done = _run(program)
    said = "a local run needs Linux or macOS; on Windows, run it in WSL (docs/local.md, Platforms)"
    assert done.stdout.splitlines() == [said] * 2, done.stderr
