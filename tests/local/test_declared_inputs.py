"""Inputs that a workflow declares are checked before anything starts, and listed with their types and defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from annotated_types import Ge, Le
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml import cli
from constructs_ml.errors import RunInputError
from constructs_ml.local import LocalAws, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.local
GOOD = {"day": "2026-01-31"}
REFUSED = (
    "the input is refused by Daily: day is missing, must be a string; depth must be an integer from 1 to 32, got 64"
)


class Inputs(ml.ExecutionInput):
    """The inputs of the tests."""

    day: Annotated[str, "The day to train on"]
    depth: Annotated[int, Ge(1), Le(32)] = 6


class StartedError(Exception):
    """The embedded AWS is started."""


@pytest.fixture
def assembly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An app with a workflow that declares inputs; nothing is started."""

    def start(_: LocalAws) -> None:
        raise StartedError

    monkeypatch.setattr(LocalAws, "start", start)
    context = {"aws:cdk:enable-path-metadata": True}  # as the command cdk has it
    app = App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False, context=context)
    stack = Stack(app, "Census")
    ml.Workflow(stack, "Daily", definition=sfn.Pass(stack, "Keep"), inputs=Inputs)
    app.synth()
    return str(tmp_path / "cdk.out")


def test_a_wrong_input_is_refused_before_anything_starts(assembly: str) -> None:
    """In the words of the execution."""
    for state_machine in (None, "Daily", "Census/Daily"):
        with pytest.raises(RunInputError) as raised:
            run(assembly, input={"depth": 64}, state_machine=state_machine)
        assert str(raised.value) == REFUSED


def test_no_input_is_an_empty_one(assembly: str) -> None:
    with pytest.raises(RunInputError, match="Daily: day is missing, must be a string"):
        run(assembly)


@pytest.mark.parametrize("given", [GOOD, {"day": "${Anything}"}], ids=["known", "known once it is deployed"])
def test_a_right_input_is_not(assembly: str, given: dict[str, Any]) -> None:
    with pytest.raises(StartedError):
        run(assembly, input=given)


def test_the_command_says_the_same(assembly: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", "--app", assembly, "--input", '{"depth": 64}'])
    assert caught.value.code == 2
    assert REFUSED in capsys.readouterr().err


def test_a_list_has_the_fields_with_types_and_defaults(assembly: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", "--app", assembly, "--list"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "Daily: --stack Census --state-machine Daily",
        "  input: day: a string (The day to train on)",
        "  input: depth: an integer from 1 to 32, 6 by default",
    ]
