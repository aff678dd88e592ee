"""Maps that give each iteration places of its own, and workflows that refuse jobs without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack, Stage
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.testing import simulate

if TYPE_CHECKING:
    from collections.abc import Callable


def job(scope: Any, name: str, **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(scope, name, image=ml.ContainerImage.from_registry("mine"), **props)


def place(state: dict[str, Any]) -> str:
    output = state["Parameters"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    found: str = output.get("S3Uri.$") or output["S3Uri"]
    return found


@pytest.fixture
def refused(stack: Stack) -> Callable[[sfn.IChainable], str]:
    def read(definition: sfn.IChainable) -> str:
        with pytest.raises(ml.InvalidPropsError, match="Census/Machine: ") as raised:
            ml.Workflow(stack, "Machine", definition=definition)
        return str(raised.value)

    return read


def test_each_iteration_draws_its_name_first(stack: Stack, asl: Callable[..., Any]) -> None:
    each = ml.Map(stack, "Each", items_path="$.items", max_concurrency=3)
    states = asl(stack, each.item_processor(job(each, "Job", outputs=["made"])))
    assert states["Each"]["ItemProcessor"]["StartAt"] == "Each item"
    assert states["Each"]["MaxConcurrency"] == 3
    drawn = states["Each item"]
    assert (drawn["Type"], drawn["QueryLanguage"], drawn["Next"]) == ("Pass", "JSONata", "Job")
    assert drawn["Assign"] == {"itemEach": "{% $uuid() %}"}
    assert drawn["Output"] == "{% $type($states.input) = 'object' ? $states.input : {'Item': $states.input} %}"
    assert place(states["Job"]).endswith("/made/{}/{}/', $$.Execution.Name, $itemEach)")


def test_a_job_outside_of_the_scope_of_a_map_has_the_executions_place(stack: Stack, asl: Callable[..., Any]) -> None:
    assert place(asl(stack, job(stack, "Job", outputs=["made"]))["Job"]).endswith("{}/', $$.Execution.Name)")


def test_variables_of_nested_maps_differ(stack: Stack, asl: Callable[..., Any]) -> None:
    """An inner scope may not assign a variable of an outer one, whatever the Maps are called."""
    outer = ml.Map(stack, "Each", items_path="$.outer")
    inner = ml.Map(outer, "Each", items_path="$.inner", state_name="Inner")
    inner.item_processor(job(inner, "Job", outputs=["made"]))
    states = asl(stack, outer.item_processor(inner))
    drawn = [*states["Each item"]["Assign"], *states["Inner item"]["Assign"]]
    assert len(set(drawn)) == 2
    assert place(states["Job"]).endswith(f"$$.Execution.Name, ${drawn[0]}, ${drawn[1]})")


def test_what_is_checked_is_only_what_is_shared(stack: Stack) -> None:
    """Training keeps models under its jobs' names; a destination that names the item is the user's choice."""
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    each = sfn.Map(stack, "Each", items_path="$.items")
    train = ml.TrainingJob(stack, "Train", image=ml.ContainerImage.from_registry("mine"))
    own = ml.S3Data.from_bucket(bucket, f"{sfn.JsonPath.execution_name}/{sfn.JsonPath.string_at('$.country')}/")
    each.item_processor(train.next(job(stack, "Job", outputs={"made": own})))
    ml.Workflow(stack, "Machine", definition=each)


def test_a_plain_map_with_shared_places_is_refused(stack: Stack, refused: Callable[..., str]) -> None:
    each = sfn.Map(stack, "Each", items_path="$.items")
    text = refused(each.item_processor(job(stack, "Job", outputs=["made"])))
    assert "Job: ProcessingOutputConfig is the same place in all iterations of Each" in text
    assert "make Each an ml.Map and define the job in its scope" in text


def test_a_job_that_is_not_in_the_scope_of_its_map_is_refused(stack: Stack, refused: Callable[..., str]) -> None:
    """Inside a Parallel too."""
    each = ml.Map(stack, "Each", items_path="$.items")
    both = sfn.Parallel(each, "Both").branch(job(stack, "Job", outputs=["made"]))
    assert "is the same place in all iterations of Each" in refused(each.item_processor(both))


def test_checkpoints_are_shared_places_too(stack: Stack, refused: Callable[..., str]) -> None:
    each = sfn.Map(stack, "Each", items_path="$.items")
    train = ml.TrainingJob(stack, "Train", image=ml.ContainerImage.from_registry("mine"), spot=True)
    assert "Train: CheckpointConfig is the same place" in refused(each.item_processor(train))


def test_an_output_of_an_iteration_is_not_known_after_the_map(stack: Stack, refused: Callable[..., str]) -> None:
    each = ml.Map(stack, "Each", items_path="$.items")
    write = job(each, "Write", outputs=["made"])
    each.item_processor(write)
    text = refused(each.next(job(stack, "Read", inputs={"made": write.output("made")})))
    assert "Read: ProcessingInputs names what one iteration of Each wrote, which only its own states can use" in text
    assert "pass Each.all_of(...)" in text


def test_all_of_the_iterations_is_one_place(stack: Stack, asl: Callable[..., Any]) -> None:
    each = ml.Map(stack, "Each", items_path="$.items", result_path=sfn.JsonPath.DISCARD)
    write = job(each, "Write", outputs=["made"])
    each.item_processor(write)
    states = asl(stack, each.next(job(stack, "Read", inputs={"made": each.all_of(write.output("made"))})))
    read = states["Read"]["Parameters"]["ProcessingInputs"][0]["S3Input"]["S3Uri.$"]
    assert place(states["Write"]).startswith(read.partition("', ")[0])
    assert read.endswith("/{}/', $$.Execution.Name)")


def test_all_of_takes_outputs_of_its_own_iterations_only(stack: Stack) -> None:
    each = ml.Map(stack, "Each", items_path="$.items")
    with pytest.raises(ml.InvalidPropsError, match="Census/Each: all_of must be written by its iterations"):
        each.all_of(job(stack, "Other", outputs=["made"]).output("made"))


def test_outputs_of_before_are_not_known_by_name_in_a_distributed_map(
    stack: Stack, refused: Callable[..., str]
) -> None:
    """There, ``$$.Execution.Name`` is the iteration's."""
    write = job(stack, "Write", outputs=["made"])
    each = ml.DistributedMap(stack, "Each", items_path="$.items")
    each.item_processor(job(each, "Read", inputs={"made": write.output("made")}))
    text = refused(write.next(each))
    assert (
        "Read: ProcessingInputs has the execution's name, and Each gives each iteration an execution of its own" in text
    )


def test_variables_of_outside_are_not_seen_in_a_distributed_map(stack: Stack, refused: Callable[..., str]) -> None:
    outer = ml.Map(stack, "Outer", items_path="$.outer")
    write = job(outer, "Write", outputs=["made"])
    inner = ml.DistributedMap(outer, "Inner", items_path="$.inner")
    inner.item_processor(job(inner, "Read", inputs={"made": write.output("made")}, outputs=["seen"]))
    text = refused(outer.item_processor(write.next(inner)))
    assert "Read: ProcessingInputs names what one iteration of Outer wrote" in text
    assert "ProcessingOutputConfig" not in text


def test_a_distributed_map_of_aws_cdk_lib_needs_nothing(stack: Stack) -> None:
    """Its iterations have execution names of their own."""
    each = sfn.DistributedMap(stack, "Each", items_path="$.items")
    each.item_processor(job(stack, "Job", outputs=["made"]))
    ml.Workflow(stack, "Machine", definition=each)


def test_a_map_is_not_made_distributed(stack: Stack) -> None:
    each = ml.Map(stack, "Each", items_path="$.items")
    with pytest.raises(ml.InvalidPropsError, match="mode must be INLINE, got DISTRIBUTED"):
        each.item_processor(job(each, "Job"), mode=sfn.ProcessorMode.DISTRIBUTED)


def test_what_an_error_handler_leads_to_is_checked(stack: Stack, refused: Callable[..., str]) -> None:
    each = sfn.Map(stack, "Each", items_path="$.items")
    first = sfn.Pass(stack, "First")
    inner = job(stack, "Caught", outputs=["made"])
    risky = ml.TrainingJob(stack, "Train", image=ml.ContainerImage.from_registry("mine"))
    risky.add_catch(inner)
    assert "Caught: ProcessingOutputConfig" in refused(each.item_processor(first.next(risky)))


def test_an_output_inside_a_map_is_passed_to_tasks_of_aws_cdk_lib(stack: Stack, asl: Callable[..., Any]) -> None:
    each = ml.Map(stack, "Each", items_path="$.items")
    write = job(each, "Write", outputs=["made"])
    each.item_processor(write.next(sfn.Pass(each, "Tell", parameters={"made": write.output("made").uri})))
    told = asl(stack, each)["Tell"]["Parameters"]["made.$"]
    assert told.endswith("$$.Execution.Name, $itemEach)")


ITEMS = {
    "texts": ["at", "de"],
    "numbers": [1, 2.5],
    "objects": [{"country": "at"}],
    "mixed": ["at", {"a": 1}, None, [1], True],
}


@pytest.mark.parametrize("language", [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA])
@pytest.mark.parametrize("items", ITEMS.values(), ids=ITEMS)
def test_items_of_every_kind_take_the_results_of_their_states(
    stack: Stack, items: list[Any], language: sfn.QueryLanguage
) -> None:
    """An object is what it was; anything else is in one. The results stand beside it."""
    jsonata = language is sfn.QueryLanguage.JSONATA
    how = {"items": sfn.ProvideItems.jsonata("{% $states.input.items %}")} if jsonata else {"items_path": "$.items"}
    each = ml.Map(stack, "Each", **how)
    first, second = job(each, "First", outputs=["made"]), job(each, "Second")
    each.item_processor(first.next(second))
    ml.Workflow(stack, "Machine", definition=each, query_language=language)

    execution = simulate(stack, input={"items": items})

    assert execution.status == "SUCCEEDED", execution.cause
    for item, output in zip(items, execution.output, strict=True):
        assert output.keys() - {"First", "Second"} == (item.keys() if isinstance(item, dict) else {"Item"})
        assert isinstance(item, dict) or output["Item"] == item


@pytest.mark.parametrize("flag", [None, True, False])
def test_the_results_of_a_distributed_map_are_written(flag: bool | None) -> None:
    """Whatever the feature flag says, and in a stage too."""
    name = "@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2"
    app = App(context={} if flag is None else {name: flag})
    stack = Stack(Stage(app, "Stage"), "Census")
    bucket = s3.Bucket(stack, "Results")
    writers: list[dict[str, Any]] = [
        {"result_writer": sfn.ResultWriter(bucket=bucket, prefix="r")},
        {"result_writer_v2": sfn.ResultWriterV2(bucket=bucket, prefix="r")},
    ]
    for at, props in enumerate(writers):
        each = ml.DistributedMap(stack, f"Each{at}", items_path="$.items", **props)
        each.item_processor(job(each, "Job"))
        assert each.to_state_json(sfn.QueryLanguage.JSON_PATH)["ResultWriter"]["Parameters"]["Prefix"] == "r"

    with pytest.raises(ml.InvalidPropsError, match="result_writer cannot be combined with result_writer_v2"):
        ml.DistributedMap(
            stack, "Both", items_path="$.items", **{name: it for one in writers for name, it in one.items()}
        )
