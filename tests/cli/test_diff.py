"""`constructs-ml diff`: what it compares, what it prints and how it ends."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from support.command_line import ended
from support.versions_of_workflow import Editable, allow

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = "aws://unknown-account/unknown-region"
APP = """
import json, os, pathlib, sys
sys.path.insert(0, "lib")
import workflow

out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir(parents=True, exist_ok=True)
(out / "Flow.template.json").write_text(json.dumps(workflow.TEMPLATE))
stack = {"type": "aws:cloudformation:stack", "environment": "ENVIRONMENT", "properties": {"templateFile": "Flow.template.json"}}
(out / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": {"Flow": stack}}))
"""


def _template(depth: str = "6", *actions: str) -> dict[str, Any]:
    it = Editable()
    it.request("Train")["HyperParameters"]["max_depth"] = depth
    it.statements[0]["Action"] += actions
    return it.template


def _file(folder: Path, name: str, body: Any) -> Path:
    file = folder / name
    file.write_text(json.dumps(body))
    return file


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The file of the old template."""
    return _file(tmp_path, "old.json", _template())


def test_nothing_is_no_difference(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same template ends with 0."""
    end = ended(capsys, "diff", old, old)
    assert (end.code, end.out) == (0, "no differences\n")


def test_differences_are_grouped(old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By state machines, permissions and the rest; 3 says that something is allowed that was not."""
    body = _template("8", "s3:DeleteObject")
    del body["Resources"]["JobRolePolicyAA11BB22"]["Properties"]["PolicyDocument"]["Statement"][2]
    body["Resources"]["Alerts99887766"]["Properties"]["VisibilityTimeout"] = 1
    end = ended(capsys, "diff", old, _file(tmp_path, "new.json", body))
    assert end.code == 3
    assert end.out.splitlines() == [
        "State machine Flow",
        "  ~ Train: HyperParameters.max_depth 6 -> 8",
        "Permissions",
        "  ! role JobRole may now s3:DeleteObject on <Data.Arn>/in/*",
        "  ! role JobRole is no longer denied to s3:DeleteObject on *",
        "and 1 other resource changed: AWS::SQS::Queue (1 changed); cdk diff shows them",
    ]


def test_what_is_narrower_ends_well(tmp_path: Path, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The way back from a wider template ends with 0."""
    end = ended(capsys, "diff", _file(tmp_path, "wide.json", _template("6", "s3:DeleteObjectTagging")), old)
    assert (end.code, end.out.splitlines()[-1]) == (
        0,
        "  - role JobRole may no longer s3:DeleteObjectTagging on <Data.Arn>/in/*",
    )


def test_json(old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Machines get values, and the words."""
    end = ended(capsys, "diff", old, _file(tmp_path, "new.json", _template("8")), "--json")
    (change,) = json.loads(end.out)["workflows"]
    assert change == {
        "kind": "member",
        "subject": "Flow",
        "state": "Train",
        "member": "HyperParameters.max_depth",
        "old": "6",
        "new": "8",
        "widens": False,
        "narrows": False,
        "words": "Train: HyperParameters.max_depth 6 -> 8",
    }


def test_markdown_folds_long_sections(old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pull request shows what is wider, and a long section when it is opened."""
    it = Editable()
    it.request("Train")["HyperParameters"] |= {f"p{at}": at for at in range(20)}
    it.statements.append(allow("s3:*", "*"))
    end = ended(capsys, "diff", old, _file(tmp_path, "new.json", it.template), "--markdown")
    assert end.out.startswith(
        "**Permissions are wider.**\n\n### State machine Flow\n\n<details><summary>20 differences</summary>\n\n- "
    )
    assert "- **wider:** role JobRole may now s3:\\* on \\* \\(before only " in end.out


NASTY = "<b>`x`</b>\x1b[2J\n@octocat #1 [a](https://x.y) | \u202e"


def test_what_comes_from_a_template_is_data(old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No sequence reaches the terminal, and no markup, mention or link the pull request."""
    new = _file(tmp_path, "new.json", _template(NASTY))
    plain = ended(capsys, "diff", old, new).out
    assert "\\x1b[2J\\n@octocat" in plain
    told = ended(capsys, "diff", old, new, "--markdown").out
    assert not {"\x1b", "\u202e"} & set(plain + told)
    assert r"\<b\>\`x\`\</b\>" in told
    assert "@octocat" not in told
    assert "https://" not in told
    assert "](" not in told.replace("\\](", "").replace("\\]\\(", "")


def test_only_a_terminal_gets_colours(old: Path, tmp_path: Path) -> None:
    """In a pipe there are none."""
    from click.testing import CliRunner

    from constructs_ml.cli.commands import cli

    new = _file(tmp_path, "new.json", _template("6", "s3:DeleteObjectTagging"))
    runner = CliRunner()
    assert "\x1b" in runner.invoke(cli, ["diff", str(old), str(new)], color=True).output
    assert "\x1b" not in runner.invoke(cli, ["diff", str(old), str(new)]).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.json", "old.json"], "no folder, file or command missing.json"),
        (["list.json", "old.json"], "must be a definition"),
        (["definition.json", "two.json"], "this one has 2"),
        (["", "old.json"], "an empty string"),
        (["old.json", "old.json", "--json", "--markdown"], "cannot be combined"),
        (["git:main", "old.json"], "not a git repository"),
    ],
)
@pytest.mark.usefixtures("old")
def test_what_cannot_be_used_is_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends with 2, and says what."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": Editable().definition}}
    _file(tmp_path, "list.json", [])
    _file(tmp_path, "definition.json", Editable().definition)
    _file(tmp_path, "two.json", {"Resources": {"One": machine, "Two": machine}})
    end = ended(capsys, "diff", *arguments)
    assert end.is_refusal()
    assert said in end.err


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with an app in a folder, whose second revision trains deeper, and whose working tree may do more."""
    root = tmp_path / "repository"
    app = root / "app"
    (app / "lib").mkdir(parents=True)
    (app / "app.py").write_text(APP.replace("ENVIRONMENT", ENVIRONMENT))
    (app / "cdk.json").write_text('{"app": "python3 app.py"}')
    _git(tmp_path, "init", "-q", "-b", "main", str(root))
    for depth, name in (("6", "one"), ("8", "two")):
        (app / "lib" / "workflow.py").write_text(f"TEMPLATE = {_template(depth)!r}")
        (app / "flow.asl.json").write_text(json.dumps(_template(depth)))
        _git(root, "add", "-A")
        _git(root, "commit", "-q", "-m", name)
        _git(root, "tag", name)
    (app / "lib" / "workflow.py").write_text(f"TEMPLATE = {_template('8', 's3:DeleteObjectTagging')!r}")
    hook = root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\nexit 1\n")
    hook.chmod(0o755)
    return root


DEEPER = "  ~ Train: HyperParameters.max_depth 6 -> 8"
MORE = "  ! role JobRole may now s3:DeleteObjectTagging on <Data.Arn>/in/*"


@pytest.mark.parametrize(
    ("arguments", "folder", "said"),
    [
        (["git:one", "git:two"], "app", ["State machine Flow", DEEPER]),
        (["git:one"], "app", ["State machine Flow", DEEPER, "Permissions", MORE]),
        (["git:two", "app"], "", ["Permissions", MORE]),
        (["git:two:app", "git:one:app/app.py"], "", ["State machine Flow", DEEPER.replace("6 -> 8", "8 -> 6")]),
        (["git:two", "python3 app.py"], "app", ["Permissions", MORE]),
        (["git:one", "flow.asl.json"], "app", ["State machine Flow", DEEPER]),
    ],
)
def test_revisions(  # noqa: PLR0917 - pytest passes them by name
    repository: Path,
    arguments: list[str],
    folder: str,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A revision is the app as it was, from a checkout that leaves nothing behind and runs no hook."""
    monkeypatch.chdir(repository / folder)
    before = _git(repository, "status", "--porcelain")
    end = ended(capsys, "diff", *arguments)
    assert end.out.splitlines() == said, end.err
    assert end.code == (3 if MORE in said else 0)
    assert _git(repository, "worktree", "list").count("\n") == 1
    assert _git(repository, "status", "--porcelain") == before
    assert not (repository / "hooked").exists()


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("git:none", "git:none: there is no such revision"),
        ("git:--help", "git:--help: there is no such revision"),
        ("git:one:nowhere", "git:one/app/nowhere does not exist; name another path"),
        ("git:one:../..", "is not in the repository"),
    ],
)
def test_a_wrong_revision_is_one_line(
    repository: Path, argument: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names what there is not."""
    monkeypatch.chdir(repository / "app")
    end = ended(capsys, "diff", argument, "flow.asl.json")
    assert end.is_refusal()
    assert said in end.err


def test_an_app_that_fails_ends_with_1(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its error is shown, and its checkout is gone."""
    monkeypatch.chdir(repository / "app")
    (repository / "app" / "app.py").write_text("raise SystemExit('no such region')")
    end = ended(capsys, "diff", "git:one")
    assert end.code == 1
    assert "no such region" in end.err
    assert _git(repository, "worktree", "list").count("\n") == 1


def test_packages_of_the_repository_are_those_of_the_revision(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package that is installed in place, as by pip install -e, is not imported from the working tree."""
    import sys

    monkeypatch.chdir(repository / "app")
    (repository / "app" / "app.py").write_text(
        APP.replace("ENVIRONMENT", ENVIRONMENT).replace('sys.path.insert(0, "lib")', "")
    )
    _git(repository, "commit", "-q", "-a", "-m", "three")
    monkeypatch.setattr(sys, "path", [*sys.path, str(repository / "app" / "lib")])
    monkeypatch.setenv("PYTHONPATH", str(repository / "app" / "lib"))
    (repository / "app" / "lib" / "workflow.py").write_text(f"TEMPLATE = {_template('9')!r}")
    assert "max_depth 8 -> 9" in ended(capsys, "diff", "git:main").out
