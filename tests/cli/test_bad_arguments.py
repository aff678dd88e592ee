"""Every option and argument of every command, with values that nobody should give: they end by themselves, in one line."""

from __future__ import annotations

import importlib
import json
import random
import subprocess
from typing import TYPE_CHECKING, Any

import click
import pytest
from support.command_line import ended

from constructs_ml.cli.commands import cli
from constructs_ml.errors import LocalRunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FLOW = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
STACK = {
    "type": "aws:cloudformation:stack",
    "properties": {"templateFile": "App.template.json"},
    "displayName": "App",
}
TEMPLATE = {
    "Resources": {
        "Flow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"RoleArn": "arn:aws:iam::111122223333:role/r", "Definition": FLOW},
        }
    }
}
VALUES = (
    "", " ", "=", "x", "=x", "x=", "x==", "==", "a=b=c", "-", "--", "-x", "--help=x", "..", ".", "/", "~", "@", "@@", "@.",
    "@missing", "@/dev/zero", "nan", "-nan", "inf", "-1", "0", "-0.0", "1e400", "1_0", "0x1", "\u0663", "null", "[]", "{", '"x"', "{'a': 1}",
    '{"a": NaN}', "[" * 5000, "9" * 6000, '{"a": ' + "9" * 6000 + "}", '{"a": "\\ud800"}', "a\nb", "a\x1b[2Jb", "a\0b", "\udcff",
    "\u202eabc", "x" * 300, "x" * 70_000, "/dev/full", "/dev/null", "/dev/zero", "/proc/self/mem", "/dev/null/at/all",
    "s3://", "x=s3://", "x=s3://b/k", "=s3://b/k", "/dev/zero=s3://b/k", ".=s3://b/k", "package:=s3://b/k", "package:a..b/c=s3://b/k",
    "package:\0=s3://b/k", "http://[", "http://[::1", "http://\u2100.com", "http://127.0.0.1:99999", "https://localhost:x/", "arn:",
    "arn:aws:sagemaker:::model-package/", "arn:aws:sagemaker:us-east-1:111122223333:model-package/a/1", "x='", 'x="a', "x=\\",
    "arn:=", "arn:aws:iam=", "Failed", "=Failed", "x=Failed", "x=failed", "AWS", "AWS::", "AWS::A", "CML001", "cml001", "../../..", "*", "$(x)", "%s", "${x}",
)  # fmt: skip
"""Values that no option should be given, whatever it is for; some are right for some."""


@pytest.fixture(autouse=True)
def _starts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS, no app and no pip is started; a run that gets as far says ``would run``."""

    def refuse(*_given: object, **_options: object) -> None:
        raise LocalRunError("would run")

    monkeypatch.setattr(importlib.import_module("constructs_ml.local.runner.run"), "LocalAws", refuse)
    monkeypatch.setattr(importlib.import_module("constructs_ml.local.runner.synth"), "execute", refuse)
    monkeypatch.setattr(importlib.import_module("constructs_ml.interpreter.environment"), "_run", refuse)
    monkeypatch.setattr(importlib.import_module("constructs_ml.local.host.runtime"), "running", list)
    monkeypatch.setattr(importlib.import_module("constructs_ml.local.host.processes"), "forbid_dumps", lambda: None)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    out = tmp_path / "work" / "out"
    out.mkdir()
    (out / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {"App": STACK}}))
    (out / "App.template.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "work" / "flow.asl.json").write_text(json.dumps(FLOW))


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands, with the words that call them."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


RIGHT = {
    "run": ["--app", "out"],
    "check": ["flow.asl.json"],
    "approve": [VALUES[-20]],
    "init": ["new"],
    "policy": ["out"],
}
CASES = [
    (path, parameter, value)
    for path, command in commands()
    for parameter in command.params
    for value in VALUES
    if not getattr(parameter, "is_flag", False)
]


def arguments(path: tuple[str, ...], parameter: click.Parameter, value: str) -> list[str]:
    """A right command but for one value."""
    if isinstance(parameter, click.Argument):
        return [*path, value]
    right = RIGHT.get(path[0], [])
    others = [] if parameter.opts[0] in right else right
    return [*path, *others, parameter.opts[-1], value]


SOME = random.Random(7).sample(range(len(CASES)), 300)  # noqa: S311 - the same ones each time


@pytest.mark.parametrize(
    "part", [SOME, *(pytest.param(range(at, len(CASES), 10), marks=pytest.mark.stress) for at in range(10))]
)
def test_no_value_of_any_option_is_too_much(part: Sequence[int], capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it is: a command does it, or says in one line why it cannot."""
    codes = set()
    for path, parameter, value in (CASES[at] for at in part):
        given = arguments(path, parameter, value)
        end = ended(capsys, *given)
        assert end.is_clean(), given
        codes.add(end.code)
    assert codes == {0, 1, 2}


@pytest.mark.parametrize(
    "given",
    [
        ["nothing"],
        ["--nothing"],
        ["run", "--nothing"],
        ["run", "too", "many"],
        ["check", "a", "b"],
        ["check", "--format", "xml", "flow.asl.json"],
        ["check", "--output"],
        ["check", "--output", "out", "flow.asl.json"],
        ["check", "--output", "missing/report", "flow.asl.json"],
        ["check", "--output", "/dev/full", "flow.asl.json"],
        ["check", "--output", "flow.asl.json/report", "flow.asl.json"],
        ["check", "--ignore", "CML999", "flow.asl.json"],
        ["rules", "CML999"],
        ["emulator", "nothing"],
        ["emulator", "install", "--find-links", "missing"],
        ["emulator", "install", "--into", "flow.asl.json"],
        ["emulator", "install", "--into", "."],
        ["approve"],
        ["approve", "x"],
        ["approve", "x", "--endpoint-url", "http://["],
        ["init", "out"],
        ["init", "flow.asl.json"],
        ["init", "flow.asl.json/new"],
        ["init", "n" * 300],
        ["run", "--app", ""],
        ["run", "--app", "missing.py"],
        ["run", "--app", "."],
        ["run", "--app", "out", "--timeout", "-1"],
        ["run", "--app", "out", "--timeout", "nan"],
        ["run", "--app", "out", "--timeout", "inf"],
        ["run", "--app", "out", "--timeout", "0"],
        ["run", "--app", "out", "--stack", "Other"],
        ["run", "--app", "out", "--data", "=s3://b/k"],
        ["run", "--app", "out", "--data", "missing=s3://b/k"],
        ["run", "--app", "out", "--data", "/dev/zero=s3://b/k"],
        ["run", "--app", "out", "--keep", "flow.asl.json"],
        ["run", "--app", "out", "--keep", "flow.asl.json/kept"],
        ["run", "--app", "out", "--outcome", "=Failed"],
        ["run", "--app", "out", "--outcome", "x=Nice"],
        ["run", "--app", "out", "--image", "x='"],
        ["run", "--app", "out", "--bucket", "b=missing"],
        ["run", "--app", "out", "--role", "arn:aws="],
        ["run", "--app", "out", "--input", "@missing"],
        ["run", "--app", "out", "--input", "@/dev/zero"],
        ["run", "--app", "out", "--input", "[1]"],
        ["run", "--app", "out", "--input", "{" * 3000],
    ],
    ids=lambda given: " ".join(given)[:60],
)
def test_what_cannot_be_used_is_refused(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and exit code 2."""
    assert ended(capsys, *given).is_refusal()


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    end = ended(capsys, "emulator")
    assert "Usage: constructs-ml emulator" in end.out + end.err


def test_random_command_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Words of the commands and their options in any order, with anything between them."""
    _random_lines(capsys, seed=1, number=60)


@pytest.mark.stress
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_random_command_lines(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The same, by the thousand."""
    _random_lines(capsys, seed=seed, number=300)


def _random_lines(capsys: pytest.CaptureFixture[str], *, seed: int, number: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 - the same ones each time
    every = list(commands())
    for _ in range(number):
        path, command = drawn.choice(every)
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("-")]
        words: list[Any] = [*path]
        for _ in range(drawn.randrange(5)):
            words += drawn.choice(
                [[drawn.choice(options or [""]), drawn.choice(VALUES)], [drawn.choice(VALUES)], RIGHT.get(path[0], [])]
            )
        assert ended(capsys, *words).is_clean(), words
