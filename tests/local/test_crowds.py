"""Many jobs with few files, and many runs at once: all end well, and nothing is left."""

from __future__ import annotations

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from local_bench import Workflow, machine, processing, task
from run_process import started, write_project

pytestmark = [pytest.mark.local, pytest.mark.stress]


def _many(jobs: int, concurrency: int) -> Workflow:
    # All that the jobs return would be more than a state may return.
    inner = machine(Work=task("Processing", processing("work.py"), ResultPath=None))
    many = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrency": concurrency,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **inner},
        "ResultPath": None,
        "End": True,
    }
    first = {"Type": "Pass", "Result": {"items": list(range(jobs))}, "Next": "Many"}
    return Workflow(machine(First=first, Many=many))


def _few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


@pytest.mark.parametrize("concurrency", [40, 8])
def test_a_map_of_500_jobs_with_256_files(tmp_path: Path, concurrency: int) -> None:
    """As the shell on macOS allows; the limit holds for the run, the emulator and the jobs."""
    project = write_project(tmp_path / "project", _many(500, concurrency), {"code/work.py": "print('done')"})
    started_at, most = time.monotonic(), 0
    with started(project, tmp_path / "run", before=_few_files) as run:
        run.await_line("Work: started")
        (emulator,) = psutil.Process(run.process.pid).children()
        counts: list[int] = []
        while run.process.poll() is None:
            counts.append(_descriptors(emulator.pid))
            most = max(most, counts[-1])
            time.sleep(0.5)
        assert run.wait(600) == 0, run.lines[-5:]
        assert run.last_line().startswith("SUCCEEDED")
        assert sum("| done" in line for line in run.lines) == 500
        run.assert_gone()
    seconds = time.monotonic() - started_at
    print(f"500 jobs, {concurrency} at once: {seconds:.0f} s, at most {most} descriptors")  # noqa: T201 - the figures of a note
    assert seconds < 500
    middle = counts[len(counts) // 4 : -len(counts) // 8 or None]
    assert max(middle) - min(middle) < 150, middle


def _descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def test_50_runs_three_at_once(tmp_path: Path) -> None:
    script = "import pathlib; pathlib.Path('/opt/ml/processing/output/result/x').write_text('mine'); print('done')"
    shared = tmp_path / "shared"
    shared.mkdir()
    before = set(psutil.pids())

    def one(index: int) -> tuple[int, str, dict[str, Any]]:
        mine = script.replace("mine", f"mine {index}").replace("'done'", f"'done {index}'")
        workflow = Workflow(machine(Work=task("Processing", processing("work.py"))))
        project = write_project(tmp_path / f"project{index}", workflow, {"code/work.py": mine})
        # One temporary folder for all, as on a machine of a user's.
        variables = {"TMPDIR": str(shared)}
        with started(project, tmp_path / f"run{index}", variables=variables) as run:
            run.await_line("| done")
            run.look()
            code = run.wait(120)
            run.assert_gone()
            done = [line.rpartition("| ")[2] for line in run.lines if "| done" in line]
            return code, run.last_line(), {"done": done, "wanted": [f"done {index}"]}

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(one, range(50)))
    assert [code for code, *_ in found] == [0] * 50, [each[1] for each in found if each[0]]
    assert [each["done"] for *_, each in found] == [each["wanted"] for *_, each in found]
    assert list(shared.iterdir()) == []
    left = [each for each in psutil.process_iter() if each.pid not in before and str(tmp_path) in " ".join(_line(each))]
    assert left == []


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
