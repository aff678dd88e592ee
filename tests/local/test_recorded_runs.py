"""A run is recorded: its states with their data, its jobs with their logs, events, permissions; and its page is made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import Workflow, machine, processing, statement, task, training
from run_process import write_project

from constructs_ml import cli
from constructs_ml.errors import LocalRunError, MissingRequirementError, RunInputError
from constructs_ml.insight.report.kept import kept_record
from constructs_ml.local import run
from constructs_ml.local.runner import page as pages
from constructs_ml.local.runner.recorder import Recorder

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.run_record import RunRecord

_PREPARE = """
import pathlib
pathlib.Path("/opt/ml/processing/output/result/rows.csv").write_text("1")
print("prepared")
"""
_TRAIN = """
for at in range(5):
    print(f"loss={1 / (at + 1)};", flush=True)
print("</script><script>alert(1)</script>")
raise ValueError("no rows")
"""


def _workflow() -> Workflow:
    request = training()
    del request["HyperParameters"]
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["python3", "/opt/ml/input/data/train/train.py"],
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*?);"}],
    }
    inner = machine(Note={"Type": "Pass", "End": True})
    each: dict[str, Any] = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner, "Next": "Prepare"}
    states = machine(
        Items={"Type": "Pass", "Result": {"items": [1, 2]}, "Next": "Each"},
        Each={**each, "ResultPath": None},
        Prepare={**task("Processing", processing("work.py"), ResultPath=None), "Next": "Train"},
        Train=task("Training", request, Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]),
    )
    del states["States"]["Prepare"]["End"]
    found = Workflow(states)
    return Workflow(states, [*found.job, statement("s3:GetObject", resource="arn:aws:s3:::elsewhere/*")])


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunRecord, Path]:
    """One run for all tests: its record, and its page."""
    folder = tmp_path_factory.mktemp("recorded")
    files: dict[str, str | bytes] = {"code/work.py": _PREPARE, "train/train.py": _TRAIN}
    project = write_project(folder / "project", _workflow(), files)
    found = run(project, report=folder / "run.html", record=str(folder / "run.json"))
    assert (found.page, found.record) == (folder / "run.html", folder / "run.json")
    return kept_record(folder / "run.json"), folder / "run.html"


pytestmark = pytest.mark.local


def test_states_have_their_data_and_attempts(recorded: tuple[RunRecord, Path]) -> None:
    record, _ = recorded
    assert record.status == "FAILED"
    assert record.reasons[0].startswith("Train: Failed: AlgorithmError: ValueError: no rows")
    by_state = {visit.state: visit for visit in record.visits}
    assert json.loads(by_state["Items"].output) == {"items": [1, 2]}
    assert json.loads(by_state["Train"].input) == {"items": [1, 2]}
    assert [(each.error, each.end >= each.start) for each in by_state["Train"].attempts] == [
        ("States.TaskFailed", True),
        ("States.TaskFailed", True),
    ]
    assert by_state["Train"].status == "failed"
    inside = [visit for visit in record.visits if visit.state == "Note"]
    assert sorted((visit.item, visit.input) for visit in inside) == [(0, "1"), (1, "2")]
    assert {visit.outer for visit in inside} == {by_state["Each"].id}


def test_jobs_have_their_logs_metrics_and_places(recorded: tuple[RunRecord, Path]) -> None:
    record, _ = recorded
    prepare, *trainings = record.jobs
    assert prepare.log.end == "prepared"
    assert [place.name for place in prepare.places] == ["result"]
    visit = next(visit for visit in record.visits if visit.state == "Train")
    assert [job.visit for job in trainings] == [visit.id, visit.id]
    for job in trainings:
        assert job.log.end.endswith("ValueError: no rows")
        (loss,) = job.metrics
        assert (loss.name, loss.values[:2]) == ("loss", [1.0, 0.5])
        assert "TrainingJobName" in job.request
        assert visit.start <= job.start <= job.end <= visit.end + 1


def test_events_have_their_receivers(recorded: tuple[RunRecord, Path]) -> None:
    """The stack's rule sends SageMaker's to its queue; nobody takes that of Step Functions."""
    record, _ = recorded
    of_jobs = [event for event in record.events if event.source == "aws.sagemaker"]
    assert {event.status for event in of_jobs} >= {"InProgress", "Completed", "Failed"}
    assert all(":sqs:" in receiver.target for event in of_jobs for receiver in event.receivers)
    assert all(event.receivers for event in of_jobs)
    own = [event for event in record.events if event.source == "aws.states"]
    assert [(event.status, event.receivers) for event in own] == [("RUNNING", []), ("FAILED", [])]


def test_permissions_have_what_was_asked_for(recorded: tuple[RunRecord, Path]) -> None:
    record, file = recorded
    roles = {role.path: role for role in record.roles}
    asked = {each.action for each in roles["JobRole"].asked if each.allowed}
    assert {"s3:GetObject", "s3:PutObject", "ecr:BatchGetImage", "logs:PutLogEvents"} <= asked
    assert {"sagemaker:CreateTrainingJob", "iam:PassRole"} <= {each.action for each in roles["MachineRole"].asked}
    assert any("arn:aws:s3:::elsewhere/*" in each.resources for each in roles["JobRole"].statements)
    text = file.read_text(encoding="utf-8")
    unused = text[text.index("Never used") :]
    assert "arn:aws:s3:::elsewhere/*" in unused[: unused.index("Used</h3>")]


def test_the_page_is_that_of_the_record(recorded: tuple[RunRecord, Path], tmp_path: Path) -> None:
    """The command makes it anew from either file; a log line is no markup."""
    _, file = recorded
    page = file.read_text(encoding="utf-8")
    assert page.count("<script") == 2
    for kept in (file, file.with_suffix(".json")):
        assert _main("report", str(kept), "--out", str(tmp_path / "again.html")) == 0
        assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def _main(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


def test_a_run_that_is_refused_has_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason, and the graph in which no state ran."""
    project = write_project(tmp_path / "project", _workflow(), {})
    (project / "cdk.json").write_text(json.dumps({"app": "python3 app.py"}))
    page = tmp_path / "run.html"
    assert _main("run", "--app", str(project), "--bucket", f"raw={tmp_path}/missing", "--report", str(page)) == 2
    assert "missing" in capsys.readouterr().err
    record = kept_record(page)
    assert (record.status, record.visits) == ("REFUSED", [])
    assert "missing" in record.refusal
    assert "Train" in record.definition["States"]


def test_files_that_cannot_be_written_are_told_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for given, said in ((tmp_path, "is a folder; name a file"), (tmp_path / "no" / "x.html", "there is no folder")):
        with pytest.raises(RunInputError, match=said):
            Recorder(given, None).check()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(
        MissingRequirementError, match=r"run --report needs jinja2: pip install 'constructs-ml\[insight\]'"
    ):
        pages.check_page()
    assert _main("run", "--app", "nowhere", "--report", str(tmp_path)) == 2
    assert "synthesize" not in capsys.readouterr().out


def test_a_recorder_without_files_does_nothing() -> None:
    recorder = Recorder(None, None)
    recorder.check()
    shown: list[Any] = []
    assert recorder.log(shown.append) == shown.append
    with pytest.raises(LocalRunError, match="gone"), recorder.watching():
        raise LocalRunError("gone")
