"""The script of a training job gets by our local run what it gets by SageMaker's own toolkit, which runs here as the oracle."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import toolkit_cases as cases

from constructs_ml.local.host.container import Container
from constructs_ml.local.host.sandbox import detect

if TYPE_CHECKING:
    from constructs_ml.local.host.contract import Host
    from constructs_ml.local.jobs.training import TrainingJob

ORACLE = Path(os.environ.get("CONFORMANCE_TRAINING", "")) / "bin" / "python"
ANSWERS = Path(__file__).with_name("toolkit_answers.py")
DUMP = """import json, os, sys
json.dump({"arguments": sys.argv[1:], "variables": dict(os.environ)}, open("/opt/ml/output/data/seen.json", "w"))
"""
SHELL = '#!/bin/sh\nexec python3 "$(dirname "$0")/dump.py" "$@"\n'
pytestmark = [
    pytest.mark.skipif("CONFORMANCE_TRAINING" not in os.environ, reason="make conformance-training"),
    pytest.mark.skipif(detect().rewrites, reason="the toolkit wants a true /opt/ml"),
]


def test_arguments_and_variables_of_six_hundred_jobs(tmp_path: Path) -> None:
    """In one process of the toolkit's, through its ``environment`` and ``mapping``."""
    jobs = [cases.local(request) for request in cases.jobs(600)]
    asked = [(job, job.hosts[-1]) for job in jobs]
    (tmp_path / "ml" / "code").mkdir(parents=True)
    command = detect().command([str(ORACLE), str(ANSWERS)], root=tmp_path / "ml", cwd="/")
    lines = "\n".join(json.dumps(cases.case(job, host)) for job, host in asked)
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    found = subprocess.run(command, input=lines, capture_output=True, text=True, env=environment, check=False)
    assert found.returncode == 0, found.stderr[-2000:]
    answers = [json.loads(line) for line in found.stdout.splitlines() if line.startswith('{"arguments"')]
    assert len(answers) == len(asked) >= 500
    for (job, host), answer in zip(asked, answers, strict=True):
        assert cases.answer(job, host) == answer, job.request


@pytest.mark.parametrize("number", range(30))
def test_whole_processes(tmp_path: Path, number: int) -> None:
    """The toolkit's own entry point, ``train``, unpacks the code, and starts the script with what it says."""
    program = ("train.py", "train.sh")[number % 2]
    request = next(iter(cases.jobs(1, seed=number + 1000, program=program)))
    # The code comes by a channel, as there is no S3; and there is no other host to be waited for.
    request["HyperParameters"]["sagemaker_submit_directory"] = '"/opt/ml/input/data/code/sourcedir.tar.gz"'
    request["Environment"] = {**request.get("Environment", {}), "SM_STUDIO_LOCAL_MODE": "true", "PYTHONUTF8": "1"}
    request["HyperParameters"].pop("sagemaker_mpi_enabled", None)
    request["Environment"].pop("SAGEMAKER_TRAINING_MODULE", None)
    request["HyperParameters"].pop("sagemaker_s3_output", None)
    ours, theirs = _ours(request, tmp_path / "ours"), _theirs(request, tmp_path / "theirs")
    assert ours["arguments"] == theirs["arguments"]
    kept = ("SM_", "SAGEMAKER_", "CURRENT_HOST", "TRAINING_JOB_NAME", "MY_FLAG", "TZ", "LANGUAGE")
    assert _only(ours["variables"], kept) == _only(theirs["variables"], kept)


def _only(variables: dict[str, str], kept: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name.startswith(kept)}


def _container(request: dict[str, Any], root: Path) -> tuple[TrainingJob, Host]:
    """A container's /opt/ml, as our local run fills it."""
    job = cases.local(request, root)
    host = job.hosts[0]
    case = cases.case(job, host)
    for folder in ("model", "output/data", "input/data/code", "code"):
        (host.ml / folder).mkdir(parents=True)
    host.write("input/config/hyperparameters.json", case["hyperparameters"])
    host.write("input/config/inputdataconfig.json", case["channels"])
    host.write("input/config/resourceconfig.json", case["resources"])
    source = root / "source"
    source.mkdir()
    for name, text in {"train.py": DUMP, "dump.py": DUMP, "train.sh": SHELL}.items():
        (source / name).write_text(text, encoding="utf-8")
    with tarfile.open(host.ml / "input/data/code/sourcedir.tar.gz", "w:gz") as archive:
        for file in sorted(source.iterdir()):
            archive.add(file, file.name)
    return job, host


def _environment(request: dict[str, Any]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "AWS_DEFAULT_REGION": cases.REGION,
        "TRAINING_JOB_NAME": request["TrainingJobName"],
        **request["Environment"],
    }


def _ours(request: dict[str, Any], root: Path) -> dict[str, Any]:
    job, host = _container(request, root)
    job._unpack_code(host)
    command = job._command(host)
    environment = {**_environment(request), **(command.overriding or {})}
    lines: list[str] = []
    container = Container(host, command, environment, detect(), lines.append)
    container.finish(60)
    return _seen(host, lines)


def _theirs(request: dict[str, Any], root: Path) -> dict[str, Any]:
    _, host = _container(request, root)
    argv = [str(ORACLE), "-m", "sagemaker_training.cli.train"]
    found = subprocess.run(
        detect().command(argv, root=host.ml, cwd="/"),
        env=_environment(request),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return _seen(host, [found.stdout, found.stderr])


def _seen(host: Host, lines: list[str]) -> dict[str, Any]:
    file = host.ml / "output" / "data" / "seen.json"
    assert file.exists(), lines
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
