"""Parts of a run that are killed: the run says so and ends clean; a job that is killed fails as on AWS."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from local_bench import Workflow, machine, processing, task, until
from run_phases import HOLDS, phases
from run_process import started, write_project

if TYPE_CHECKING:
    from pathlib import Path

    from local_bench import Bench
    from run_process import RunProcess

pytestmark = pytest.mark.local


def _below(run: RunProcess, *parts: str) -> list[psutil.Process]:
    """The processes of a run whose command has these parts."""
    run.look()
    found = psutil.Process(run.process.pid).children(recursive=True)
    return [each for each in found if all(any(part in word for word in each.cmdline()) for part in parts)]


def _emulator(run: RunProcess) -> psutil.Process:
    (found,) = psutil.Process(run.process.pid).children()
    run.look()
    return found


@pytest.mark.parametrize(
    ("phase", "number"),
    [
        ("map", signal.SIGKILL),
        pytest.param("job", signal.SIGSEGV, marks=pytest.mark.stress),
        pytest.param("transform", signal.SIGKILL, marks=pytest.mark.stress),
        pytest.param("tuning", signal.SIGABRT, marks=pytest.mark.stress),
        pytest.param("approval", signal.SIGKILL, marks=pytest.mark.stress),
        pytest.param("deployment", signal.SIGKILL, marks=pytest.mark.stress),
        pytest.param("starting", signal.SIGKILL, marks=pytest.mark.stress),
        pytest.param("download", signal.SIGKILL, marks=pytest.mark.stress),
        pytest.param("upload", signal.SIGKILL, marks=pytest.mark.stress),
    ],
)
def test_an_emulator_that_is_killed_ends_the_run(tmp_path: Path, phase: str, number: int) -> None:
    found = phases()[phase]
    with started(found.write(tmp_path / "project"), tmp_path / "run") as run:
        found.reached(run)
        _emulator(run).send_signal(number)
        assert run.wait(15) == 1
        run.assert_gone()
        assert "Traceback" not in run.errors()
        assert run.last_line().startswith("constructs-ml: the embedded AWS "), run.last_line()


@pytest.mark.stress
def test_a_run_is_ended_whose_emulator_does_nothing(tmp_path: Path) -> None:
    found = phases()["job"]
    with started(found.write(tmp_path / "project"), tmp_path / "run") as run:
        found.reached(run)
        _emulator(run).send_signal(signal.SIGSTOP)
        run.send(signal.SIGTERM)
        assert run.wait(30) == 128 + signal.SIGTERM
        run.assert_gone()


@pytest.mark.parametrize("phase", ["job", pytest.param("transform", marks=pytest.mark.stress)])
def test_both_the_run_and_its_emulator_are_killed(tmp_path: Path, phase: str) -> None:
    found = phases()[phase]
    with started(found.write(tmp_path / "project"), tmp_path / "run") as run:
        found.reached(run)
        emulator = _emulator(run)
        for pid in (run.process.pid, emulator.pid):
            os.kill(pid, signal.SIGKILL)
        run.wait()
        run.assert_gone(files=False)
    (tmp_path / "empty").mkdir()
    with started(tmp_path / "empty", tmp_path / "run") as run:
        assert run.wait() == 2
        run.assert_gone()


def _with_command(parent: psutil.Process, part: str) -> list[psutil.Process]:
    found = []
    for each in parent.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie, too
            if part in " ".join(each.cmdline()):
                found.append(each)
    return found


def _caught() -> dict[str, Any]:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failed", "Next": "Saved"}]
    work = task("Processing", processing("work.py"), Catch=catch)
    return machine(Work=work, Saved={"Type": "Pass", "End": True})


_KILLS_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def test_a_job_that_is_killed_fails_and_is_caught(bench: Bench) -> None:
    """As by the kernel, which ends what takes too much memory."""
    _, execution = bench.run(Workflow(_caught()), code__work_py=_KILLS_ITSELF)
    assert execution.status == "SUCCEEDED"
    (job,) = execution.jobs
    assert job.status == "Failed"
    assert str(job.failure_reason).endswith("exit code: 137")
    assert job.response.get("ExitMessage", True)


@pytest.mark.parametrize(
    "victim", ["script", *(pytest.param(each, marks=pytest.mark.stress) for each in ("shell", "outermost"))]
)
def test_whichever_process_of_a_job_is_killed_it_fails(bench: Bench, victim: str) -> None:
    execution = bench.deploy(Workflow(_caught()), code__work_py=HOLDS).start()
    assert bench.aws._process
    emulator = psutil.Process(bench.aws._process.pid)

    assert until(lambda: len(_with_command(emulator, "time.sleep(300)")) == 2)
    family = emulator.children(recursive=True)
    job = _with_command(emulator, "work.py")
    chosen = {
        "script": [each for each in job if each.name().startswith("python")][-1:],
        "shell": [each for each in job if each.name() == "sh"][-1:],
        "outermost": job[:1],
    }[victim]
    if not chosen:
        pytest.skip("no namespaces: there is no such process")
    for each in chosen:
        each.kill()
    assert execution.wait(30).status == "SUCCEEDED", execution.cause
    (record,) = execution.jobs
    assert record.status == "Failed"
    # What unshare says of a namespace that was killed is its own.
    assert ("exit code: " if victim == "shell" else "exit code: 137") in str(record.failure_reason)
    assert until(
        lambda: not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE], 2
    )


@pytest.mark.parametrize("killed", ["the server", pytest.param("a signal of its own", marks=pytest.mark.stress)])
def test_a_transform_server_that_is_killed_fails_its_job(tmp_path: Path, killed: str) -> None:
    found = phases()["transform"]
    with started(found.write(tmp_path / "project"), tmp_path / "run") as run:
        found.reached(run)
        servers = _below(run, "serve.py", "/opt/ml")
        victim = [each for each in servers if each.name().startswith("python")][-1]
        victim.send_signal(signal.SIGKILL if killed == "the server" else signal.SIGSEGV)
        assert run.wait(20) == 1
        run.assert_gone()
        assert "Traceback" not in run.errors()
        assert run.last_line().startswith("Score: Failed: "), run.last_line()
        assert f"exit code: {128 + (9 if killed == 'the server' else 11)}" in run.last_line()


@pytest.mark.stress
def test_a_functions_worker_dies_with_a_killed_emulator(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", _with_function(), {})
    with started(project, tmp_path / "run", "--ignore", "CML504") as run:
        run.await_line("Call: started")
        emulator = _emulator(run)
        assert until(emulator.children)
        emulator.kill()
        assert run.wait(15) == 1
        run.assert_gone()


def _with_function() -> Workflow:
    code = "import time\ndef handler(event, context):\n    time.sleep(100)\n"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
    }
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "waits",
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Timeout": 120,
            "Role": {"Fn::GetAtt": ["FunctionRole", "Arn"]},
            "Code": {"ZipFile": code},
        },
    }
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "waits", "Payload": {}},
        "End": True,
    }
    invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    return Workflow(machine(Call=call), machine=[invoke], resources={"FunctionRole": role, "Waits": function})
