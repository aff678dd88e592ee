"""Who reads whose data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import constructs_ml as ml
from constructs_ml.asl.machine import Machine
from constructs_ml.insight.graph.boxes import reads_in_words
from constructs_ml.insight.graph.data import INPUT
from constructs_ml.insight.graph.model import graph_of

if TYPE_CHECKING:
    from aws_cdk import Stack

TASK: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}


def reads(body: Any) -> dict[str, set[tuple[str, str]]]:
    found = graph_of(Machine(body), data=True)
    return {node.name: {(source.origin, source.what) for source in node.reads} for node in found.nodes}


def task(*, reads: str, **fields: Any) -> dict[str, Any]:
    return {**TASK, "Parameters": {"FunctionName": "f", "Payload.$": f"$.{reads}"}, **fields}


def test_a_member_comes_from_the_state_that_wrote_it_last() -> None:
    found = reads(
        {
            "StartAt": "A",
            "States": {
                "A": task(reads="day", ResultPath="$.a", Next="B"),
                "B": task(reads="a", ResultPath="$.a", Next="C"),
                "C": task(reads="a", ResultPath="$.c", Next="D"),
                "D": task(reads="c", ResultPath="$.d", End=True),
            },
        }
    )
    assert found == {"A": {(INPUT, "day")}, "B": {("A", "a")}, "C": {("B", "a")}, "D": {("C", "c")}}


def test_both_ways_of_a_choice_may_have_written_it() -> None:
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "A"}
    found = reads(
        {
            "StartAt": "If",
            "States": {
                "If": {"Type": "Choice", "Choices": [rule], "Default": "B"},
                "A": task(reads="x", ResultPath="$.a", Next="C"),
                "B": {"Type": "Pass", "Next": "C"},
                "C": task(reads="a", End=True),
            },
        }
    )
    assert found["If"] == {(INPUT, "x")}
    assert found["C"] == {("A", "a"), (INPUT, "a")}


def test_branches_read_what_is_before_their_parallel() -> None:
    branch = {"StartAt": "B", "States": {"B": task(reads="a", End=True)}}
    found = reads(
        {
            "StartAt": "A",
            "States": {
                "A": task(reads="day", ResultPath="$.a", Next="P"),
                "P": {"Type": "Parallel", "Branches": [branch], "End": True},
            },
        }
    )
    assert found["B"] == {("A", "a")}
    assert found["P"] == set()


def test_variables_come_from_the_states_that_assign_them() -> None:
    found = reads(
        {
            "StartAt": "A",
            "QueryLanguage": "JSONata",
            "States": {
                "A": {"Type": "Pass", "Assign": {"day": "{% $states.input.day %}"}, "Next": "B"},
                "B": {"Type": "Pass", "Output": "{% $day %}", "End": True},
            },
        }
    )
    assert found["B"] == {("A", "$day")}


def test_jobs_read_places_and_results(stack: Stack) -> None:
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    prepare = ml.ProcessingJob(stack, "Prepare", image=image, outputs=["train"])
    train = ml.TrainingJob(stack, "Train", image=image, channels={"train": prepare.output("train")})
    model = ml.CreateModel(stack, "Model", image=image, data=train.model_artifacts)
    workflow = ml.Workflow(stack, "W", definition=prepare.next(train).next(model))
    nodes = {node.name: node for node in ml.insight.draw(workflow, data=True).graph.nodes}
    assert reads_in_words(nodes["Train"]) == ["reads Prepare: train in S3"]
    assert reads_in_words(nodes["Model"]) == ["reads Train: its result"]
    assert all(node.reads == () for node in ml.insight.draw(workflow).graph.nodes)
