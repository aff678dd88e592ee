"""What can be drawn, and from where: constructs, templates, definitions, notebooks and the command line."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn
from support.pictures import BLOG

import constructs_ml as ml
from constructs_ml import cli
from constructs_ml.errors import MissingRequirementError, UnusableInputError

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")


def workflow(stack: Stack, name: str = "Nightly") -> ml.Workflow:
    job = ml.ProcessingJob(stack, f"Prepare{name}", image=IMAGE, outputs=["train"])
    return ml.Workflow(stack, name, definition=job)


def names(picture: ml.insight.Picture) -> list[str]:
    return [node.name for node in picture.graph.nodes]


def test_a_workflow_is_drawn_without_a_synthesis(stack: Stack) -> None:
    picture = ml.insight.draw(workflow(stack))
    assert picture.graph.name == "Nightly"
    assert names(picture) == ["PrepareNightly"]
    # The app can still be changed.
    workflow(stack, "Weekly")


def test_any_state_machine_is_drawn(stack: Stack) -> None:
    plain = sfn.StateMachine(stack, "Plain", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "A")))
    assert names(ml.insight.draw(plain)) == ["A"]
    written = sfn.CfnStateMachine(
        stack, "Written", role_arn="arn", definition={"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}
    )
    assert names(ml.insight.draw(stack, state_machine=stack.resolve(written.logical_id))) == ["B"]
    with pytest.raises(UnusableInputError, match="several state machines; name one as state machine, it has Plain"):
        ml.insight.draw(stack)
    with pytest.raises(UnusableInputError, match="no state machine Weekly"):
        ml.insight.draw(stack, state_machine="Weekly")


def test_definitions_are_drawn_as_data_and_as_text() -> None:
    pictures = [
        ml.insight.draw(each) for each in (BLOG, json.dumps(BLOG), yaml.safe_dump(BLOG), json.dumps(BLOG).encode())
    ]
    assert len({tuple(sorted(names(picture))) for picture in pictures}) == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[1]", "is not a definition; pass a Workflow"),
        ("{", "pass a Workflow"),
        (3, "3 cannot be drawn; pass a Workflow"),
        ({"Resources": {}}, "the template has none"),
        (
            {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": "{"}}}},
            "M: the definition",
        ),
    ],
)
def test_what_cannot_be_drawn_says_what_can(source: Any, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        ml.insight.draw(source)


# Notebooks ------------------------------------------------------------------------------------------------------------


def test_a_workflow_shows_itself_in_a_notebook(stack: Stack) -> None:
    shown = workflow(stack)._repr_mimebundle_(include=None, exclude=None)
    assert shown["image/svg+xml"].startswith("<svg ")
    assert "PrepareNightly" in shown["image/svg+xml"]
    assert "Workflow" in shown["text/plain"]
    picture = ml.insight.draw(BLOG)
    assert picture._repr_mimebundle_() == {"image/svg+xml": picture.svg, "text/plain": picture.text}


def test_without_the_extra_a_notebook_shows_text(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = workflow(stack)
    without_jinja(monkeypatch)
    assert set(shown._repr_mimebundle_()) == {"text/plain"}
    with pytest.raises(MissingRequirementError, match=r"pip install 'constructs-ml\[insight\]'"):
        _ = ml.insight.draw(BLOG).svg
    # Mermaid needs neither Jinja2 nor Node.
    assert ml.insight.draw(BLOG).mermaid


def without_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    rendering = importlib.import_module("constructs_ml.insight.rendering")
    rendering._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)


def test_constructs_do_not_load_pictures() -> None:
    script = (
        "import sys, constructs_ml as ml; ml.Workflow; "
        "print([name for name in sys.modules if 'insight' in name or name == 'jinja2'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# The command line -----------------------------------------------------------------------------------------------------


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["graph", *map(str, arguments)])
    told = capfd.readouterr()
    return int(str(ended.value.code)), told.out, told.err


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "blog.asl.json"
    path.write_text(json.dumps(BLOG))
    return path


def test_a_definition_is_printed(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    picture = ml.insight.draw(BLOG)
    assert run(capfd, file) == (0, picture.svg, "")
    assert run(capfd, file, "--format", "mermaid") == (0, picture.mermaid, "")
    assert run(capfd, file, "--format", "html") == (0, picture.html, "")
    file.with_suffix(".yaml").write_text(yaml.safe_dump(BLOG, sort_keys=False))
    assert run(capfd, file.with_suffix(".yaml")) == (0, picture.svg, "")


def test_a_definition_is_written(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for ending, text in (("svg", "<svg "), ("html", "<!DOCTYPE html>"), ("mmd", "flowchart TD")):
        out = file.with_name(f"picture.{ending}")
        assert run(capfd, file, "--out", out) == (0, "", "")
        assert out.read_text(encoding="utf-8").startswith(text)
    other = file.with_name("picture.txt")
    assert run(capfd, file, "--out", other, "--format", "svg") == (0, "", "")
    code, _, err = run(capfd, file, "--out", other)
    assert (code, "must end in .svg, .html, .htm, .mmd, .mermaid, or add --format" in err) == (2, True)


def test_mistakes_are_told_and_the_rest_is_drawn(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Gone"}}}))
    code, out, err = run(capfd, path)
    assert code == 0
    assert "Gone" in out
    assert err == f"{path}: A: Next names Gone, which is not one of the states beside it\n"


def test_a_state_machine_is_chosen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    machines = {
        name: {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"Definition": {"StartAt": name, "States": {name: {"Type": "Succeed"}}}},
            "Metadata": {"aws:cdk:path": f"Stack/{name}Flow/Resource"},
        }
        for name in ("Day", "Night")
    }
    path = tmp_path / "Stack.template.json"
    path.write_text(json.dumps({"Resources": machines}))
    for name in ("Day", "DayFlow", "Stack/DayFlow"):
        code, out, _ = run(capfd, path, "--state-machine", name, "--format", "mermaid")
        assert code == 0
        assert "Day" in out
        assert "Night" not in out
    code, _, err = run(capfd, path)
    assert (
        code,
        "name one state machine (--state-machine, --stack); there are: Stack/DayFlow, Stack/NightFlow" in err,
    ) == (2, True)
    code, _, err = run(capfd, path, "--state-machine", "Week")
    assert (code, "--state-machine Week: there is none; there are: Stack/DayFlow" in err) == (2, True)
    code, _, err = run(capfd, path, "--stack", "Other")
    assert (code, "--stack Other: no state machine is in it" in err) == (2, True)


def test_data_and_inner_states_are_options(
    tmp_path: Path, stack: Stack, synth: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare = ml.ProcessingJob(stack, "Prepare", image=IMAGE, outputs=["train"], cache=ml.Cache())
    train = ml.TrainingJob(stack, "Train", image=IMAGE, channels={"train": prepare.output("train")})
    ml.Workflow(stack, "Nightly", definition=prepare.next(train))
    synth(stack)
    folder = tmp_path / "cdk.out"
    assert "reads Prepare" not in run(capfd, folder, "--format", "mermaid")[1]
    assert "reads Prepare: its result" in run(capfd, folder, "--format", "mermaid", "--data")[1]
    closed, opened = (run(capfd, folder, "--format", "mermaid", *more)[1] for more in ([], ["--inner"]))
    assert closed.count("subgraph") == 0
    assert opened.count("subgraph") == 1


def test_a_missing_extra_is_one_clear_error(
    file: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_jinja(monkeypatch)
    assert run(capfd, file) == (
        1,
        "",
        "constructs-ml: pictures and reports need Jinja2: pip install 'constructs-ml[insight]'\n",
    )


def test_a_folder_without_an_app_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, tmp_path)
    assert (code, "has no cdk.json, no app.py and no manifest.json" in err) == (2, True)
