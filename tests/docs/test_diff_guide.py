"""docs/diff.md: what it shows is what the command prints, and its test runs."""

from __future__ import annotations

import inspect
import json
import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn
from support.versions_of_workflow import JOB_RETRY, Editable, job

import constructs_ml as ml
from constructs_ml.insight.changes.report import as_text

if TYPE_CHECKING:
    from constructs import Construct

PAGE = (Path(__file__).parents[2] / "docs/diff.md").read_text(encoding="utf-8")


def _edited() -> Editable:
    it = Editable()
    it.request("Prepare")["ProcessingResources"]["ClusterConfig"]["InstanceType"] = "ml.m5.4xlarge"
    it.states["Evaluate"] = job("Processing", {"ProcessingJobName": "evaluate"}, Next="Check")
    it.states["Train"] |= {"Next": "Evaluate", "Retry": [{**JOB_RETRY, "MaxAttempts": 8}]}
    it.request("Train")["HyperParameters"]["max_depth"] = "8"
    it.states["Prepared?"]["Choices"][0]["StringEquals"] = "Done"
    it.statements[0]["Resource"] = {"Fn::Sub": "${Data83908E77.Arn}/*"}
    it.properties("Alerts")["VisibilityTimeout"] = 60
    return it


def test_what_is_shown_is_printed() -> None:
    """The first block of the page."""
    shown = re.findall(r"```console\n\$ constructs-ml diff git:main\n(.*?)\n```", PAGE, re.DOTALL)
    assert shown == [as_text(ml.insight.diff(Editable().template, _edited().template))]


def test_the_test_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It passes for the released template, and fails once a role may do more."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    class CensusStack(Stack):
        def __init__(self, scope: Construct, construct_id: str) -> None:
            super().__init__(scope, construct_id)
            sfn.StateMachine(self, "Flow", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(self, "Start")))

    app: Any = ModuleType("app")
    app.CensusStack = CensusStack
    monkeypatch.setitem(sys.modules, "app", app)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    released = tmp_path / "released.template.json"
    released.write_text('{"Resources": {}}')
    with pytest.raises(AssertionError, match=re.escape("role FlowRole: states.amazonaws.com may now assume it")):
        exec(block, names)  # noqa: S102
    released.write_text(json.dumps(names["template"]))
    exec(block, names)  # noqa: S102
    assert not names["differences"]


def test_the_example_of_the_function_is_true() -> None:
    """It is run as its docstring has it."""
    text = inspect.getdoc(ml.insight.diff) or ""
    (block,) = re.findall(r"::\n\n((?:    .*\n)+)", text)
    exec(textwrap.dedent(block), {"ml": ml})  # noqa: S102
