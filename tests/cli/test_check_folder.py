"""``constructs-ml check FOLDER``: the app is run unless --no-app says otherwise, and the folder's definitions are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.command_line import ended

from constructs_ml.lint import check_definition

if TYPE_CHECKING:
    from pathlib import Path

END = {"Type": "Pass", "End": True}
LOST = {"StartAt": "A", "States": {"A": END, "Lost": END}}
APP = "import os, shutil, pathlib; pathlib.Path('ran').touch(); shutil.copytree('made', os.environ['CDK_OUTDIR'], dirs_exist_ok=True)"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app that deploys one file with a definition, and accepted what is found in it; another one lies beside."""
    monkeypatch.chdir(tmp_path)
    machine = {"RoleArn": "arn:aws:iam::111122223333:role/r", "DefinitionS3Location": {"Bucket": "b", "Key": "1.json"}}
    flow = {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine}
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}}
    asset = {"source": {"path": "asset.1.json"}, "destinations": {"d": {"bucketName": "b", "objectKey": "1.json"}}}
    (found,) = check_definition(LOST)
    accepted = {
        "ruleName": "CML001",
        "description": found.message,
        "ruleMetadata": {"template": "App.template.json", "machine": "Flow"},
        "acknowledgedId": "constructs-ml::CML001",
    }
    report = {"pluginReports": [{"pluginName": "constructs-ml", "suppressedViolations": [accepted]}]}
    files: dict[str, Any] = {
        "made/manifest.json": {"version": "48.0.0", "artifacts": {"App": stack}},
        "made/App.template.json": {"Resources": {"Flow": flow}},
        "made/App.assets.json": {"files": {"1": asset}},
        "made/asset.1.json": LOST,
        "made/validation-report.json": report,
        "flows/deployed.asl.json": LOST,
    }
    for name, body in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(body))
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def test_what_the_app_deploys_and_accepts_is_not_told_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = ended(capsys, "check", project)
    assert (project / "ran").exists()
    assert (end.code, end.out) == (0, "0 errors, 0 warnings in 1 definition\n")


def test_other_definitions_are_told_with_the_app(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "flows" / "other.asl.yaml").write_text(
        "StartAt: B\nStates: {B: {Type: Pass, End: true}, C: {Type: Pass, End: true}}"
    )
    end = ended(capsys, "check", project)
    assert end.code == 1
    assert "flows/other.asl.yaml:2: error CML001 C: is never reached" in end.out
    assert "1 error, 0 warnings in 2 definitions" in end.out


def test_no_app_is_run_without_being_asked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = ended(capsys, "check", "--no-app", project)
    assert not (project / "ran").exists()
    assert end.code == 1
    assert "flows/deployed.asl.json:1: error CML001 Lost: is never reached" in end.out
    assert ended(capsys, "check", "--no-app", project / "app.py").is_refusal()


@pytest.mark.parametrize("place", [".cache", "node_modules/a", "env", "cdk.out"])
def test_definitions_of_others_are_left_alone(place: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In hidden folders, packages, environments and assemblies."""
    (project / place).mkdir(parents=True)
    (project / place / "broken.asl.json").write_text("{")
    (project / "env").mkdir(exist_ok=True)
    (project / "env" / "pyvenv.cfg").touch()
    (project / "cdk.out").mkdir(exist_ok=True)
    (project / "cdk.out" / "manifest.json").write_text("{}")
    assert ended(capsys, "check", project).code == 0


def test_a_folder_of_links_in_circles_ends(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "flows" / "again").symlink_to(project)
    (project / "flows" / "loop.asl.json").symlink_to("loop.asl.json")
    assert ended(capsys, "check", project).is_refusal()


def test_the_help_says_that_an_app_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert "An app is run" in " ".join(ended(capsys, "check", "--help").out.split())


def test_the_command_of_an_app_is_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `run` and `policy` take it; the definitions beside it are none of its."""
    end = ended(capsys, "check", "python3 app.py")
    assert (project / "ran").exists()
    assert (end.code, end.out) == (0, "0 errors, 0 warnings in 1 definition\n")
    assert ended(capsys, "check", "--no-app", "python3 app.py").is_refusal()


def test_a_name_of_two_words_that_starts_no_program_is_a_path(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end = ended(capsys, "check", "my flow.asl.json")
    assert end.is_refusal()
    assert "'my flow.asl.json' does not exist" in end.err
    (project / "my flow.asl.json").write_text(json.dumps(LOST))
    assert "CML001" in ended(capsys, "check", "my flow.asl.json").out


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("command", [["policy", "nothere"], ["run", "--app", "nothere"]])
def test_a_name_of_nothing_is_no_command(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    end = ended(capsys, *command)
    assert end.is_refusal()
    assert end.err == "constructs-ml: there is no folder, file or command nothere; name the app\n"
