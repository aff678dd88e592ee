"""Workflows refuse a result of a job outside a Map where the iterations certainly do not have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.testing import simulate

if TYPE_CHECKING:
    from aws_cdk import Stack

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"
ITEM = sfn.JsonPath.object_at("$$.Map.Item.Value")
JSONATA = sfn.QueryLanguage.JSONATA
COUNTRIES = {"countries": [{"name": "de"}]}


def image() -> ml.ContainerImage:
    return ml.ContainerImage.from_registry(IMAGE)


def trained(stack: Any, name: str = "Train", **props: Any) -> ml.TrainingJob:
    return ml.TrainingJob(stack, name, image=image(), **props)


def model(scope: Any, data: Any, name: str = "Model", **props: Any) -> ml.CreateModel:
    return ml.CreateModel(scope, name, image=image(), data=data, **props)


def refused(stack: Stack, definition: sfn.IChainable, **props: Any) -> str:
    with pytest.raises(ml.InvalidPropsError, match="Census/Machine: ") as raised:
        ml.Workflow(stack, "Machine", definition=definition, **props)
    return str(raised.value)


@pytest.mark.parametrize("kind", [ml.Map, ml.DistributedMap])
def test_a_model_of_a_job_outside_is_not_in_the_item(stack: Stack, kind: Any) -> None:
    train = trained(stack)
    each = kind(stack, "Each", items_path="$.countries")
    each.item_processor(model(each, train.model_artifacts))
    assert refused(stack, train.next(each)) == (
        "Census/Machine: Model: PrimaryContainer.ModelDataUrl reads $.Train.ModelArtifacts.S3ModelArtifacts, a result of "
        "Train, which the iterations of Each do not have; pass "
        'item_selector={"item": sfn.JsonPath.object_at("$$.Map.Item.Value"), "Train": sfn.JsonPath.object_at("$.Train")} '
        "to Each, which makes its item $.item"
    )


@pytest.mark.parametrize("name", ["Train", "Train it"])
def test_the_fix_works(stack: Stack, name: str) -> None:
    train = trained(stack, name)
    path = "$.Train" if name == "Train" else f"$['{name}']"
    each = ml.Map(
        stack,
        "Each",
        items_path="$.countries",
        item_selector={"item": ITEM, name: sfn.JsonPath.object_at(path)},
    )
    each.item_processor(model(each, train.model_artifacts))
    ml.Workflow(stack, "Machine", definition=train.next(each))
    assert simulate(stack, input=COUNTRIES).status == "SUCCEEDED"


def test_a_name_that_is_no_identifier_is_found(stack: Stack) -> None:
    train = trained(stack, "Train it")
    each = ml.Map(stack, "Each", items_path="$.countries", item_selector={"item": ITEM})
    each.item_processor(model(each, train.model_artifacts))
    text = refused(stack, train.next(each))
    assert """add "Train it": sfn.JsonPath.object_at("$['Train it']") to the item_selector of Each""" in text


@pytest.mark.parametrize("name", ["Train", "Train it"])
def test_jsonata_is_read_too(stack: Stack, name: str) -> None:
    train = trained(stack, name, query_language=JSONATA)
    each = ml.Map(
        stack,
        "Each",
        items=sfn.ProvideItems.jsonata("{% $states.input.countries %}"),
        query_language=JSONATA,
    )
    each.item_processor(
        ml.ProcessingJob(
            each, "Job", image=image(), arguments=["--of", train.result("TrainingJobArn")], query_language=JSONATA
        )
    )
    text = refused(stack, train.next(each), query_language=JSONATA)
    member = "Train" if name == "Train" else f"`{name}`"
    assert f'"{name}": "{{% $states.input.{member} %}}"}} to Each, which makes its item $states.input.item' in text


def test_states_of_aws_cdk_lib_are_read_too(stack: Stack) -> None:
    train = trained(stack)
    each = ml.Map(stack, "Each", items_path="$.countries")
    each.item_processor(sfn.Pass(each, "Note", parameters={"arn": train.result("TrainingJobArn")}))
    assert "Note: arn reads $.Train.TrainingJobArn" in refused(stack, train.next(each))


def test_the_best_model_of_a_search_is_none_of_the_items(stack: Stack) -> None:
    tune = ml.TuningJob(
        stack,
        "Tune",
        training=ml.tuning.TrainingDefinition(image=image(), metric_definitions={"accuracy": "accuracy=([0-9.]+)"}),
        objective=ml.tuning.Objective.maximize("accuracy"),
        ranges={"depth": ml.tuning.IntegerRange(2, 12)},
        max_jobs=4,
    )
    each = ml.Map(stack, "Each", items_path="$.countries")
    each.item_processor(model(each, tune.best_model_artifacts))
    assert "a result of Tune, which the iterations of Each do not have" in refused(stack, tune.next(each))


@pytest.mark.parametrize("handed_in", [False, True])
def test_each_of_nested_maps_must_hand_it_in(stack: Stack, handed_in: bool) -> None:
    train = trained(stack)
    given = {"regions": sfn.JsonPath.list_at("$$.Map.Item.Value.regions"), "Train": sfn.JsonPath.object_at("$.Train")}
    outer = ml.Map(stack, "Outer", items_path="$.countries", **({"item_selector": given} if handed_in else {}))
    inner = ml.Map(outer, "Inner", items_path="$.regions")
    inner.item_processor(model(inner, train.model_artifacts))
    text = refused(stack, train.next(outer.item_processor(inner)))
    assert f"which the iterations of {'Inner' if handed_in else 'Outer'} do not have" in text


def test_a_job_of_the_same_iteration_is_fine_in_a_parallel_too(stack: Stack) -> None:
    each = ml.Map(stack, "Each", items_path="$.countries")
    train = trained(each)
    both = sfn.Parallel(each, "Both").branch(model(each, train.model_artifacts))
    ml.Workflow(stack, "Machine", definition=each.item_processor(train.next(both)))
    assert simulate(stack, input=COUNTRIES).status == "SUCCEEDED"


def test_a_parallel_in_the_map_has_the_maps_item(stack: Stack) -> None:
    train = trained(stack)
    each = ml.Map(stack, "Each", items_path="$.countries")
    both = sfn.Parallel(each, "Both").branch(model(each, train.model_artifacts))
    assert "a result of Train" in refused(stack, train.next(each.item_processor(both)))


def test_the_results_of_a_map_are_items_of_the_next(stack: Stack) -> None:
    """They hold what the jobs of the first Map handed on."""
    first = ml.Map(stack, "First", items_path="$.countries", result_path="$.trained")
    train = trained(first)
    second = ml.Map(stack, "Second", items_path="$.trained")
    second.item_processor(model(second, train.model_artifacts))
    ml.Workflow(stack, "Machine", definition=first.item_processor(train).next(second))
    assert simulate(stack, input=COUNTRIES).status == "SUCCEEDED"


def test_items_that_another_state_made_may_have_it(stack: Stack) -> None:
    train = trained(stack)
    made = sfn.Pass(
        stack,
        "Items",
        parameters={"Train": sfn.JsonPath.object_at("$.Train")},
        result_path="$.item",
    )
    listed = sfn.Pass(
        stack,
        "List",
        parameters={"all": sfn.JsonPath.array(sfn.JsonPath.string_at("$.item"))},
        result_path="$.made",
    )
    each = ml.Map(stack, "Each", items_path="$.made.all")
    each.item_processor(model(each, train.model_artifacts))
    ml.Workflow(stack, "Machine", definition=train.next(made).next(listed).next(each))
    assert simulate(stack, input={}).status == "SUCCEEDED"


def test_a_state_of_the_iteration_may_put_it_there(stack: Stack) -> None:
    train = trained(stack)
    each = ml.Map(stack, "Each", items_path="$.countries")
    artifacts = {"ModelArtifacts": {"S3ModelArtifacts": "s3://models/model.tar.gz"}}
    put = sfn.Pass(each, "Put", result=sfn.Result.from_object(artifacts), result_path="$.Train")
    each.item_processor(put.next(model(each, train.model_artifacts)))
    ml.Workflow(stack, "Machine", definition=train.next(each))
    assert simulate(stack, input=COUNTRIES).status == "SUCCEEDED"


def test_a_state_after_the_use_puts_nothing_there(stack: Stack) -> None:
    train = trained(stack)
    each = ml.Map(stack, "Each", items_path="$.countries")
    each.item_processor(model(each, train.model_artifacts).next(sfn.Pass(each, "End", result_path="$.Train")))
    assert "a result of Train" in refused(stack, train.next(each).next(sfn.Pass(stack, "Last", parameters={})))


def test_typed_inputs_beside_the_item_change_nothing(stack: Stack) -> None:
    class Inputs(ml.ExecutionInput):
        countries: list[str]

    train = trained(stack)
    each = ml.DistributedMap(stack, "Each", items_path="$.countries", inputs=Inputs)
    each.item_processor(model(each, train.model_artifacts))
    assert "a result of Train" in refused(stack, train.next(each), inputs=Inputs)
