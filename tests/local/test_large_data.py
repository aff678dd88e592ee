"""A run with large inputs, outputs and logs: what its own processes need of memory, byte for byte, and nothing left."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest
from local_bench import (
    Workflow,
    job_statements,
    machine,
    processing,
    s3_input,
    s3_output,
    statement,
    task,
    write_assembly,
)
from peaks import peak

pytestmark = [
    pytest.mark.local,
    pytest.mark.stress,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
_GIGABYTE, _MEGABYTE = 1 << 30, 1 << 20
_BOUND = 500
_WRITE = """
    import hashlib, pathlib, sys
    digest, log = hashlib.sha256(), sys.stdout.buffer
    source, = pathlib.Path("/opt/ml/processing/input/data").iterdir()
    with source.open("rb") as read, pathlib.Path("/opt/ml/processing/output/result/copy").open("wb") as written:
        while chunk := read.read(1 << 20):
            digest.update(chunk)
            written.write(chunk[::-1])
    log.write(f"read {digest.hexdigest()}\\n".encode())
    for number in range(500_000):
        log.write(b"%08d " % number + b"x" * 90 + b"\\n")
    log.write(b"y" * (40 << 20) + b"\\n")
    log.write(bytes(range(128, 256)) * (10 << 13) + b"\\n")
    log.flush()
"""
_READ = """
    import hashlib, pathlib
    digest = hashlib.sha256()
    with pathlib.Path("/opt/ml/processing/input/data/copy").open("rb") as read:
        while chunk := read.read(1 << 20):
            digest.update(chunk[::-1])
    print("copied", digest.hexdigest())
"""


def _project(directory: Path) -> Path:
    write, read = processing("write.py"), processing("read.py")
    for request, place in ((write, "in/data/"), (read, "out/result/")):
        request["ProcessingInputs"] = [s3_input("code"), s3_input("data", S3Uri=f"s3://${{Bucket}}/{place}")]
        request["StoppingCondition"]["MaxRuntimeInSeconds"] = 3600
    read["ProcessingOutputConfig"] = {"Outputs": [s3_output("nothing")]}
    first = task("Processing", write, Next="Read")
    del first["End"]
    allowed = [*job_statements(), statement("s3:GetObject", resource={"Fn::Sub": "${Data.Arn}/out/*"})]
    workflow = Workflow(machine(Write=first, Read=task("Processing", read)), job=allowed)
    write_assembly(directory / "made", "Project", workflow.template("Project"))
    (directory / "write.py").write_text(textwrap.dedent(_WRITE))
    (directory / "read.py").write_text(textwrap.dedent(_READ))
    (directory / "app.py").write_text("import os, shutil; shutil.copytree('made', os.environ['CDK_OUTDIR'])")
    return directory


def _sparse(path: Path) -> str:
    """A file of a gigabyte with little in it; its hash."""
    with path.open("wb") as file:
        for place in range(0, _GIGABYTE, 64 * _MEGABYTE):
            file.seek(place)
            file.write(os.urandom(_MEGABYTE))
        file.truncate(_GIGABYTE)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_MEGABYTE):
            digest.update(chunk)
    return digest.hexdigest()


def _children(pid: int) -> list[int]:
    return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def test_a_gigabyte_in_and_out_and_a_log_of_100_megabytes(tmp_path: Path) -> None:
    project, temporary = _project(tmp_path), tmp_path / "tmp"
    temporary.mkdir()
    wanted = _sparse(tmp_path / "input.bin")
    data = {"input.bin": "s3://${RawData}/in/data/", "write.py": "s3://${RawData}/in/code/"}
    data["read.py"] = "s3://${RawData}/in/code/"
    (project / "cdk.json").write_text(
        json.dumps({"app": "python3 app.py", "context": {"constructs-ml:run": {"data": data}}})
    )
    peaks: dict[int, int] = {}
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("constructs-ml"), "run", "--app", str(project), "--verbose"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        while process.poll() is None:
            for pid in (process.pid, *_children(process.pid)):
                # Its children are the app, for a moment, and the emulator, whose children are the jobs.
                with suppress(FileNotFoundError):
                    peaks[pid] = max(peaks.get(pid, 0), peak(pid))
            time.sleep(0.1)
    said = (tmp_path / "out").read_bytes()
    assert process.returncode == 0, said[-2000:]
    assert f"| read {wanted}\n".encode() in said
    assert f"| copied {wanted}\n".encode() in said
    lines = said.splitlines()
    assert sum(line.endswith(b" " + b"x" * 90) for line in lines) == 500_000
    assert sum(line.count(b"y" * 1000) for line in lines if b"| yyy" in line) * 1000 == pytest.approx(
        40 << 20, rel=0.01
    )
    print(peaks)  # noqa: T201 - the figure, with pytest -s
    assert sum(peaks.values()) < _BOUND, peaks
    assert list(temporary.iterdir()) == []
