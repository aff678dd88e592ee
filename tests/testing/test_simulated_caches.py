"""Cached jobs in simulations: their states in S3 are answered by the store, and their outcomes are those of the job."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cached_machines import BUCKET, PLACE, by_cause, cached, s3, training
from simulated_machines import END, catcher, given, machine, retrier

from constructs_ml.asl.data_use import use_of
from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.integration import cache_steps, standing_for_one
from constructs_ml.local.runner.execution import Folding
from constructs_ml.local.runner.part import Part, plan
from constructs_ml.testing import (
    Execution,
    SimulatedObjects,
    SimulationError,
    capacity,
    fails,
    raises,
    returns,
    simulate,
    throttled,
)
from constructs_ml.testing.machine import Machine
from constructs_ml.testing.objects import START

RUN = ["list", "look up", "run", "record"]
AGAIN = ["list", "look up", "again", "run", "record"]
HIT = ["list", "look up", "outputs"]
MACHINE = machine(Train=cached())


@pytest.fixture
def objects() -> SimulatedObjects:
    return SimulatedObjects({"s3://data/raw/a.csv": "1", "s3://data/raw/b.csv": "2"})


def steps(execution: Execution) -> list[str]:
    """The states of the cached job that were entered."""
    (path,) = execution.paths("Train")
    return [name.removeprefix("Train: ") for name in path]


def marker(objects: SimulatedObjects) -> str:
    (uri,) = objects.under(f"s3://{BUCKET}/cache/")
    return uri


@pytest.mark.parametrize("run", [training(), by_cause()], ids=["plain", "by cause"])
def test_the_second_simulation_finds_what_the_first_recorded(run: dict[str, Any], objects: SimulatedObjects) -> None:
    """The result is the same, and no job has started."""
    definition = machine(Train=cached(run))
    first = simulate(definition, objects=objects)
    assert (steps(first), first.attempts("Train")) == (RUN, 1)
    record = json.loads(objects[marker(objects)])
    assert record["result"] == first.output["Train"]
    assert objects.under(record["place"]) != []
    second = simulate(definition, objects=objects)
    assert (steps(second), second.attempts("Train"), second.requests("Train")) == (HIT, 0, ())
    assert second.output == first.output


@pytest.mark.parametrize("change", ["one byte", "added", "removed", "renamed"])
def test_other_data_make_the_job_run(change: str, objects: SimulatedObjects) -> None:
    """And what is undone is found again."""
    simulate(MACHINE, objects=objects)
    if change == "one byte":
        objects["s3://data/raw/a.csv"] = "3"
    elif change == "added":
        objects["s3://data/raw/c.csv"] = ""
    else:
        content = objects.pop("s3://data/raw/b.csv")
        if change == "renamed":
            objects["s3://data/raw/c.csv"] = content
    assert steps(simulate(MACHINE, objects=objects)) == RUN
    assert steps(simulate(MACHINE, objects=objects)) == HIT
    objects.pop("s3://data/raw/c.csv", None)
    objects["s3://data/raw/a.csv"], objects["s3://data/raw/b.csv"] = "1", "2"
    assert steps(simulate(MACHINE, objects=objects)) == HIT


def test_a_marker_expires_by_simulated_time(objects: SimulatedObjects) -> None:
    """30 days after the job; then the new one takes its place."""
    simulate(MACHINE, objects=objects)
    assert steps(simulate(MACHINE, objects=objects, start=START + timedelta(days=29))) == HIT
    assert steps(simulate(MACHINE, objects=objects, start=START + timedelta(days=31))) == AGAIN
    assert steps(simulate(MACHINE, objects=objects, start=START + timedelta(days=60))) == HIT


@pytest.mark.parametrize("content", ["{not JSON", '"{}"', "", b"\xff", '{"version": 2}'])
def test_an_unreadable_marker_is_a_miss(content: str | bytes, objects: SimulatedObjects) -> None:
    simulate(MACHINE, objects=objects)
    objects[marker(objects)] = content
    assert steps(simulate(MACHINE, objects=objects)) == AGAIN
    assert steps(simulate(MACHINE, objects=objects)) == HIT


def test_a_place_without_objects_is_a_miss(objects: SimulatedObjects) -> None:
    simulate(MACHINE, objects=objects)
    for uri in objects.under(PLACE):
        del objects[uri]
    assert steps(simulate(MACHINE, objects=objects)) == ["list", "look up", "outputs", "again", "run", "record"]
    assert steps(simulate(MACHINE, objects=objects)) == HIT


def test_whoever_records_second_takes_what_the_first_recorded(objects: SimulatedObjects) -> None:
    """A marker that is written while the job runs is not overwritten."""
    first = simulate(MACHINE, objects=objects)
    uri = marker(objects)
    winner = objects.pop(uri)

    def meanwhile(_request: dict[str, Any], _attempt: int) -> None:
        objects[uri] = winner

    second = simulate(MACHINE, {"Train": meanwhile}, objects=objects)
    assert steps(second) == [*RUN, "winner"]
    assert (second.output, objects[uri]) == (first.output, winner)
    assert second.errors("Train: record") == ("S3.S3Exception",)


def test_two_executions_at_once_have_one_marker(objects: SimulatedObjects) -> None:
    """Of two branches with the same key, the one whose job ends first records."""
    twins = {"A": machine(A=cached(name="A")), "B": machine(B=cached(name="B"))}
    both = machine(Both={"Type": "Parallel", "QueryLanguage": "JSONata", "Branches": list(twins.values())})
    script = {"A": returns(after=60), "B": returns(after=30)}
    execution = simulate(both, script, objects=objects)
    assert [path[-1] for name in "AB" for path in execution.paths(name)] == ["A: winner", "B: record"]
    assert execution.output[0] == execution.output[1]


def test_a_job_that_fails_leaves_no_marker(objects: SimulatedObjects) -> None:
    """Its outcome is not that of the look-up."""
    before = dict(objects)
    execution = simulate(MACHINE, {"Train": fails("AlgorithmError: no rows")}, objects=objects)
    assert (execution.error, steps(execution)) == ("States.TaskFailed", ["list", "look up", "run"])
    assert dict(objects) == before


def test_the_outcomes_of_a_cached_job_are_those_of_its_job(objects: SimulatedObjects) -> None:
    """In their order, by the name of the Parallel or of the state inside, whichever runs the job."""
    retry = [retrier("SageMaker.AmazonSageMakerException", "States.TaskFailed", MaxAttempts=5)]
    for run in (training(Retry=retry), by_cause() | {"Retry": [retrier("SageMaker.JobFailed", "States.ALL")]}):
        definition = machine(Train=cached(run))
        execution = simulate(definition, {"Train": [throttled(), capacity()]}, objects=objects)
        assert (steps(execution), execution.attempts("Train")) == (RUN, 3)
        del objects[marker(objects)]
    execution = simulate(MACHINE, {"Train: run": returns({"TrainingTimeInSeconds": 5})}, objects=objects)
    assert execution.output["Train"]["TrainingTimeInSeconds"] == 5


def test_a_step_in_s3_can_be_scripted(objects: SimulatedObjects) -> None:
    """By its own name, as any other state."""
    denied = raises("S3.S3Exception", "Access Denied")
    execution = simulate(MACHINE, {"Train: look up": denied}, objects=objects)
    assert (execution.error, execution.attempts("Train")) == ("S3.S3Exception", 0)
    simulate(MACHINE, objects=objects)
    execution = simulate(MACHINE, {"Train: list": returns({"Contents": []})}, objects=objects)
    assert steps(execution) == RUN


def test_without_objects_each_simulation_has_its_own() -> None:
    """Empty at first: the job runs each time, and finds its own marker in a later state of the same execution."""
    assert steps(simulate(MACHINE)) == RUN
    assert steps(simulate(MACHINE)) == RUN
    twice = simulate(machine(First=cached(name="First"), Second=cached(name="Second")))
    assert twice.paths("Second") == (tuple(f"Second: {step}" for step in HIT),)


def test_an_uncached_call_of_s3_beside_a_cached_job_needs_an_outcome() -> None:
    """Only a cached job's own steps have a store without objects=."""
    definition = machine(Train=cached(), List=s3("listObjectsV2", {"Bucket": "b"}))
    assert simulate(definition, {"List": returns({"KeyCount": 0})}).output == {"KeyCount": 0}
    with pytest.raises(SimulationError, match="List calls aws-sdk:s3:listObjectsV2"):
        simulate(definition)


@pytest.mark.parametrize("mode", [None, "DISTRIBUTED"])
def test_cached_jobs_in_a_map_have_the_same_store(mode: str | None, objects: SimulatedObjects) -> None:
    """One iteration after the other: the first runs the job."""
    config = {"ProcessorConfig": {"Mode": mode, "ExecutionType": "STANDARD"}} if mode else {}
    each = {"Type": "Map", "ItemProcessor": {**machine(Train=cached()), **config}, "MaxConcurrency": 1}
    items = given([{"n": 1}, {"n": 2}])
    execution = simulate(machine(Items=items, Each=each), objects=objects)
    assert execution.attempts("Train") == 1
    assert [path[-1] for path in execution.paths("Train")] == ["Train: record", "Train: outputs"]
    assert [each["n"] for each in execution.output] == [1, 2]


# How a cached job is recognized.


def test_a_cached_job_stands_for_one() -> None:
    """To a user it is one state: for scripts, for the events of a local run, and for its options."""
    for run, call in ((training(), "Train: run"), (by_cause(), "Train: start")):
        definition = machine(Train=cached(run), Done=END)
        scope = read_definition(definition)
        assert next(standing_for_one(scope)).name == "Train"
        assert Machine(definition).around[call].name == "Train"
        assert set(Machine(definition).cached) == {
            f"Train: {step}" for step in ("list", "look up", "outputs", "again", "record", "winner")
        }
        folding = Folding(definition)
        assert {folding.outer[name] for name in Machine(definition).states if name.startswith("Train: ")} == {"Train"}
        assert plan(definition, Part(given={"Train": "folder"})).given == {call: "folder"}
        assert plan(definition, Part(debug="Train")).debugged == [call]


def test_other_parallels_of_one_branch_are_no_cached_jobs() -> None:
    """One that copies a job's output, one whose look-up has no Catch, one with two jobs, one around a cached job."""
    copy = machine(Run=training(), Copy=s3("putObject", {"Bucket": "b", "Key": "k", "Body": {}}))
    careless, two, around = cached(), cached(), {"Branches": [machine(Train=cached())]}
    del careless["Branches"][0]["States"]["Train: look up"]["Catch"]
    two["Branches"][0]["States"]["Train: other"] = training(End=True)
    for other in ({"Branches": [copy]}, careless, two, around, {"Branches": [machine(Done=END), machine(D=END)]}):
        scope = read_definition(machine(Other={"QueryLanguage": "JSONata", **other, "Type": "Parallel"}))
        assert cache_steps(scope.states["Other"]) == []
        assert scope.states["Other"] not in list(standing_for_one(scope))


def test_a_cached_job_uses_the_data_of_its_job() -> None:
    """The members of its input that the job reads, though other states come before; not those of its own steps."""
    job = training()
    job["Arguments"]["HyperParameters"] = {"depth": "{% $states.input.depth %}"}
    state = cached(job, Catch=[catcher("Done", "States.ALL")])
    state["Branches"][0]["States"]["Train: list"]["Arguments"]["Prefix"] = "{% $states.input.prefix %}"
    use = use_of("Train", state, Language.JSONATA)
    assert use.members == {"depth"}
    assert use.places == {PLACE.rstrip("/")}
    assert BUCKET not in use.texts
