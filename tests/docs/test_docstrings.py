"""The example in the docstring of each step is run as it stands there, and what it defines is run in a simulation."""

from __future__ import annotations

import inspect
import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from support.each import each
from support.examples import IMAGE, SCRIPTS, run, simulated, workflow_of
from support.public import PUBLIC
from support.reports import fails, reported

import constructs_ml as ml
from constructs_ml.errors import SECURITY_PLUGIN
from constructs_ml.testing import SimulatedObjects, reports, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.examples import World


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


DOCUMENTED = {
    name: len(found) for name, value in PUBLIC.items() if inspect.isclass(value) and (found := examples(value))
}
"""How many examples each class has."""
WITHOUT_CONSTRUCT = {
    "Cache": 1,
    "ExecutionInput": 1,
    "JobDefaults": 1,
    "SageMakerSecurityChecks": 2,
    "WorkflowChecks": 2,
}
"""The classes whose examples define no construct, and have tests of their own."""
NEEDS = {"LabelingJob": pytest.mark.needs_cdk("2.272", "the attribute of a work team that is its ARN")}
"""The examples that need a newer aws-cdk-lib."""
FIRST: dict[str, Callable[[Any], Any]] = {
    "DistributedMap": lambda world: world["each"],
    "Map": lambda world: world["each"],
    "ModelApprovalGate": lambda world: world["register"],
    "ReadMetrics": lambda world: world["evaluate"],
}
"""The first state of the example where it is none that it makes first."""
OUTCOMES: dict[str, dict[str, Any]] = {
    "ReadMetrics": {"Metrics": reports({"accuracy": 0.93, "confusion": {"tp": 1, "fp": 0}})}
}
"""What states end with that call other services."""
INPUT: dict[str, Any] = {
    "DistributedMap": {"files": [{"key": "a.csv"}]},
    "Map": {"countries": [{"name": "de"}, {"name": "fr"}]},
    "PySparkJob": {"day": "2026-01-01"},
}
"""The inputs of executions."""
STEPS = [
    name
    for name, value in PUBLIC.items()
    if inspect.isclass(value) and issubclass(value, (sfn.State, sfn.StateMachineFragment))
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


def defined(world: World, name: str) -> list[Any]:
    """The constructs of a class that an example has defined itself."""
    given = {value.node.path for value in world.given if isinstance(value, Construct)}
    cls = PUBLIC[name]
    return [
        found for found in each(world["app"].node.find_all()) if isinstance(found, cls) and found.node.path not in given
    ]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=NEEDS.get(name, ())) for name in DOCUMENTED if name not in WITHOUT_CONSTRUCT]
)
def test_the_example_runs_to_its_end(stack: Stack, name: str) -> None:
    """It defines what it documents; its workflow, or one around what it defines, enters that and runs to a good end."""
    (code,) = examples(PUBLIC[name])
    world = run(code, stack, name)
    found = defined(world, name)
    assert found
    if isinstance(found[0], Stack):
        world.stack = found[0]
    workflow_of(world, FIRST[name](world) if name in FIRST else None)
    execution = simulated(world, OUTCOMES.get(name), INPUT.get(name))
    assert execution.status == "SUCCEEDED", f"{execution.error}: {execution.cause}"
    if isinstance(found[0], sfn.State):
        assert {state.state_id for state in found} & set(execution.path)


@pytest.mark.usefixtures("project")
def test_defaults_reach_the_jobs_of_the_stack(stack: Stack) -> None:
    """Those that are defined after the example."""
    (code,) = examples(ml.JobDefaults)
    world = run(code, stack)
    workflow_of(world)
    execution = simulated(world)
    assert execution.status == "SUCCEEDED", f"{execution.error}: {execution.cause}"
    (request,) = execution.requests(world["train"].state_id)
    assert request["VpcConfig"]["Subnets"]
    assert request["ResourceConfig"]["VolumeKmsKeyId"]
    assert {"Key": "team", "Value": "risk"} in request["Tags"]


@pytest.mark.usefixtures("project")
def test_a_cached_job_runs_once(stack: Stack) -> None:
    """In two executions with the same objects in S3."""
    (code,) = examples(ml.Cache)
    world = run(code, stack)
    workflow_of(world)
    store = SimulatedObjects()
    executions = [simulate(world.stack, objects=store) for _ in range(2)]
    assert [execution.status for execution in executions] == ["SUCCEEDED"] * 2
    assert [execution.attempts("Train") for execution in executions] == [1, 0]


CACHED = {
    "ClarifyJob": 0,
    "InferencePipeline": 4,
    "Map": 2,
    "ModelMonitorJob": 0,
    "ProcessingJob": 0,
    "PySparkJob": 0,
    "SparkJarJob": 0,
    "TrainingJob": 0,
    "TrainingPipeline": 3,
    "TransformJob": 0,
    "TuningJob": 0,
    "Workflow": 1,
}
"""The states that a second execution of an example runs, if all its jobs are cached: those that are no jobs."""


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", CACHED)
def test_the_jobs_of_an_example_are_cached(stack: Stack, name: str) -> None:
    """With a default for all; the second execution passes on what the first one did, and starts no job."""
    ml.JobDefaults(cache=ml.Cache()).apply_to(stack)
    (code,) = examples(PUBLIC[name])
    world = run(code, stack, name)
    found = defined(world, name)
    if isinstance(found[0], Stack):
        world.stack = found[0]
    workflow_of(world, FIRST[name](world) if name in FIRST else None)
    store = SimulatedObjects()
    first, second = (simulate(world.stack, input=INPUT.get(name), objects=store) for _ in range(2))
    assert (first.status, second.status) == ("SUCCEEDED", "SUCCEEDED"), second.cause
    states = [state for state in each(second._names) if ": " not in state]
    assert len([state for state in states if second.attempts(state)]) == CACHED[name]
    if not CACHED[name]:
        assert second.output == first.output


@pytest.mark.usefixtures("project")
def test_typed_inputs_reach_the_job(stack: Stack) -> None:
    """With their defaults."""
    (code,) = examples(ml.ExecutionInput)
    execution = simulated(run(code, stack), None, {"day": "2026-01-31", "rows": "s3://raw-data/rows/"})
    assert execution.status == "SUCCEEDED", f"{execution.error}: {execution.cause}"
    (request,) = execution.requests("Train")
    assert request["HyperParameters"]["max_depth"] == "6"
    assert request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://raw-data/rows/"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("acknowledged", [False, True])
def test_the_security_pack_finds_what_is_not_acknowledged(stack: Stack, *, acknowledged: bool) -> None:
    """Jobs as the library's defaults have them are what it has something against."""
    asked, acknowledging = examples(ml.checks.SageMakerSecurityChecks)
    world = run("\n".join([asked, acknowledging] if acknowledged else [asked]), stack)
    workflow_of(world)
    with pytest.raises(Exception, match="CMS001"):
        simulated(world)
    found = {item["ruleName"] for item in reported(world["app"], SECURITY_PLUGIN)}
    assert ("CMS011" in found) is not acknowledged


@pytest.mark.usefixtures("project")
def test_plain_state_machines_are_checked_if_asked_for() -> None:
    """An app without a workflow of the library's."""
    asked, _ = examples(ml.checks.WorkflowChecks)
    names: dict[str, Any] = {"ml": ml}
    exec(asked, names)  # noqa: S102 - our own example
    body = json.dumps({"StartAt": "Nowhere", "States": {"There": {"Type": "Succeed"}}})
    stack = Stack(names["app"], "Plain")
    sfn.CfnStateMachine(stack, "Machine", role_arn="arn:aws:iam::111122223333:role/theirs", definition_string=body)
    with fails():
        names["app"].synth()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_finding_is_acknowledged(stack: Stack, *, acknowledged: bool) -> None:
    """A job with a name of its own is warned of, unless it is meant so."""
    _, acknowledging = examples(ml.checks.WorkflowChecks)
    train = ml.TrainingJob(stack, "Train", image=IMAGE, job_name="census")
    world = run(acknowledging if acknowledged else "", stack, train=train)
    workflow_of(world, train)
    execution = simulated(world)
    assert execution.status == "SUCCEEDED", f"{execution.error}: {execution.cause}"
    found = {item["ruleName"] for item in reported(world["app"])}
    assert ("CML307" in found) is not acknowledged


def test_every_step_has_an_example() -> None:
    assert [name for name in each(STEPS) if name not in DOCUMENTED] == []


def test_every_other_example_has_a_test_of_its_own() -> None:
    """What defines no construct is run by a test above."""
    others = {name: count for name, count in DOCUMENTED.items() if not issubclass(PUBLIC[name], Construct)}
    assert others == WITHOUT_CONSTRUCT
    assert {count for name, count in DOCUMENTED.items() if name not in others} == {1}
