"""The guides by task are run as they stand: their app and its tests, and each further example in a workflow around it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack, assertions
from support.examples import SCRIPTS, run, simulated, workflow_of

import constructs_ml as ml
from constructs_ml.testing import reports

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
GUIDES = (
    "processing_and_training",
    "choices",
    "gates",
    "tuning",
    "batch_transform",
    "deploy",
    "maps",
    "events",
    "inputs",
    "order_from_data",
    "cache",
)
TEXTS = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in GUIDES}
BLOCKS = {name: _BLOCK.findall(text) for name, text in TEXTS.items()}
FURTHER = [(name, at) for name, blocks in BLOCKS.items() for at in range(1, len(blocks) - 1)]
"""The examples between the first, an app, and the last, its tests."""
FIRST = {
    ("choices", 1): "train",
    ("choices", 2): "evaluate",
    ("events", 2): "model",
    ("gates", 1): "train",
    ("gates", 2): "tune",
    ("gates", 4): "evaluate",
    ("maps", 1): "each",
    ("maps", 2): "each",
}
"""The name of the first state, where it is not the first that an example makes."""
OUTCOMES = {("gates", 4): {"Metrics": reports({"accuracy": 0.93})}}
"""The outcomes of states that a simulation knows nothing of."""
INPUT = {
    "maps": {"countries": [{"name": "de"}], "files": [{"key": "a.csv"}]},
    "inputs": {"day": "2026-01-31"},
    "cache": {"data_version": "1"},
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in SCRIPTS:
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("print('runs')\n")
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("app", None)


def app_of(guide: str) -> ModuleType:
    """The module `app` with a guide's app in it, for the imports of its tests."""
    module = ModuleType("app")
    exec(compile(BLOCKS[guide][0], f"{guide}.md", "exec"), module.__dict__)  # noqa: S102
    sys.modules["app"] = module
    return module


def stack_of(guide: str) -> type[Stack]:
    """The stack of a guide's app."""
    made = vars(app_of(guide)).values()
    (found,) = [value for value in made if isinstance(value, type) and issubclass(value, Stack) and value is not Stack]
    return found


@pytest.mark.parametrize("guide", GUIDES)
def test_the_tests_of_a_guide_pass(guide: str) -> None:
    """Each on the guide's own app."""
    app_of(guide)
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[guide][-1], f"{guide}.md", "exec"), names)  # noqa: S102
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()


@pytest.mark.parametrize(("guide", "at"), FURTHER)
def test_a_further_example_runs_to_its_end(stack: Stack, guide: str, at: int) -> None:
    world = run(BLOCKS[guide][at], stack, f"{guide}.md")
    workflow_of(world, world[FIRST[guide, at]] if (guide, at) in FIRST else None)
    execution = simulated(world, OUTCOMES.get((guide, at)), INPUT.get(guide))
    assert execution.status == "SUCCEEDED", f"{execution.error}: {execution.cause}"


@pytest.mark.parametrize("guide", GUIDES)
def test_the_permissions_of_a_guide_are_those_of_its_app(guide: str) -> None:
    """Those of the state machine, apart from its log and trace; and the checks have nothing against the app."""
    template = assertions.Template.from_stack(stack_of(guide)(App(analytics_reporting=False), "Churn")).to_json()
    assert ml.checks.check_template(template) == []
    granted = {
        action
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and "Workflow" in name
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        if not action.startswith(("logs:", "xray:"))
    }
    (shown,) = re.findall(r"^## Permissions\n(.*?)^## ", TEXTS[guide], re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`(\w+:\w+)`", shown)) == granted
