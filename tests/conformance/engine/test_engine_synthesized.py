"""What the tests synthesize takes the same way, with the same output, by simulations and by moto's Step Functions parser."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App
from engine_runs import run
from hypothesis import HealthCheck, given, settings
from support.cdk_workflows import JsonataShapesStack, ModelsStack, ServicesStack, ShapesStack
from support.random_workflows import PLANS, Plan, PlannedStack
from support.workflows import CensusStack

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.integration import cache_steps
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import SimulationError
from constructs_ml.testing import raises, reports, returns
from constructs_ml.testing.definition import read

TESTS = Path(__file__).parents[2]
sys.path[:0] = [str(TESTS / folder) for folder in ("synth", "lint", "stacks")]

from every_stack import EVERY_STACK  # noqa: E402 - found by the line above
from synth_stacks import template_of  # noqa: E402 - likewise
from test_no_false_alarms import inference_pipeline, training_pipeline  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Engine

    from constructs_ml.asl.definition import Scope

GOLDENS = sorted((TESTS / "goldens").glob("*.json"))
APPS = (
    *("customer_keys", "endpoint_approval", "events_scheduler", "imported", "lambda_dynamodb", "map_jobs", "nested"),
    *("custom_resources", "stages", "two_stacks", "vpc_endpoints", "large_template"),
)
UNREADABLE = ("EXPRESS", "ItemBatcher")
"""What moto's grammar does not know: the type of the executions of a distributed Map, and batches."""
FAULTS = ("object does not support item assignment",)
"""What moto says of a result that cannot be put into the input (engine_differences): an error of Python's."""
DRAWN = 40
"""Random workflows."""
_PLAIN = {"Id": "1", "Item": {}}
_METRICS = {"accuracy": 1, "rows": 3, "label": "best", "fair": True, "errors": {"false negatives": 0}}
_NO_METRICS = (
    "",
    "none",
    "[]",
    "{}",
    '{"accuracy": 0.9',
    "{'accuracy': 0.9}",
    '{"accuracy" 0.9}',
    '{"accuracy": NaN, "label": "best"}',
    '{"accuracy": "0.9", "label": "best"}',
    '{"accuracy": null, "label": "best"}',
    '{"accuracy": [0.9], "label": "best"}',
    '{"accuracy": 0.9, "label": "a \\" NaN: {[\u00e9", "rows": 1.5}',
    "{}" + " " * 32_767,
)
"""What a file of metrics may hold that is none."""
_INPUT = {
    "countries": [{"country": "nl", "wanted": True}, {"country": "be", "wanted": False}],
    "items": [{"id": 1}, {"id": 2}],
    "parts": [{"a": 1}, {"a": 2}],
    "rows": [1, 2],
    "id": "1",
    "year": 1994,
    "wait": 1,
    "ratio": 0.2,
    "created": "2026-02-01T00:00:00Z",
}
"""What executions get: enough for many of them to come to their end."""


def scripts(scope: Scope) -> Iterator[dict[str, Any]]:
    """What goes well, and how the first call fails."""
    tasks = {state.name: str(state.body["Resource"]) for state in scope.walk() if state.type == "Task"}
    readers = {
        state.name: returns([{"Key": "a"}, {"Key": "b"}]) for state in scope.walk() if "ItemReader" in state.body
    }
    # Objects are simulated for the calls of cached jobs.
    caches = {step.name for state in scope.walk() for step in cache_steps(state)}
    others = [name for name, resource in tasks.items() if "sagemaker:" not in resource and name not in caches]
    lambdas = {name: returns({"Payload": {"rows": 3}}) for name in others if "lambda:invoke" in tasks[name]}
    reads = [name for name in others if "s3:getObject" in tasks[name]]
    well = {**readers, **dict.fromkeys(others, returns(_PLAIN)), **lambdas, **dict.fromkeys(reads, reports(_METRICS))}
    yield well
    for name in reads:
        for body in _NO_METRICS:
            yield {**well, name: returns({"Body": body, "ContentRange": f"bytes 0-{len(body)}/{len(body)}"})}
    # moto lets items of a distributed Map fail (engine_differences).
    distributed = any("DISTRIBUTED" in json.dumps(dict(state.body)) for state in scope.walk())
    for name in [] if distributed else list(tasks)[:1]:
        yield {**well, name: raises("Some.Error", "it failed")}


def differences(engine: Engine, body: Mapping[str, Any]) -> tuple[int, list[Any]]:
    """How many runs were compared, and what differed."""
    text, compared, found = json.dumps(dict(body)), 0, []
    for script in scripts(read_definition(body)):
        try:
            both = run(engine, body, _INPUT, script)
        except SimulationError as error:
            # What a script cannot say of a state, or a request that is wrong as it stands, is no matter of the language.
            found += [] if "script" in str(error) or "refuses" in str(error) else [str(error)]
            continue
        if both.refused:
            assert any(member in text for member in UNREADABLE), both.refused
            compared += 1
            continue
        compared += 1
        if both.own.error == "States.ExceedToleratedFailureThreshold":
            # An item of a distributed Map failed, which moto lets pass (engine_differences): it goes on from there.
            continue
        # Where an iteration or a branch fails, how far the others come is a matter of threads.
        apart = "DISTRIBUTED" in text or (both.own.status == "FAILED" and ('"Map"' in text or '"Parallel"' in text))
        if apart and both.theirs["error"] == "NoAnswer":
            # A state beside the one that failed, which the simulation had ended before it called anything.
            assert both.own.status == both.theirs["status"]
            continue
        differing = both.differences(distributed=apart)
        known = any(fault in str(both.theirs.get("cause")) for fault in FAULTS)
        if differing and not (known and both.own.status == "FAILED"):
            found.append((script, differing, both.own.cause, both.theirs.get("cause")))
    return compared, found


def bodies(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The definitions of a template, as they are deployed."""
    for each in machines_of(template):
        yield read(template, each.name).body


def check(engine: Engine, template: Mapping[str, Any]) -> int:
    """Compares all definitions of a template; gives the number of runs."""
    total = 0
    for body in bodies(template):
        compared, found = differences(engine, body)
        assert found == []
        total += compared
    return total


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda path: path.stem)
def test_goldens_agree(second: Engine, golden: Path) -> None:
    """What the Data Science SDK wrote."""
    assert differences(second, json.loads(golden.read_text(encoding="utf-8")))[1] == []


@pytest.mark.parametrize("stack", [*EVERY_STACK.values(), training_pipeline, inference_pipeline])
def test_our_stacks_agree(second: Engine, stack: Any) -> None:
    """The example, and the stacks of the tests of synthesis."""
    assert check(second, template_of(stack, "eu-west-1")) > 0


@pytest.mark.parametrize("stack", [JsonataShapesStack, ModelsStack, ServicesStack, ShapesStack])
def test_stacks_of_aws_cdk_lib_agree(second: Engine, stack: Any) -> None:
    """Workflows of the task states that aws-cdk-lib has itself."""
    assert check(second, template_of(stack, "eu-west-1")) > 0


@pytest.mark.parametrize("jsonata", [False, True])
def test_the_census_agrees(second: Engine, tmp_path: Path, *, jsonata: bool) -> None:
    """A workflow with every kind of state."""
    app = App(outdir=str(tmp_path))
    CensusStack(app, "Census", jsonata=jsonata)
    assert check(second, app.synth().stacks[0].template) > 0


@pytest.mark.parametrize("name", APPS)
def test_stacks_of_teams_agree(second: Engine, tmp_path: Path, name: str) -> None:
    """Those that run on the laptop in tests/stacks."""
    app = App(outdir=str(tmp_path))
    importlib.import_module(name).build(app)
    templates = Path(app.synth().directory).rglob("*.template.json")
    assert sum(check(second, json.loads(each.read_text(encoding="utf-8"))) for each in templates) > 0


def test_random_workflows_agree(second: Engine, tmp_path: Path) -> None:
    """As many as the tests of false alarms draw."""
    totals: list[int] = []

    @settings(
        max_examples=DRAWN,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(plan=PLANS)
    def compared(plan: Plan) -> None:
        app = App(analytics_reporting=False, outdir=str(tmp_path / "cdk.out"))
        stack = PlannedStack(app, "Random", plan)
        totals.append(check(second, app.synth().get_stack_by_name(stack.stack_name).template))

    compared()
    assert len(totals) >= DRAWN
