"""A definition as a graph: its nodes, edges and regions, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Duration, Stack
from support.pictures import BLOG, UNUSUAL

import constructs_ml as ml
from constructs_ml.asl.machine import Machine
from constructs_ml.insight.graph.model import EdgeKind, Graph, Node, NodeKind, graph_of
from constructs_ml.insight.graph.source import machine_of


def graph(body: Any, **options: Any) -> Graph:
    return graph_of(Machine(body), **options)


def states(**found: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(found)), "States": found}


def node(found: Graph, name: str) -> Node:
    return next(each for each in found.nodes if each.name == name)


def edges(found: Graph) -> set[tuple[str, str, str, str]]:
    """All edges, by the names at their ends."""
    return {
        (names[edge.source], edge.kind.value, edge.label, names[edge.target])
        for region in found.region.regions()
        for names in [{each.id: each.name or each.title for each in region.nodes}]
        for edge in region.edges
    }


def test_the_workflow_of_the_blog_has_its_edges() -> None:
    found = graph(BLOG)
    first, choice, failed, last = BLOG["States"]
    caught = "on States.TaskFailed"
    assert edges(found) == {
        ("start", "next", "", "SageMaker pre-processing step"),
        ("SageMaker pre-processing step", "next", "", "Processing job completed?"),
        ("SageMaker pre-processing step", "catch", caught, "ML Workflow failed"),
        ("Processing job completed?", "choice", '$.ProcessingJobStatus is "Completed"', "SageMaker Training Step"),
        ("Processing job completed?", "default", "otherwise", "ML Workflow failed"),
        ("SageMaker Training Step", "catch", caught, "ML Workflow failed"),
        ("SageMaker Training Step", "next", "", "end"),
    }
    assert found.problems == ()
    assert {first, choice, failed, last} == {each.name for each in found.nodes}
    assert node(found, "SageMaker pre-processing step").title == "SageMaker processing job"
    assert node(found, "SageMaker pre-processing step").captions == (
        "sagemaker-scikit-learn:0.20.0-cpu-py3",
        "1 × ml.m5.xlarge",
    )


def test_parallels_and_maps_are_nested() -> None:
    inner = states(A={"Type": "Pass", "Next": "B"}, B={"Type": "Succeed"})
    each = {"Type": "Map", "ItemsPath": "$.xs", "MaxConcurrency": 3, "ItemProcessor": inner, "End": True}
    found = graph(states(P={"Type": "Parallel", "Branches": [states(M=each), inner], "End": True}))
    parallel = node(found, "P")
    assert len(parallel.regions) == 2
    assert node(found, "M").path == ("P", "M")
    assert node(found, "M").captions == ("for each of $.xs", "at most 3 at once")
    # A branch of one state needs no start and no end.
    assert [each.kind for each in parallel.regions[0].nodes] == [NodeKind.MAP]
    assert [each.kind for each in parallel.regions[1].nodes] == [NodeKind.START, NodeKind.PASS, NodeKind.SUCCEED]


def test_edges_of_one_kind_to_one_state_are_one() -> None:
    rules = [{"Variable": "$.a", "NumericEquals": at, "Next": "X"} for at in (1, 2)]
    found = graph(states(C={"Type": "Choice", "Choices": rules, "Default": "X"}, X={"Type": "Succeed"}))
    assert edges(found) == {("start", "next", "", "C"), ("C", "choice", "$.a is 1, or $.a is 2, or otherwise", "X")}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (states(A={"Type": "Pass", "Next": "B"}), "A: Next names B, which is not one of the states beside it"),
        (states(A={"Type": "Pass"}), "A: it has neither Next nor End"),
        (states(A={"Type": "Teleport", "End": True}), "A: its type is Teleport, which does not exist"),
        (states(A={"End": True}), "A: it has no type"),
        (states(A={"Type": "Succeed"}, B={"Type": "Succeed"}), "B: no state leads to it"),
        (states(A={"Type": "Choice", "Choices": []}), "A: it has no choices"),
        (states(A={"Type": "Map", "End": True}), "A: there are no states in it"),
        (
            states(A={"Type": "Task", "Resource": "x", "Catch": [{"ErrorEquals": ["E"]}], "End": True}),
            "A: Catch[0] has no Next",
        ),
        ({"StartAt": "Z", "States": {"A": {"Type": "Succeed"}}}, "StartAt names Z, which is not one of the states"),
        ({"States": {"A": {"Type": "Succeed"}}}, "StartAt is missing"),
        ({"StartAt": "A", "States": {}}, "there are no states"),
        ({"StartAt": "A", "States": {"A": 3}}, "A is not an object"),
        (
            states(P={"Type": "Parallel", "Branches": [states(A={"Type": "Pass", "Next": "P"})], "End": True}),
            "P / A: Next names P, which is not one of the states beside it",
        ),
    ],
)
def test_a_mistake_is_told_and_the_rest_is_drawn(body: Any, problem: str) -> None:
    found = graph(body)
    assert problem in found.problems
    assert {each.name for each in found.nodes} >= {name for name, state in body["States"].items() if state != 3}


def test_a_missing_target_is_a_node() -> None:
    found = graph(states(A={"Type": "Pass", "Next": "Gone"}))
    assert node(found, "Gone").kind is NodeKind.MISSING
    assert ("A", "next", "", "Gone") in edges(found)


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_definitions_are_without_problems(name: str) -> None:
    """AWS takes them, so a picture finds nothing wrong."""
    assert graph(UNUSUAL[name], data=True).problems == ()


def _job(stack: Stack, **props: Any) -> Graph:
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    train = ml.TrainingJob(stack, "Train", image=image, channels={"train": ml.S3Data.from_uri("s3://b/x/")}, **props)
    machine, name = machine_of(ml.Workflow(stack, "Nightly", definition=train))
    assert name == "Nightly"
    return graph_of(machine, name=name)


@pytest.mark.parametrize(
    ("props", "told"),
    [
        ({"cache": ml.Cache(expires=Duration.days(1))}, "reuses a recorded result"),
        ({"retry": ml.RetryPolicy.by_cause()}, "retries lack of capacity 8 times"),
    ],
)
def test_a_job_of_several_states_is_one_node(stack: Stack, props: dict[str, Any], told: str) -> None:
    found = _job(stack, **props)
    (only,) = found.nodes
    assert (only.name, only.title) == ("Train", "SageMaker training job")
    assert any(told in caption for caption in only.captions), only.captions
    assert only.captions[:2] == ("mine:1", "1 × ml.m5.xlarge")


def test_the_inside_of_a_state_is_shown_on_demand(stack: Stack) -> None:
    gate = ml.ModelApprovalGate(
        stack, "Gate", package="arn:aws:sagemaker:us-east-1:111122223333:model-package/census/1"
    )
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_config="census-1")
    machine, _ = machine_of(ml.Workflow(stack, "Nightly", definition=gate.next(deploy)))
    closed, opened = graph_of(machine), graph_of(machine, inner=True)
    assert [each.name for each in closed.nodes] == ["Gate", "Deploy"]
    assert all("polls until it ends" in each.captions for each in closed.nodes)
    assert {each.kind for each in opened.nodes} > {NodeKind.WAIT, NodeKind.CHOICE, NodeKind.FAIL}


def test_every_kind_of_edge_is_drawn() -> None:
    assert set(EdgeKind) == {edge.kind for edge in graph(BLOG).region.edges}
