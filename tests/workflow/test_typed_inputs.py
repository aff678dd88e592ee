"""Workflows that check their input in their first state, and the values of its fields in props and states."""

from __future__ import annotations

import json
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from annotated_types import Ge, Le
from aws_cdk import App, NestedStack, Stack, Stage
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.asl.inputs import METADATA, input_shape
from constructs_ml.testing import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from constructs_ml.testing import Execution


class Mode(Enum):
    """Choices that a prop of a job is for."""

    FILE = "File"
    PIPE = "Pipe"


class Inputs(ml.ExecutionInput):
    """The inputs of the tests."""

    day: str
    rows: ml.S3Uri
    depth: Annotated[int, Ge(1), Le(32)] = 6
    rate: float = 0.5
    spot: bool = False
    names: list[str] = ["a"]  # noqa: RUF012 - the default of a field
    tags: dict[str, str] = {"team": "x"}  # noqa: RUF012
    instance: Literal["ml.m5.xlarge", "ml.m5.4xlarge"] = "ml.m5.xlarge"
    mode: Mode = Mode.FILE


GOOD = {"day": "2026-01-31", "rows": "s3://raw/rows/"}
JSONPATH, JSONATA = sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA
BOTH = pytest.mark.parametrize("language", [JSONPATH, JSONATA], ids=["JSONPath", "JSONata"])


def job(scope: Construct, name: str = "Job", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(scope, name, image=ml.ContainerImage.from_registry("mine"), **props)


def workflow(stack: Stack, definition: sfn.IChainable, **props: Any) -> ml.Workflow:
    return ml.Workflow(stack, "Machine", definition=definition, **{"inputs": Inputs, **props})


def request_of(execution: Execution, state: str) -> Any:
    (found,) = execution.requests(state)
    return found


@BOTH
def test_values_fit_the_props_that_they_go_to(stack: Stack, language: sfn.QueryLanguage) -> None:
    """Each with its type: a text where the API wants a text, a number where it wants a number."""
    raw = s3.Bucket(stack, "Raw")
    train = ml.TrainingJob(
        stack,
        "Train",
        image=ml.ContainerImage.from_registry("mine"),
        channels={"train": ml.S3Data.from_uri(Inputs.rows, within=[raw.s3_url_for_object()])},
        hyperparameters={
            "day": Inputs.day,
            "depth": Inputs.depth,
            "rate": Inputs.rate,
            "spot": Inputs.spot,
            "names": Inputs.names,
            "mode": Inputs.mode,
        },
        environment={
            "DAY": f"{Inputs.day} of {Inputs.depth}, {Inputs.spot}",
            "SPOT": Inputs.spot,
            "DEPTH": f"{Inputs.depth}",
        },
        instance_type=Inputs.instance,
        instance_count=Inputs.depth,
        input_mode=Inputs.mode,
        encrypt_inter_container_traffic=Inputs.spot,
    )
    process = job(stack, environment=Inputs.tags, arguments=["--depth", Inputs.depth, "--spot", Inputs.spot])
    machine = workflow(stack, train.next(process), query_language=language)
    given = {**GOOD, "depth": 3, "spot": True, "instance": "ml.m5.4xlarge"}
    execution = simulate(machine, input=given)
    assert execution.status == "SUCCEEDED", execution.cause
    request = request_of(execution, "Train")
    assert request["HyperParameters"] == {
        "day": "2026-01-31",
        "depth": "3",
        "rate": "0.5",
        "spot": "true",
        "names": '["a"]',
        "mode": "File",
    }
    assert request["Environment"] == {"DAY": "2026-01-31 of 3, true", "SPOT": "true", "DEPTH": "3"}
    assert request["ResourceConfig"]["InstanceType"] == "ml.m5.4xlarge"
    assert request["ResourceConfig"]["InstanceCount"] == 3
    assert request["AlgorithmSpecification"]["TrainingInputMode"] == "File"
    assert request["EnableInterContainerTrafficEncryption"] is True
    assert request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://raw/rows/"
    processing = request_of(execution, "Job")
    assert processing["Environment"] == {"team": "x"}
    assert processing["AppSpecification"]["ContainerArguments"] == ["--depth", "3", "--spot", "true"]


@BOTH
def test_a_valid_input_costs_one_transition_more(stack: Stack, language: sfn.QueryLanguage) -> None:
    """Members that are no fields are accepted if the class says so, and the input is handed on as it is."""

    class Open(Inputs, closed=False):
        pass

    keep = sfn.Pass(stack, "Keep")
    execution = simulate(workflow(stack, keep, query_language=language, inputs=Open), input={**GOOD, "more": 1})
    assert execution.path == ("Inputs", "Keep")
    assert execution.output == {**GOOD, "more": 1}


@BOTH
def test_a_wrong_input_ends_after_two_with_all_faults(stack: Stack, language: sfn.QueryLanguage) -> None:
    """Before anything else happens."""
    execution = simulate(
        workflow(stack, job(stack), query_language=language),
        input={"rows": "rows/", "depth": 64, "mode": "Fast", "dya": "x"},
        strict=False,
    )
    assert (execution.status, execution.path) == ("FAILED", ("Inputs", "Invalid input"))
    assert execution.error == "InvalidInput"
    assert execution.cause == (
        'day is missing, must be a string; rows must be an S3 URI such as s3://bucket/prefix/, got "rows/"; '
        'depth must be an integer from 1 to 32, got 64; mode must be one of "File", "Pipe", got "Fast"; '
        "dya is not a field of the input"
    )
    assert execution.cause == "; ".join(Inputs.faults_of({"rows": "rows/", "depth": 64, "mode": "Fast", "dya": "x"}))


def test_the_member_of_nested_executions_is_accepted(stack: Stack) -> None:
    given = {**GOOD, "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn:aws:states:::execution:a:b"}
    assert simulate(workflow(stack, sfn.Pass(stack, "Keep")), input=given).status == "SUCCEEDED"


def test_states_of_aws_cdk_lib_take_values_in_jsonpath(stack: Stack) -> None:
    """Conditions too, of which a variable is a path."""
    keep = sfn.Pass(
        stack, "Keep", parameters={"d": Inputs.depth, "s": Inputs.spot, "n": Inputs.names, "t": Inputs.tags}
    )
    choice = sfn.Choice(stack, "Spot?").when(sfn.Condition.boolean_equals("$workflowInputs.spot", True), keep)
    choice.otherwise(sfn.Fail(stack, "No"))
    execution = simulate(workflow(stack, choice), input={**GOOD, "spot": True})
    assert execution.output == {"d": 6, "s": True, "n": ["a"], "t": {"team": "x"}}


def test_expressions_read_the_variable_in_jsonata(stack: Stack) -> None:
    keep = sfn.Pass.jsonata(stack, "Keep", outputs={"d": "{% $workflowInputs.depth + 1 %}"})
    execution = simulate(workflow(stack, keep, query_language=JSONATA), input=GOOD)
    assert execution.output == {"d": 7}


@BOTH
def test_inline_maps_and_branches_see_the_values(stack: Stack, language: sfn.QueryLanguage) -> None:
    each = ml.Map(
        stack,
        "Each",
        **(
            {"items": sfn.ProvideItems.jsonata("{% [1, 2] %}")}
            if language is JSONATA
            else {"items_path": "$$.Execution.Input.names"}
        ),
    )
    each.item_processor(job(each, "Inner", environment={"DAY": Inputs.day}))
    both = sfn.Parallel(stack, "Both").branch(job(stack, "Branch", environment={"DAY": Inputs.day}))
    execution = simulate(workflow(stack, both.next(each), query_language=language), input={**GOOD, "names": ["a", "b"]})
    assert execution.status == "SUCCEEDED", execution.cause
    made = [*execution.requests("Inner"), *execution.requests("Branch")]
    assert [request["Environment"] for request in made] == [{"DAY": "2026-01-31"}] * 3


# Distributed Maps ---------------------------------------------------------------------------------------------------


def distributed(stack: Construct, language: sfn.QueryLanguage, name: str = "Each", **props: Any) -> ml.DistributedMap:
    props = {"inputs": Inputs, **props}
    if language is JSONATA:
        items = sfn.ProvideItems.jsonata("{% $states.context.Execution.Input.names %}")
        return ml.DistributedMap(stack, name, items=items, query_language=JSONATA, **props)
    return ml.DistributedMap(stack, name, items_path="$$.Execution.Input.names", **props)


def selected(language: sfn.QueryLanguage) -> dict[str, Any]:
    if language is JSONATA:
        return {"item_selector": {"name": "{% $states.context.Map.Item.Value %}"}}
    return {"item_selector": {"name": sfn.JsonPath.string_at("$$.Map.Item.Value")}}


@BOTH
@pytest.mark.parametrize("selects", [False, True], ids=["items", "selected"])
def test_distributed_maps_hand_the_inputs_in(stack: Stack, language: sfn.QueryLanguage, *, selects: bool) -> None:
    """The item is what it is without."""
    each = distributed(stack, language, **(selected(language) if selects else {}))
    keep = sfn.Pass(each, "Keep")
    each.item_processor(keep.next(job(each, "Inner", environment={"DAY": Inputs.day, "DEPTH": Inputs.depth})))
    execution = simulate(workflow(stack, each, query_language=language), input={**GOOD, "names": ["a", "b"]})
    assert execution.status == "SUCCEEDED", execution.cause
    assert [made["Environment"] for made in execution.requests("Inner")] == [{"DAY": "2026-01-31", "DEPTH": "6"}] * 2
    name = "name" if selects else "Item"
    assert execution.outputs("Keep") == ({name: "a"}, {name: "b"})


@BOTH
def test_batches_have_the_inputs_beside_their_own(stack: Stack, language: sfn.QueryLanguage) -> None:
    batcher = sfn.ItemBatcher(max_items_per_batch=2, batch_input={"own": 1})
    each = distributed(stack, language, item_batcher=batcher)
    keep = sfn.Pass(each, "Keep")
    each.item_processor(keep.next(job(each, "Inner", environment={"DAY": Inputs.day})))
    execution = simulate(workflow(stack, each, query_language=language), input={**GOOD, "names": ["a", "b", "c"]})
    assert execution.status == "SUCCEEDED", execution.cause
    assert [made["Environment"] for made in execution.requests("Inner")] == [{"DAY": "2026-01-31"}] * 2
    first, second = execution.outputs("Keep")
    assert (first["Items"], second["Items"]) == (["a", "b"], ["c"])
    assert first["BatchInput"]["own"] == 1


def test_nested_distributed_maps_hand_the_inputs_on(stack: Stack) -> None:
    outer = distributed(stack, JSONPATH)
    inner = ml.DistributedMap(outer, "Inner", items_path="$workflowInputs.names", inputs=Inputs)
    inner.item_processor(job(inner, environment={"DAY": Inputs.day}))
    machine = workflow(stack, outer.item_processor(inner))
    execution = simulate(machine, input={**GOOD, "names": ["a", "b"]})
    assert execution.status == "SUCCEEDED", execution.cause
    assert [made["Environment"] for made in execution.requests("Job")] == [{"DAY": "2026-01-31"}] * 4


def test_a_distributed_map_without_inputs_is_as_before(stack: Stack, asl: Callable[..., Any]) -> None:
    each = ml.DistributedMap(stack, "Each", items_path="$.names")
    states = asl(stack, each.item_processor(sfn.Pass(stack, "Keep")))
    assert "ItemSelector" not in states["Each"]
    assert states["Each item"]["Assign"] == {"itemEach": "{% $uuid() %}"}


# What is refused ----------------------------------------------------------------------------------------------------


def refused(stack: Stack, definition: sfn.IChainable, **props: Any) -> str:
    with pytest.raises(ml.InvalidPropsError) as raised:
        workflow(stack, definition, **props)
    return str(raised.value)


@BOTH
def test_a_workflow_without_inputs_has_none_to_read(stack: Stack, language: sfn.QueryLanguage) -> None:
    text = refused(stack, job(stack, environment={"DAY": Inputs.day}), inputs=None, query_language=language)
    assert "Job: Environment reads the input day, and the state machine declares no inputs" in text
    assert "pass inputs= to an ml.Workflow" in text


def test_nor_has_a_state_machine_of_aws_cdk_lib(stack: Stack) -> None:
    body = sfn.DefinitionBody.from_chainable(job(stack, environment={"DAY": Inputs.day}))
    with pytest.raises(RuntimeError, match="reads the input day, and the state machine declares no inputs"):
        sfn.StateMachine(stack, "Machine", definition_body=body)


def test_fields_of_another_class_are_refused(stack: Stack) -> None:
    class Other(ml.ExecutionInput):
        days: int

    text = refused(stack, job(stack, environment={"DAY": Other.days}))
    assert "Job: Environment reads the input days, which Inputs does not have; did you mean day?" in text


def test_fields_of_a_base_class_are_its_subclasses_too(stack: Stack) -> None:
    class Daily(Inputs):
        country: str = "at"

    machine = workflow(stack, job(stack, environment={"D": Inputs.day, "C": Daily.country}), inputs=Daily)
    execution = simulate(machine, input=GOOD)
    assert request_of(execution, "Job")["Environment"] == {"D": "2026-01-31", "C": "at"}


def test_a_distributed_map_that_does_not_hand_the_inputs_in_is_refused(stack: Stack) -> None:
    each = distributed(stack, JSONPATH, inputs=None)
    text = refused(stack, each.item_processor(job(each, environment={"DAY": Inputs.day})))
    assert "Job: Environment reads the input day, which the iterations of Each do not see" in text
    assert "pass inputs=Inputs to Each" in text


def test_a_distributed_map_of_aws_cdk_lib_is_refused(stack: Stack) -> None:
    each = sfn.DistributedMap(stack, "Each", items_path="$.names")
    text = refused(stack, each.item_processor(job(stack, environment={"DAY": Inputs.day})))
    assert "make Each an ml.DistributedMap, and pass inputs=Inputs to Each" in text


def test_an_outer_distributed_map_has_to_hand_the_inputs_in_too(stack: Stack) -> None:
    outer = distributed(stack, JSONPATH, inputs=None)
    inner = ml.DistributedMap(outer, "Inner", items_path="$.names", inputs=Inputs)
    inner.item_processor(sfn.Pass(inner, "Keep"))
    text = refused(stack, outer.item_processor(inner))
    assert "Inner: inputs are not seen in Each, which this Map is in; pass inputs=Inputs to Each" in text


def test_a_map_hands_in_what_the_workflow_declares(stack: Stack) -> None:
    class Other(ml.ExecutionInput):
        day: str

    each = distributed(stack, JSONPATH)
    text = refused(stack, each.item_processor(job(each)), inputs=Other)
    assert "Each: inputs must be what the workflow declares, got Inputs; it declares Other" in text


def test_a_map_of_a_machine_in_jsonata_has_to_say_so(stack: Stack) -> None:
    each = ml.DistributedMap(stack, "Each", items=sfn.ProvideItems.jsonata("{% [1] %}"), inputs=Inputs)
    text = refused(stack, each.item_processor(job(each)), query_language=JSONATA)
    assert "Each: inputs are handed in in JSONPath, and the state machine is in JSONata" in text
    assert "pass query_language=sfn.QueryLanguage.JSONATA to the Map" in text


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"day": str}, "inputs must be a class, got dict"),
        ("Inputs", "inputs must be a class, got str 'Inputs'"),
        (dict, "inputs must be a subclass of ml.ExecutionInput, got dict; write `class Inputs(ml.ExecutionInput)"),
        (ml.ExecutionInput, "inputs must be a subclass of ml.ExecutionInput, got ExecutionInput"),
    ],
)
def test_inputs_have_to_be_a_class_with_fields(stack: Stack, wrong: Any, fault: str) -> None:
    assert f"Census/Machine: {fault}" in refused(stack, job(stack), inputs=wrong)
    with pytest.raises(ml.InvalidPropsError, match=f"Census/Each: {re.escape(fault)}"):
        ml.DistributedMap(stack, "Each", items_path="$.names", inputs=wrong)


# The schema ---------------------------------------------------------------------------------------------------------


def test_the_schema_is_in_the_template_and_beside_it(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    machine = workflow(stack, sfn.Pass(stack, "Keep"))
    resources = synth(stack)["Resources"]
    logical_id = stack.get_logical_id(machine.node.default_child)  # type: ignore[arg-type]  # it is an element
    assert resources[logical_id]["Metadata"][METADATA] == Inputs.json_schema()
    assert input_shape(resources[logical_id]) == Inputs.shape
    stage = Stage.of(stack)
    assert stage is not None
    file = Path(stage.outdir, f"Census.{logical_id}.input.schema.json")
    assert json.loads(file.read_text(encoding="utf-8")) == Inputs.json_schema()


def test_stages_and_nested_stacks_have_files_of_their_own(app: App) -> None:
    stage = Stage(app, "Prod")
    outer = Stack(stage, "Census")
    inner = NestedStack(outer, "Inner")
    for stack in (outer, inner):
        workflow(stack, sfn.Pass(stack, "Keep"))
    assembly = app.synth()
    files = sorted(path.name for path in Path(assembly.directory, "assembly-Prod").glob("*.input.schema.json"))
    assert len(files) == 2


def test_a_workflow_without_inputs_has_no_schema(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    workflow(stack, sfn.Pass(stack, "Keep"), inputs=None)
    assert METADATA not in json.dumps(synth(stack))
