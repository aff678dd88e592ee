"""What of the benchmark's bars does not depend on the machine: the calls to Node, the resources, the imports."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from synth_stacks import ROOT

JOBS = 60
BENCHMARK = str(ROOT / "benchmarks" / "synth.py")


def told(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, BENCHMARK, *arguments], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def chain(jobs: int) -> dict[str, Any]:
    return told("--case", "constructs-ml", "--jobs", str(jobs))


@pytest.mark.needs_cdk("2.271", "checks that are a plugin of it: before, they ask each construct for its errors")
def test_each_job_of_a_chain_takes_four_calls_to_node_and_no_resource() -> None:
    one, many = chain(1), chain(JOBS)
    assert (many["requests"] - one["requests"]) / (JOBS - 1) <= 4
    assert many["resources"] == one["resources"]


@pytest.mark.needs_cdk("2.260", "modules that load each other when they are used")
def test_the_library_imports_nothing_heavy() -> None:
    assert told("--import")["loaded"] == []
