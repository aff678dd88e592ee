"""The command ``constructs-ml run``."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from local_bench import Workflow, machine, processing, task, training, write_assembly

from constructs_ml import cli
from constructs_ml.errors import MissingRequirementError
from constructs_ml.local import LocalAws
from constructs_ml.local.host.requirements import require
from constructs_ml.local.runner.event_log import StateEvent
from constructs_ml.local.runner.progress import Plain

if TYPE_CHECKING:
    from pathlib import Path

_TRAIN = """
    import pathlib
    pathlib.Path("/opt/ml/model/model.txt").write_text("model")
    print("loss=0.5;")
"""


def _main(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


def _project(directory: Path, *, script: str) -> Path:
    """A project whose app copies an assembly that was made before."""
    request = training()
    del request["HyperParameters"]
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["python3", "/opt/ml/input/data/train/train.py"],
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*?);"}],
    }
    workflow = Workflow(machine(Train=task("Training", request)))
    write_assembly(directory / "made", "Project", workflow.template("Project"))
    (directory / "train.py").write_text(textwrap.dedent(script))
    (directory / "app.py").write_text("import os, shutil; shutil.copytree('made', os.environ['CDK_OUTDIR'])")
    run = {"data": {"train.py": "s3://${RawData}/in/train/"}}
    (directory / "cdk.json").write_text(json.dumps({"app": "python3 app.py", "context": {"constructs-ml:run": run}}))
    return directory


@pytest.mark.local
def test_a_run_that_succeeds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, script=_TRAIN)
    kept = tmp_path / "kept"
    assert _main("run", "--app", str(project), "--keep", str(kept), "--verbose") == 0
    out = capsys.readouterr().out
    assert "Train: started" in out
    assert "| loss=0.5;" in out
    assert "SUCCEEDED in" in out
    assert "Train: loss=0.5" in out
    assert [path.name for path in kept.rglob("*.gz")] == ["model.tar.gz"]


@pytest.mark.local
def test_an_outcome_of_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is misspelt changes nothing; the run is no proof of what was meant."""
    project = _project(tmp_path, script=_TRAIN)
    assert _main("run", "--app", str(project), "--outcome", "endpiont=Failed") == 2
    told = capsys.readouterr()
    assert "SUCCEEDED in" in told.out
    assert told.err == "constructs-ml: --outcome endpiont: no simulated resource has that name; simulated: nothing\n"


@pytest.mark.local
def test_a_run_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, script="raise ValueError('no rows')")
    assert _main("run", "--app", str(project), "--state-machine", "Census") == 1
    out = capsys.readouterr().out
    assert "Train: Failed: AlgorithmError: ValueError: no rows, exit code: 1" in out


@pytest.mark.local
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "missing.csv=s3://${RawData}/x"], "there is no file"),
        (["--data", "train.py=s3://${Nothing}/x"], "${Nothing} is not an output, a logical id or a construct"),
        (
            ["--bucket", "acme-raw-data", "--data", "train.py=s3://acme-raw-dat/x"],
            "no bucket acme-raw-dat to upload train.py to; did you mean acme-raw-data?; one that lives elsewhere is given by --bucket",
        ),
        (["--stack", "Other"], "no stack Other; there are: Project"),
        (["--state-machine", "Other"], "${Other} is not an output"),
    ],
)
def test_a_run_that_cannot_be_set_up_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    project = _project(tmp_path, script="")
    assert _main("run", "--app", str(project), *arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.local
def test_paths_are_rewritten_without_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH without ``unshare`` is a machine without namespaces."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sh").symlink_to("/bin/sh")
    request = processing("code.py")
    request["AppSpecification"]["ContainerArguments"] = ["/opt/ml/processing/output/result"]
    good = task("Processing", request, Next="Bad")
    del good["End"]
    bad = task("Processing", processing("bad.py"))
    workflow = Workflow(machine(Good=good, Bad=bad))
    assembly = write_assembly(tmp_path / "made", "Project", workflow.template("Project"))
    code = tmp_path / "code"
    code.mkdir()
    (code / "code.py").write_text("import pathlib, sys; pathlib.Path(sys.argv[1], 'x').write_text('x')")
    (code / "bad.py").write_text("import pathlib; pathlib.Path('/opt/ml/processing/output/result/x').write_text('x')")
    monkeypatch.setenv("PATH", str(programs))
    with LocalAws() as local:
        deployment = local.deploy(assembly)
        deployment.upload(code, "s3://${RawData}/in/code/")
        execution = deployment.start().wait(60)
        first, second = execution.jobs
        assert first.status == "Completed"
        assert second.status == "Failed"
        assert "allows no namespaces" in str(second.failure_reason)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--input", "[1]"],
        ["run", "--input", "{"],
        ["run", "--data", "x"],
        ["run", "--outcome", "x=Nice"],
        ["run", "--nothing"],
        ["nothing"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(*arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingRequirementError, match="pip install 'constructs-ml"):
        require("boto3")
    assert _main("run") == 1
    assert "pip install 'constructs-ml[local]'" in capsys.readouterr().err


def test_the_command_starts_fast() -> None:
    program = "import sys, constructs_ml.cli.commands; print(sorted(set(sys.modules) & set(sys.argv[1:])))"
    slow = ["aws_cdk", "boto3", "botocore", "jsii", "ministack", "rich"]
    done = subprocess.run([sys.executable, "-c", program, *slow], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_plain_progress_tells_times_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    plain = Plain()
    plain.state(StateEvent("Train", "entered", time=10.0))
    plain.state(StateEvent("Train", "failed", time=12.5, error="States.TaskFailed"))
    plain.state(StateEvent("Ask", "retried", error="Lambda.Error", cause="no rows"))
    plain.state(StateEvent("Ask", "retried", 2, error="Lambda.Error", cause="no rows"))
    plain.state(StateEvent("Ask", "caught", 3, error="Lambda.Error", cause="no rows"))
    plain.state(StateEvent("Job", "caught", error="States.TaskFailed", cause='{"FailureReason": "told at the end"}'))
    assert capsys.readouterr().out.splitlines() == [
        "Train: started",
        "Train: failed after 2.5 s (States.TaskFailed)",
        "Ask: retried after 0.0 s (Lambda.Error: no rows)",
        "Ask: retried after 0.0 s (Lambda.Error)",
        "Ask: caught after 0.0 s (Lambda.Error: no rows)",
        "Job: caught after 0.0 s (States.TaskFailed)",
    ]
