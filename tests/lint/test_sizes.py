"""How large results, payloads and histories can be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_ml.asl.definition import is_inline
from constructs_ml.asl.integration import Integration
from constructs_ml.asl.provenance import events, iterations, shortest
from constructs_ml.lint import Machine
from constructs_ml.lint.examples import TRAINING
from constructs_ml.lint.rules.size.payload import LIMIT, handed
from constructs_ml.lint.rules.size.result_size import Result, most, result_of
from constructs_ml.sagemaker.model import output_shape

SYNC = "arn:aws:states:::sagemaker:createTrainingJob.sync"
INNER = {"StartAt": "Look", "States": {"Look": {"Type": "Pass", "End": True}}}


def training(**members: Any) -> Result:
    """The description of a training job that was asked for so."""
    found = result_of(Integration("sagemaker", "createTrainingJob", "sync"), {**TRAINING, **members})
    assert found is not None
    return found


@pytest.mark.parametrize(("job", "times"), [("Processing", 1.3), ("Training", 13.0), ("Transform", 0.7)])
def test_the_most_that_a_description_can_be_is_known(job: str, times: float) -> None:
    """Compared with what a state may hand on."""
    assert round(most(output_shape(f"Describe{job}Job")) / LIMIT, 1) == times


def test_what_is_asked_for_counts_as_it_is_written() -> None:
    """One more character in the request is one more in the description."""
    short, longer = training(HyperParameters={"a": "1"}), training(HyperParameters={"a": "12"})
    assert longer.bytes == short.bytes + 1
    assert short.of(("HyperParameters",)) == len(json.dumps({"a": "1"}))


def test_what_is_known_later_counts_with_the_most() -> None:
    """It makes no difference whether a member or its parts are known later."""
    shape = output_shape("DescribeTrainingJob").members["HyperParameters"]
    assert training(**{"HyperParameters.$": "$.h"}).of(("HyperParameters",)) == most(shape)
    assert training(HyperParameters={"a.$": "$.a"}).of(("HyperParameters",)) > most(shape.value)


def test_a_path_leads_to_no_more_than_its_end() -> None:
    """A part is no larger than the member that it is in."""
    result = training()
    assert 0 < result.of(("ModelArtifacts", "S3ModelArtifacts")) < result.of(("ModelArtifacts",)) < result.of(())
    assert result.of(("ModelArtefacts",)) == 0


def test_of_each_rule_there_is_one_status() -> None:
    """Without rules there is none."""
    rules = [{"RuleConfigurationName": "a", "RuleEvaluatorImage": "b"}] * 2
    without, two = (
        training(**m).of(("DebugRuleEvaluationStatuses",)) for m in ({}, {"DebugRuleConfigurations": rules})
    )
    assert without == 2
    assert two > 2 * 1024


def passed(*states: dict[str, Any], language: str = "JSONPath") -> list[tuple[str, int]]:
    """What each of some states in a chain hands on."""
    named = {f"S{at}": {**state, "Next": f"S{at + 1}"} for at, state in enumerate(states)}
    named[f"S{len(states)}"] = {"Type": "Succeed"}
    found = handed(Machine({"QueryLanguage": language, "StartAt": "S0", "States": named}))
    return [(item.state.name, item.after) for item in found]


def job(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": SYNC, "Parameters": dict(TRAINING), **fields}


def test_results_at_places_of_their_own_add_up_and_others_replace() -> None:
    """As ``ResultPath`` says."""
    one = training().bytes
    found = passed(job(ResultPath="$.a"), job(ResultPath="$.b"), job(ResultPath="$.b"), job(ResultPath=None), job())
    assert [size for _, size in found] == [one, 2 * one, 2 * one, 2 * one, one, one]


def test_a_selector_keeps_what_it_names() -> None:
    """Its own text counts too."""
    selector = {"arn.$": "$.TrainingJobArn", "kind": "training"}
    (first, *_) = passed(job(ResultSelector=selector))
    assert first[1] == training().of(("TrainingJobArn",)) + len(json.dumps(selector, separators=(",", ":")))


def test_an_output_path_keeps_what_it_leads_to() -> None:
    """Nothing if it is null."""
    one = training().bytes
    assert passed(job(ResultPath="$.a"), job(ResultPath="$.b", OutputPath="$.b"))[1] == ("S1", one)
    assert passed(job(ResultPath="$.a", OutputPath=None))[0] == ("S0", 0)


def test_in_jsonata_the_output_says_what_is_kept() -> None:
    """The whole input only if it stands there as a whole."""
    arguments = {"Type": "Task", "Resource": SYNC, "Arguments": dict(TRAINING)}
    result = training()
    whole = {**arguments, "Output": "{% $merge([$states.input, {'x': $states.result}]) %}"}
    part = {**arguments, "Output": "{% $states.result.TrainingJobArn %}"}
    sizes = [size for _, size in passed(arguments, whole, part, language="JSONata")]
    assert sizes[0] == pytest.approx(result.bytes, abs=50)
    assert sizes[1] == pytest.approx(2 * result.bytes, abs=100)
    assert sizes[2] == pytest.approx(result.of(("TrainingJobArn",)), abs=50)


def test_a_loop_is_walked_once() -> None:
    """What comes back was there the first time."""
    again = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Train"}], "Default": "End"}
    states = {"Train": job(ResultPath="$.a", Next="Again"), "Again": again, "End": {"Type": "Succeed"}}
    found = handed(Machine({"StartAt": "Train", "States": states}))
    assert {item.state.name: item.after for item in found} == dict.fromkeys(states, training().bytes)


def test_a_parallel_hands_on_what_all_its_branches_do() -> None:
    """Each of them has the input, too."""
    branch = {"StartAt": "T", "States": {"T": job(ResultPath="$.t", End=True)}}
    both = {"Type": "Parallel", "Branches": [branch, branch], "ResultPath": "$.both"}
    one = training().bytes
    found = handed(
        Machine({"StartAt": "A", "States": {"A": job(ResultPath="$.a", Next="B"), "B": {**both, "End": True}}})
    )
    assert found[-1].after == one + 2 * 2 * one


def first(body: dict[str, Any], express: bool = False) -> Any:
    """The first state of a definition."""
    machine = Machine(body, express=express)
    return machine.definition.states[machine.definition.start]


@pytest.mark.parametrize(
    ("items", "count"),
    [([1, 2, 3], 3), ("{% [1..100] %}", 100), ("{% [5..4] %}", 0), ("{% $states.input.x %}", None), (None, None)],
)
def test_items_are_counted_where_they_are_known(items: Any, count: int | None) -> None:
    """In a list, and in a range."""
    each = {"Type": "Map", "Items": items, "ItemProcessor": INNER, "End": True}
    assert iterations(first({"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}})) == count


@pytest.mark.parametrize(
    ("made", "count"),
    [
        ({"Result": {"xs": [1, 2]}}, 2),
        ({"Result": [1, 2], "ResultPath": "$.xs"}, 2),
        ({"Parameters": {"xs.$": "States.ArrayRange(0, 100, 10)"}}, 11),
        ({"Result": {"ys": [1, 2]}}, None),
        ({"Result": {"xs": [1]}, "OutputPath": "$.xs"}, None),
        ({}, None),
    ],
)
def test_items_that_the_state_before_makes_are_counted(made: dict[str, Any], count: int | None) -> None:
    """If it is the only one before."""
    each = {"Type": "Map", "ItemsPath": "$.xs", "ItemProcessor": INNER, "End": True}
    states = {"Make": {"Type": "Pass", **made, "Next": "Each"}, "Each": each}
    assert iterations(Machine({"StartAt": "Make", "States": states}).definition.states["Each"]) == count


def test_the_events_of_the_shortest_way_are_counted() -> None:
    """A Choice takes the way with the fewest, and an iteration is started and ended."""
    ways = [{"Condition": "{% true %}", "Next": "Job"}]
    inner = {
        "StartAt": "Which",
        "States": {
            "Which": {"Type": "Choice", "Choices": ways, "Default": "Done"},
            "Job": job(Next="Done"),
            "Done": {"Type": "Succeed"},
        },
    }
    each = {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": inner, "End": True}
    state = first({"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}})
    assert shortest(state.inner[0]) == 4
    assert events(state) == 4 + 3 * (2 + 4)


def test_the_iterations_of_a_distributed_map_are_executions() -> None:
    """They write histories of their own."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **INNER}
    each = {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": processor, "End": True}
    state = first({"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}})
    assert not is_inline(state)
    assert events(state) == 4
