"""Writes what SageMaker's training toolkit answers to a few jobs, for the tests that run without it.

Needs the environment of ``make conformance-training``: ``python tools/write_toolkit_answers.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from support import toolkit_cases as cases  # noqa: E402 - it is no package of this library's

from constructs_ml.local.host.sandbox import detect  # noqa: E402 - likewise

JOBS, SEED = 40, 7
FILE = ROOT / "tests" / "local" / "toolkit_answers.json"
ORACLE = ROOT / ".cache" / "conformance" / "training" / "bin" / "python"
ANSWERS = ROOT / "tests" / "conformance" / "training" / "toolkit_answers.py"


def main() -> None:
    """Asks the toolkit, and writes requests and answers."""
    requests = list(cases.jobs(JOBS, seed=SEED))
    jobs = [cases.local(request) for request in requests]
    lines = "\n".join(json.dumps(cases.case(job, job.hosts[-1])) for job in jobs)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ml" / "code").mkdir(parents=True)
        command = detect().command([str(ORACLE), str(ANSWERS)], root=Path(folder) / "ml", cwd="/")
        environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
        found = subprocess.run(command, input=lines, capture_output=True, text=True, env=environment, check=True)
    answers = [json.loads(line) for line in found.stdout.splitlines() if line.startswith('{"arguments"')]
    rows = [
        {"request": request, "answer": cases.portable(answer)}
        for request, answer in zip(requests, answers, strict=True)
    ]
    FILE.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
