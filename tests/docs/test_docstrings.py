"""The example in the docstring of each step is run as it stands there, and what it defines is run in a simulation."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_stepfunctions as sfn
from support.examples import SCRIPTS, run, simulated, workflow_of

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import Stack


def examples(value: Any) -> list[str]:
    """The code blocks of a docstring."""
    blocks, lines = [], (inspect.getdoc(value) or "").splitlines()
    for at, line in enumerate(lines):
        if line.endswith("::"):
            block = []
            for following in lines[at + 1 :]:
                if following and not following.startswith("    "):
                    break
                block.append(following)
            blocks.append(textwrap.dedent("\n".join(block)).strip())
    return [block for block in blocks if "ml." in block or "JobDefaults(" in block]


DOCUMENTED = [
    (name, at)
    for name in ml.__all__
    if inspect.isclass(getattr(ml, name))
    for at in range(len(examples(getattr(ml, name))))
]
NEEDS = {"LabelingJob": pytest.mark.needs_cdk("2.272", "the attribute of a work team that is its ARN")}
"""The examples that need a newer aws-cdk-lib."""
FIRST: dict[str, Callable[[Any], Any]] = {
    "DistributedMap": lambda world: world["each"],
    "Map": lambda world: world["each"],
    "ModelApprovalGate": lambda world: world["register"],
}
"""The first state of the example where it is none that it makes first."""
OUTCOMES: dict[str, dict[str, Any]] = {}
"""What states end with that call other services."""
INPUT: dict[str, Any] = {
    "DistributedMap": {"files": [{"key": "a.csv"}]},
    "Map": {"countries": [{"name": "de"}, {"name": "fr"}]},
    "PySparkJob": {"day": "2026-01-01"},
}
"""The inputs of executions."""
STEPS = [
    name
    for name in ml.__all__
    if inspect.isclass(getattr(ml, name)) and issubclass(getattr(ml, name), (sfn.State, sfn.StateMachineFragment))
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SCRIPTS:
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("print('runs')\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/features.jar").write_bytes(b"PK")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("name", "at"),
    [pytest.param(name, at, marks=NEEDS.get(name, ()), id=f"{name}-{at}") for name, at in DOCUMENTED],
)
def test_the_example_runs_to_its_end(stack: Stack, name: str, at: int) -> None:
    """What it defines is synthesized, and its workflow, or one around what it defines, runs to a good end."""
    code = "\n".join(examples(getattr(ml, name))[: at + 1])
    world = run(code, stack, name)
    if name == "SageMakerSecurityChecks":
        # Jobs as the library's defaults have them are what it has something against.
        workflow_of(world)
        with pytest.raises(Exception, match="CMS001"):
            simulated(world)
        return
    workflow_of(world, FIRST[name](world) if name in FIRST else None)
    execution = simulated(world, OUTCOMES.get(name), INPUT.get(name))
    assert execution.status == "SUCCEEDED", f"{execution.error}: {execution.cause}"


def test_every_step_has_an_example() -> None:
    documented = {name for name, _ in DOCUMENTED}
    assert [name for name in STEPS if name not in documented] == []
