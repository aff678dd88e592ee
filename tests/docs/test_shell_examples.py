"""Commands of the README and the guides are commands that there are, and those that need no network are run."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from constructs_ml.cli.commands import cli

ROOT = Path(__file__).parents[2]
_CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "constructs_ml/cli/starter/README.md")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """The arguments of each ``constructs-ml`` in the pieces of a page that show a terminal."""
    lines = [line[2:] for text in _CONSOLE.findall(page.read_text()) for line in text.splitlines() if line[:2] == "$ "]
    parts = [shlex.split(part, comments=True) for line in lines for part in re.split(r"&&|\|\|", line)]
    return [
        list(itertools.takewhile(lambda word: word != ">", part[1:])) for part in parts if part[:1] == ["constructs-ml"]
    ]


EVERY = [(page.name, arguments) for page in PAGES for arguments in commands(page)]
RUN = [arguments for name, arguments in EVERY if name == "checks.md"]


def parsed(arguments: list[str]) -> click.Command:
    """The command that would run; usage errors are raised as in a terminal."""
    command: click.Command = cli
    context = click.Context(cli, info_name="constructs-ml")
    rest = arguments
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.parse_args(context, rest)
    return command


@pytest.mark.parametrize(("page", "arguments"), [pytest.param(*each, id=" ".join(each[1])) for each in EVERY])
def test_a_command_of_a_page_is_one_that_there_is(
    page: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With these options; what it names is there."""
    monkeypatch.chdir(tmp_path)
    for argument in arguments:
        if argument.endswith(("/", ".out", "wheels")):
            Path(argument).mkdir()
        elif argument.endswith(".asl.json"):
            Path(argument).touch()
    assert parsed(arguments).name, page


def test_an_option_that_there_is_not_is_noticed() -> None:
    """As in a terminal."""
    with pytest.raises(click.UsageError):
        parsed(["run", "--no-such-option"])
    with pytest.raises(click.UsageError):
        parsed(["no-such-command"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's app, with the files that docs/checks.md names."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "src").mkdir()
    app, preprocess, train, *_ = BLOCK.findall((ROOT / "README.md").read_text())
    for name, text in (("app.py", app), ("src/preprocess.py", preprocess), ("src/train.py", train)):
        (folder / name).write_text(text)
    (folder / "cdk.json").write_text(json.dumps({"app": "python3 app.py"}))
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    (folder / "train.asl.json").write_text(json.dumps(definition))
    (folder / "workflows").mkdir()
    shutil.copy(folder / "train.asl.json", folder / "workflows")
    (folder / "cdk.out").mkdir()
    template = {
        "Resources": {
            "M": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "DefinitionString": json.dumps(definition),
                    "RoleArn": "arn:aws:iam::111122223333:role/Workflow",
                },
            }
        }
    }
    (folder / "cdk.out/Census.template.json").write_text(json.dumps(template))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "Census.template.json"},
        "displayName": "Census",
    }
    (folder / "cdk.out/manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {"Census": stack}}))
    return folder


@pytest.mark.parametrize("arguments", RUN, ids=" ".join)
def test_a_check_ends_well_as_shown(arguments: list[str], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the README's workflow, and on definitions and templates."""
    monkeypatch.chdir(project)
    done = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert done.exception is None, done.output
    assert done.return_value in {0, None}, done.output
