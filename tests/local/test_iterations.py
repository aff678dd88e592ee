"""Jobs side by side in Map and Parallel: names, places and permissions of their own, on the embedded AWS."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn
from support.templates import statements

import constructs_ml as ml
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local import Execution

pytestmark = pytest.mark.local

ITEMS = 20
_numbers = itertools.count()
WRITE = """
import pathlib, sys
pathlib.Path("/opt/ml/processing/output/made", "value.txt").write_text(sys.argv[1])
"""
READ = """
import pathlib
found = sorted(path.read_text() for path in pathlib.Path("/opt/ml/processing/input/made").rglob("*.txt"))
pathlib.Path("/opt/ml/processing/output/seen", "seen.txt").write_text(",".join(found))
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False), f"Stack{next(_numbers)}")


@pytest.fixture
def run(aws: LocalAws, stack: Stack) -> Callable[..., Execution]:
    def start(definition: sfn.IChainable, data: Any = None, **props: Any) -> Execution:
        ml.Workflow(stack, "Machine", definition=definition, **props)
        app = stack.node.root
        assert isinstance(app, App)
        return aws.deploy(Path(app.synth().directory), stack.stack_name).start(data or {}).wait(180)

    return start


def job(scope: Any, name: str, code: Path, script: str, **props: Any) -> ml.ProcessingJob:
    path = code / f"{name.lower()}.py"
    path.write_text(script)
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    return ml.ProcessingJob(scope, name, image=image, code=ml.Code.from_asset(path), **props)


def text(aws: LocalAws, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content: bytes = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content.decode()


def places(execution: Execution) -> list[str]:
    """Where the jobs of an execution wrote to."""
    return [
        output["S3Output"]["S3Uri"]
        for made in execution.jobs
        for output in made.request["ProcessingOutputConfig"]["Outputs"]
    ]


@pytest.mark.parametrize("language", [None, sfn.QueryLanguage.JSONATA])
def test_twenty_iterations_share_no_name_and_no_place(
    aws: LocalAws, stack: Stack, run: Callable[..., Execution], tmp_path: Path, language: sfn.QueryLanguage | None
) -> None:
    """The second job of each iteration reads what the first of the same iteration wrote, and nothing else."""
    jsonata = language is not None
    items = {"items": sfn.ProvideItems.jsonata("{% $states.input.items %}")} if jsonata else {"items_path": "$.items"}
    each = ml.Map(stack, "Each", max_concurrency=ITEMS, **items)
    value = "{% $states.input.value %}" if jsonata else sfn.JsonPath.string_at("$.value")
    write = job(each, "Write", tmp_path, WRITE, arguments=[value], outputs=["made"])
    read = job(each, "Read", tmp_path, READ, inputs={"made": write.output("made")}, outputs=["seen"])
    each.item_processor(write.next(read))

    execution = run(each, {"items": [{"value": f"v{at}"} for at in range(ITEMS)]}, query_language=language)

    assert execution.status == "SUCCEEDED", execution.cause
    assert len(execution.jobs) == len({made.name for made in execution.jobs}) == 2 * ITEMS
    assert len(places(execution)) == len(set(places(execution))) == 2 * ITEMS
    assert all(f"/{execution.arn.rpartition(':')[2]}/" in place for place in places(execution))
    seen = [text(aws, f"{place}seen.txt") for place in places(execution) if "/Read" in place]
    assert sorted(seen) == sorted(f"v{at}" for at in range(ITEMS))


def test_what_all_iterations_wrote_is_read_after_the_map(
    aws: LocalAws, stack: Stack, run: Callable[..., Execution], tmp_path: Path
) -> None:
    each = ml.Map(stack, "Each", items_path="$.items", result_path=sfn.JsonPath.DISCARD)
    write = job(each, "Write", tmp_path, WRITE, arguments=[sfn.JsonPath.string_at("$.value")], outputs=["made"])
    each.item_processor(write)
    read = job(stack, "Read", tmp_path, READ, inputs={"made": each.all_of(write.output("made"))}, outputs=["seen"])

    execution = run(each.next(read), {"items": [{"value": "a"}, {"value": "b"}, {"value": "c"}]})

    assert execution.status == "SUCCEEDED", execution.cause
    assert text(aws, f"{places(execution)[-1]}seen.txt") == "a,b,c"


def test_a_map_in_a_map(aws: LocalAws, stack: Stack, run: Callable[..., Execution], tmp_path: Path) -> None:
    """The index of an item of the inner Map alone would not do: outer iterations have the same ones."""
    outer = ml.Map(stack, "Outer", items_path="$.outer")
    first = job(outer, "First", tmp_path, WRITE, arguments=[sfn.JsonPath.string_at("$.value")], outputs=["made"])
    inner = ml.Map(outer, "Inner", items_path="$.inner", result_path=sfn.JsonPath.DISCARD)
    second = job(inner, "Second", tmp_path, READ, inputs={"made": first.output("made")}, outputs=["seen"])
    inner.item_processor(second)
    outer.item_processor(first.next(inner))

    execution = run(outer, {"outer": [{"value": value, "inner": [{}, {}]} for value in "xy"]})

    assert execution.status == "SUCCEEDED", execution.cause
    assert len(places(execution)) == len(set(places(execution))) == 6
    seen = sorted(text(aws, f"{place}seen.txt") for place in places(execution) if "/Second" in place)
    assert seen == ["x", "x", "y", "y"]


def test_a_distributed_map(aws: LocalAws, stack: Stack, run: Callable[..., Execution], tmp_path: Path) -> None:
    """Its iterations are executions of their own; what a job before it wrote is handed in."""
    before = job(stack, "Before", tmp_path, WRITE, arguments=["before"], outputs=["made"])
    selector = {"value": sfn.JsonPath.string_at("$$.Map.Item.Value"), "before": before.output("made").uri}
    each = ml.DistributedMap(stack, "Each", items_path="$.items", item_selector=selector, max_concurrency=5)
    handed = ml.S3Data.from_uri(sfn.JsonPath.string_at("$.before"), within=[before.output("made")])
    write = job(each, "Write", tmp_path, WRITE, arguments=[sfn.JsonPath.string_at("$.value")], outputs=["made"])
    read = job(each, "Read", tmp_path, READ, inputs={"made": handed}, outputs=["seen"])
    each.item_processor(write.next(read))

    execution = run(before.next(each), {"items": ["p", "q", "r"]})

    assert execution.status == "SUCCEEDED", execution.cause
    assert len(places(execution)) == len(set(places(execution))) == 7
    assert sorted(text(aws, f"{place}value.txt") for place in places(execution) if "/Write" in place) == ["p", "q", "r"]
    assert {text(aws, f"{place}seen.txt") for place in places(execution) if "/Read" in place} == {"before"}


def test_two_branches_of_a_parallel(stack: Stack, run: Callable[..., Execution], tmp_path: Path) -> None:
    both = sfn.Parallel(stack, "Both", result_path="$.both")
    for name in ("Left", "Right"):
        both.branch(job(stack, name, tmp_path, WRITE, arguments=[name], outputs=["made"]))

    execution = run(both)

    assert execution.status == "SUCCEEDED", execution.cause
    assert len({made.name for made in execution.jobs}) == len(set(places(execution))) == 2


def test_a_parallel_in_a_map(aws: LocalAws, stack: Stack, run: Callable[..., Execution], tmp_path: Path) -> None:
    """The branches, and the states after them, see the place of their iteration."""
    each = ml.Map(stack, "Each", items_path="$.items")
    write = job(each, "Write", tmp_path, WRITE, arguments=[sfn.JsonPath.string_at("$.value")], outputs=["made"])
    both = sfn.Parallel(each, "Both", result_path=sfn.JsonPath.DISCARD)
    both.branch(job(each, "Left", tmp_path, READ, inputs={"made": write.output("made")}, outputs=["seen"]))
    both.branch(sfn.Pass(each, "Right"))
    after = job(each, "After", tmp_path, READ, inputs={"made": write.output("made")}, outputs=["seen"])
    each.item_processor(write.next(both).next(after))

    execution = run(each, {"items": [{"value": "a"}, {"value": "b"}]})

    assert execution.status == "SUCCEEDED", execution.cause
    for reader in ("/Left", "/After"):
        assert sorted(text(aws, f"{place}seen.txt") for place in places(execution) if reader in place) == ["a", "b"]


def test_the_roles_are_granted_no_more_than_without_the_map(tmp_path: Path) -> None:
    """Exact: the statements of the same two jobs, in a Map and in a chain, differ in nothing."""

    def granted(name: str, scope_of: Callable[[Stack], Any]) -> list[dict[str, Any]]:
        stack = Stack(App(outdir=str(tmp_path / name), analytics_reporting=False), "Same")
        scope = scope_of(stack)
        write = job(scope, "Write", tmp_path, WRITE, outputs=["made"])
        read = job(scope, "Read", tmp_path, READ, inputs={"made": write.output("made")}, outputs=["seen"])
        chain = write.next(read)
        ml.Workflow(stack, "Machine", definition=scope.item_processor(chain) if isinstance(scope, ml.Map) else chain)
        app = stack.node.root
        assert isinstance(app, App)
        template: dict[str, Any] = app.synth().get_stack_by_name("Same").template
        return statements(template)

    in_map = granted("map", lambda stack: ml.Map(stack, "Each", items_path="$.items"))
    alone = granted("chain", lambda stack: stack)

    assert [sorted(found["Action"]) for found in in_map] == [sorted(found["Action"]) for found in alone]
    assert "*" not in [
        resource for found in in_map if "s3:PutObject" in found["Action"] for resource in found["Resource"]
    ]
