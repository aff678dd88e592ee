"""Parts of a workflow as they run: ended after a state, with jobs that are given, and with a script that waits for a debugger."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
import tarfile
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn
from local_bench import Workflow, machine, processing, task
from run_process import started, write_project

import constructs_ml as ml
from constructs_ml.local import run
from constructs_ml.local.host import debugger
from constructs_ml.local.host.part import JobsPart

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.local import RunReport

pytestmark = pytest.mark.local
IMAGE = ml.ContainerImage.sklearn("1.2-1")
PREPARE = """
from pathlib import Path
Path("/opt/ml/processing/output/rows/rows.csv").write_text("1\\n2\\n3\\n")
"""
TRAIN = """
import os
from pathlib import Path
rows = Path(os.environ["SM_CHANNEL_TRAIN"], "rows.csv").read_text().split()
Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(str(len(rows)))
print(f"accuracy=0.{len(rows)};")
"""
EVALUATE = """
import tarfile
from pathlib import Path
with tarfile.open("/opt/ml/processing/input/model/model.tar.gz") as archive:
    text = archive.extractfile("model.txt").read().decode()
Path("/opt/ml/processing/output/report/report.txt").write_text(text)
"""


def census(folder: Path) -> Path:
    """A synthesized app: prepare, train, and evaluate if the metric is good enough."""
    for name, content in {"prepare.py": PREPARE, "train.py": TRAIN, "evaluate.py": EVALUATE}.items():
        (folder / name).write_text(content)
    app = App(outdir=str(folder / "cdk.out"), analytics_reporting=False)
    stack = Stack(app, "Census")
    code = {name: ml.Code.from_asset(folder / f"{name}.py") for name in ("prepare", "train", "evaluate")}
    prepare = ml.ProcessingJob(stack, "Prepare", image=IMAGE, code=code["prepare"], outputs=["rows"])
    train = ml.TrainingJob(
        stack,
        "Train",
        image=IMAGE,
        code=code["train"],
        channels={"train": prepare.output("rows")},
        metric_definitions={"accuracy": "accuracy=([0-9.]+);"},
        result=ml.Result.FULL,
    )
    evaluate = ml.ProcessingJob(
        stack,
        "Evaluate",
        image=IMAGE,
        code=code["evaluate"],
        inputs={"model": train.model_artifacts},
        outputs=["report"],
    )
    good = sfn.Condition.number_greater_than("$.Train.FinalMetricDataList[0].Value", 0.5)
    enough = sfn.Choice(stack, "Good?").when(good, evaluate).otherwise(sfn.Succeed(stack, "Too bad"))
    ml.Workflow(stack, "Workflow", definition=prepare.next(train).next(enough))
    app.synth()
    return folder / "cdk.out"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return census(tmp_path_factory.mktemp("census"))


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture(scope="module")
def until_train(app: Path, outputs: Path) -> RunReport:
    """A run that ends after training, whose outputs are kept."""
    return run(app, until="Train", keep_outputs=outputs)


@pytest.fixture(scope="module")
def only_evaluate(app: Path, outputs: Path, until_train: RunReport) -> RunReport:
    """A run of the last job alone, on what the run before has kept; its metric is made better by hand."""
    assert until_train.succeeded
    (outputs / "Train" / "metrics.json").write_text('{"accuracy": 0.75}')
    given = {name: str(outputs / name) for name in ("Prepare", "Train")}
    return run(app, only="Evaluate", given=given, keep_outputs=outputs)


def test_a_run_ends_well_after_a_state(until_train: RunReport) -> None:
    """Nothing after it is run, and the report says so."""
    assert until_train.status == "SUCCEEDED", until_train.cause
    assert until_train.states_passed == ["Prepare", "Train"]
    assert sorted(until_train.not_run) == ["Evaluate", "Good?", "Too bad"]


def test_the_outputs_of_a_run_are_kept_for_the_next(until_train: RunReport, outputs: Path) -> None:
    """Those of a processing job by their names, those of a training job as S3 has them, with the metrics."""
    assert until_train.kept_outputs == {name: outputs / name for name in ("Prepare", "Train")}
    assert (outputs / "Prepare" / "rows" / "rows.csv").read_text() == "1\n2\n3\n"
    assert tarfile.is_tarfile(outputs / "Train" / "model.tar.gz")


def test_only_the_one_job_is_run_on_what_is_given(only_evaluate: RunReport, outputs: Path) -> None:
    """The choice before it takes the given metric; the job reads the given model from the place of this execution."""
    assert only_evaluate.status == "SUCCEEDED", only_evaluate.cause
    assert only_evaluate.states_passed == ["Prepare", "Train", "Good?", "Evaluate"]
    assert (outputs / "Evaluate" / "report" / "report.txt").read_text() == "3"
    assert only_evaluate.not_run == []
    assert set(only_evaluate.given) == {"Prepare", "Train"}


def test_a_given_job_has_a_description_like_any_other(only_evaluate: RunReport) -> None:
    """It points to the place of this execution, which no other writes."""
    prepare, train, _ = only_evaluate.jobs
    assert (prepare.status, train.status) == ("Completed", "Completed")
    assert train.response["FinalMetricDataList"][0]["Value"] == 0.75
    execution = only_evaluate.execution_arn.rpartition(":")[2]
    assert execution in train.model_artifacts


# Debuggers

DEBUGPY = """
    import runpy, socket, sys
    assert sys.argv[1] == "--listen" and sys.argv[3] == "--wait-for-client", sys.argv
    host, _, port = sys.argv[2].rpartition(":")
    with socket.create_server((host, int(port))) as server:
        server.accept()
    sys.argv = sys.argv[4:]
    runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""What debugpy does with these options: wait for a client, then run the script."""
WORK = """
    import pathlib, subprocess, sys
    pathlib.Path("/opt/ml/processing/output/result/x.txt").write_text(sys.argv[1])
    subprocess.run(["python3", "/opt/ml/processing/input/code/child.py"], check=True)
"""


def _project(tmp_path: Path) -> Path:
    (tmp_path / "debugpy").mkdir()
    (tmp_path / "debugpy" / "__init__.py").touch()
    (tmp_path / "debugpy" / "__main__.py").write_text(textwrap.dedent(DEBUGPY))
    request = processing("work.py", StoppingCondition={"MaxRuntimeInSeconds": 1})
    entry = [
        "sh",
        "-c",
        'python3 -m pip --version && exec python3 "$0" "$@"',
        "/opt/ml/processing/input/code/work.py",
        "7",
    ]
    request["AppSpecification"]["ContainerEntrypoint"] = entry
    rule = {"Variable": "$.Work.ExitMessage", "IsPresent": True, "Next": "After"}
    states = {
        "Work": {**task("Processing", request, ResultPath="$.Work"), "Next": "Said?"},
        "Said?": {"Type": "Choice", "Choices": [rule], "Default": "Enough"},
        "Enough": {"Type": "Succeed"},
        "After": {"Type": "Pass", "Next": "Later"},
        "Later": {"Type": "Succeed"},
    }
    states["Work"].pop("End")
    return write_project(tmp_path / "project", Workflow(machine(**states)), {"code/work.py": WORK, "code/child.py": ""})


def _with_debugpy(tmp_path: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))}


def test_a_script_waits_for_a_debugger_and_an_unreached_state_fails_the_run(tmp_path: Path) -> None:
    """The port is printed; the tools before the script and its children do not stop, nor does the job's time limit hold."""
    options = ("--debug", "Work", "--until", "After", "--keep-outputs", str(tmp_path / "kept"))
    with started(_project(tmp_path), tmp_path / "run", *options, variables=_with_debugpy(tmp_path)) as process:
        process.await_line("Work waits for a debugger at 127.0.0.1:")
        (line,) = [each for each in process.lines if "waits for a debugger" in each]
        port = int(line.split("127.0.0.1:")[1].split(";")[0])
        assert line.endswith("its code is in /opt/ml/processing/input/code")
        process.await_line("pip ")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        assert _connected(port)
        # The execution succeeds, but comes to another state than the run was to end after.
        assert process.wait() == 1, process.errors()
    assert "After was not reached: the execution went Work > Said? > Enough" in process.lines
    assert "not run: Later" in process.lines
    assert (tmp_path / "kept" / "Work" / "result" / "x.txt").read_text() == "7"


def _connected(port: int, times: int = 100) -> bool:
    for _ in range(times):
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return True
    return False


def test_an_interrupt_while_a_debugger_waits_ends_cleanly(tmp_path: Path) -> None:
    """Nothing is left of the job that nobody connected to."""
    with started(_project(tmp_path), tmp_path / "run", "--debug", "Work", variables=_with_debugpy(tmp_path)) as process:
        process.await_line("pip ")
        process.send(signal.SIGINT, group=True)
        assert process.wait() == 130, process.errors()
        process.assert_gone()
    assert process.last_line() == "interrupted"


def _in_pdb(tmp_path: Path, typed: str) -> tuple[int, str]:
    """A script under pdb at a terminal: its exit code, and what the terminal shows."""
    (tmp_path / "work.py").write_text("import sys\nprint(__name__, sys.argv[1:], __file__)\n")
    user, terminal = pty.openpty()
    part = JobsPart(debugged=["Work"], terminal=os.ttyname(terminal))
    programs = debugger.stopping_python(tmp_path / "debug", sys.executable, part, 0)
    os.write(user, typed.encode())
    try:
        done = subprocess.run(
            [programs / "python3", tmp_path / "work.py", "--depth", "6"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            timeout=60,
            check=False,
        )
        shown = os.read(user, 100_000).decode()
    finally:
        os.close(user)
        os.close(terminal)
    assert typed.startswith("q") or done.stdout == f"__main__ ['--depth', '6'] {tmp_path / 'work.py'}\n"
    return done.returncode, shown


def test_at_a_terminal_a_script_stops_in_pdb(tmp_path: Path) -> None:
    """At its first line, though its standard input is none; it is the main module, with its own arguments."""
    code, shown = _in_pdb(tmp_path, "n\np 6 * 7\nc\n")
    assert code == 0
    assert "-> import sys" in shown
    assert "42" in shown


def test_a_script_that_is_ended_in_pdb_has_failed(tmp_path: Path) -> None:
    """It did not come to its end."""
    code, _ = _in_pdb(tmp_path, "q\n")
    assert code == 1
