"""What a job leaves behind in a run: no directory, no file descriptor."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import Bench, Workflow, machine, processing, statement, task, until

from constructs_ml.local import LocalAws
from constructs_ml.local.host.removal import remove

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAVES = """
    import os, pathlib
    out = pathlib.Path("/opt/ml/processing/output/result")
    (out / "x.bin").write_bytes(bytes(1 << 20))
    closed = pathlib.Path("/opt/ml/closed")
    (closed / "inside").mkdir(parents=True)
    (closed / "inside/file").write_text("x")
    closed.chmod(0)
"""


def _map(script: str, concurrency: int) -> dict[str, Any]:
    """A Map of jobs over the input's items."""
    inner = machine(Work=task("Processing", processing(script)))
    return {
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrency": concurrency,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **inner},
        "ResultPath": None,
        "End": True,
    }


def test_a_folder_that_a_job_has_closed_is_removed(tmp_path: Path) -> None:
    root = tmp_path / "job"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_text("x")
    (root / "link").symlink_to(tmp_path)
    (root / "a" / "b").chmod(0)
    (root / "a").chmod(0)
    remove(root)
    remove(root)
    assert not root.exists()
    assert tmp_path.exists()


@pytest.mark.local
@pytest.mark.parametrize("end", ["", "raise ValueError('failed')"])
def test_a_jobs_directory_is_gone_at_its_end(bench: Bench, end: str) -> None:
    script = f"{_LEAVES}\n    {end}\n"
    bench.run(Workflow(machine(Leave=task("Processing", processing("leave.py")))), code__leave_py=script)
    directory = bench.aws.workdir / "jobs" / "processing"
    assert until(lambda: not list(directory.iterdir()), 5), list(directory.iterdir())


@pytest.mark.local
def test_a_jobs_directory_stays_in_a_directory_of_the_users(tmp_path: Path) -> None:
    with LocalAws(workdir=tmp_path / "kept", stop_grace=1) as aws:
        bench = Bench(aws, tmp_path / "assemblies", [])
        _, execution = bench.run(
            Workflow(machine(Leave=task("Processing", processing("leave.py")))), code__leave_py=_LEAVES
        )
        (job,) = execution.jobs
    left = tmp_path / "kept" / "jobs" / "processing" / job.name / "algo-1" / "ml"
    assert (left / "processing/output/result/x.bin").stat().st_size == 1 << 20
    remove(tmp_path / "kept")


@pytest.mark.local
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="descriptors are counted in /proc")
def test_jobs_leave_no_descriptor_behind(bench: Bench) -> None:
    deployment = bench.deploy(Workflow(machine(Many=_map("work.py", 2))), code__work_py="print('done')")
    process = bench.aws._process
    assert process

    def count() -> int:
        return sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())

    assert deployment.start({"items": [0, 1]}).wait(60).status == "SUCCEEDED"
    before = count()
    assert deployment.start({"items": list(range(30))}).wait(120).status == "SUCCEEDED"
    # The server's ends of closed connections are closed a few seconds later.
    assert until(lambda: count() <= before + 10, 15), (before, count())


@pytest.mark.local
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="descriptors are counted in /proc")
def test_executions_that_call_other_services_leave_no_descriptor_behind(bench: Bench) -> None:
    listing = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
        "Parameters": {"Bucket": "${Bucket}"},
        "End": True,
    }
    deployment = bench.deploy(Workflow(machine(List=listing), machine=[statement("*")]))
    process = bench.aws._process
    assert process

    def count() -> int:
        return sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())

    assert deployment.start().wait(60).status == "SUCCEEDED"
    before = count()
    for _ in range(15):
        assert deployment.start().wait(60).status == "SUCCEEDED"
    assert until(lambda: count() <= before + 5, 15), (before, count())


@pytest.fixture
def few_files() -> Iterator[None]:
    """A process that may open 256 files, as a shell on macOS."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.local
@pytest.mark.stress
@pytest.mark.usefixtures("few_files")
def test_a_map_of_60_jobs_with_256_files(tmp_path: Path) -> None:
    with LocalAws(stop_grace=1) as aws:
        bench = Bench(aws, tmp_path, [])
        deployment = bench.deploy(Workflow(machine(Many=_map("work.py", 8))), code__work_py="print('done')")
        execution = deployment.start({"items": list(range(60))}).wait(120)
        assert execution.status == "SUCCEEDED", execution.cause
        assert [job.status for job in execution.jobs] == ["Completed"] * 60
