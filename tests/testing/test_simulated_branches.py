"""States inside Parallel and Map."""

from __future__ import annotations

from typing import Any

import pytest
from simulated_machines import call, catcher, chained, given, machine, processing, retrier

from constructs_ml.testing import Outcome, SimulationError, capacity, fails, raises, returns, simulate, throttled


def each(processor: dict[str, Any], *, distributed: bool = False, **fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} if distributed else {"Mode": "INLINE"}
    return {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **processor}, **fields}


def by_item(**outcomes: Outcome) -> Any:
    """Chooses by what the iteration's job is named after."""
    return lambda request, _attempt: outcomes.get(request["ProcessingJobName"].split("-")[0])


NAMED = processing()
NAMED["Parameters"]["ProcessingJobName.$"] = "States.Format('{}-{}', $.item, States.UUID())"
ITEMS = {"items": [{"item": "a"}, {"item": "b"}, {"item": "c"}]}
BOTH = [False, True]


def test_a_path_has_the_states_around_others_only() -> None:
    """Those inside have paths of their own, one a branch."""
    both = {
        "Type": "Parallel",
        "Branches": [machine(A=processing(), B=given(1)), machine(C=processing())],
        "ResultPath": "$.both",
    }
    execution = simulate(machine(First=given({}), Both=both, Last=given(2)))
    assert execution.path == ("First", "Both", "Last")
    assert execution.paths("Both") == (("A", "B"), ("C",))


def test_a_failing_branch_ends_the_others() -> None:
    """Their jobs are stopped at that moment."""
    both = {
        "Type": "Parallel",
        "Branches": [machine(Slow=processing(), Never=given(1)), machine(Bad=processing())],
        "Catch": [catcher("Sorry", "States.TaskFailed")],
        "End": True,
    }
    script = {"Slow": returns(after=5000), "Bad": fails("AlgorithmError: x", after=60)}
    execution = simulate(machine(Both=both, Sorry=given("sorry")), script)
    assert (execution.path, execution.waited, execution.stopped) == (("Both", "Sorry"), 60, ("Slow",))
    assert execution.paths("Both") == (("Slow",), ("Bad",))
    assert execution.outputs("Slow") == ()


@pytest.mark.parametrize("distributed", BOTH)
def test_iterations_are_scripted_by_their_requests(distributed: bool) -> None:
    """A function sees what each of them sends."""
    inside = machine(Job={**NAMED, "Catch": [catcher("Failed", "States.ALL")], "End": True}, Failed=given("failed"))
    definition = machine(Each=each(inside, distributed=distributed, ItemsPath="$.items"))
    execution = simulate(definition, {"Job": by_item(b=fails("AlgorithmError: b"))}, input=ITEMS)
    assert execution.paths("Each") == (("Job",), ("Job", "Failed"), ("Job",))
    assert execution.output[1] == "failed"
    assert execution.attempts("Job") == 3
    assert execution.attempts("Each") == 1


def test_attempts_of_an_iteration_are_its_own() -> None:
    """The number that a function gets begins anew in each."""
    inside = machine(Job={**NAMED, "Retry": [retrier("States.ALL")]})
    seen: list[tuple[str, int]] = []

    def choose(request: dict[str, Any], attempt: int) -> Outcome | None:
        seen.append((request["ProcessingJobName"][0], attempt))
        return capacity() if attempt == 1 else None

    simulate(machine(Each=each(inside, ItemsPath="$.items")), {"Job": choose}, input=ITEMS)
    assert sorted(seen) == [(item, attempt) for item in "abc" for attempt in (1, 2)]


def test_a_list_of_outcomes_goes_over_all_iterations() -> None:
    """They are used in the order of time, and of the items."""
    inside = machine(Job={**NAMED, "Retry": [retrier("States.ALL")]})
    execution = simulate(machine(Each=each(inside, ItemsPath="$.items")), {"Job": throttled(2)}, input=ITEMS)
    assert [request["ProcessingJobName"][0] for request in execution.requests("Job")] == ["a", "b", "c", "a", "b"]


def test_a_failing_iteration_ends_the_others() -> None:
    """As many as run; those that wait do not begin."""
    definition = machine(Each=each(machine(Job=NAMED), ItemsPath="$.items", MaxConcurrency=2))
    script = {"Job": by_item(a=returns(after=100), b=fails("x", after=10))}
    execution = simulate(definition, script, input=ITEMS)
    assert (execution.error, execution.waited) == ("States.TaskFailed", 10)
    assert (execution.attempts("Job"), execution.stopped) == (2, ("Job",))


@pytest.mark.parametrize(("most", "seconds"), [(0, 100), (1, 300), (2, 200)])
def test_only_so_many_iterations_run_at_a_time(most: int, seconds: float) -> None:
    """The others wait."""
    definition = machine(Each=each(machine(Job=NAMED), ItemsPath="$.items", MaxConcurrency=most))
    assert simulate(definition, {"Job": returns(after=100)}, input=ITEMS).waited == seconds


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, 30),
        ({"distributed": True}, 10),
        ({"distributed": True, "MaxConcurrency": 41}, 20),
        ({"distributed": True, "MaxConcurrencyPath": "$.most"}, 30),
    ],
)
def test_an_inline_map_runs_forty_at_a_time(fields: dict[str, Any], seconds: float) -> None:
    """That is what Step Functions does; a distributed one runs many more."""
    definition = machine(Each=each(machine(Job=processing()), ItemsPath="$.items", **fields))
    given = {"items": list(range(81)), "most": 40}
    assert simulate(definition, {"Job": returns(after=10)}, input=given).waited == seconds


def test_a_distributed_map_tolerates_failures() -> None:
    """Up to its threshold, and no further."""
    fields = {"distributed": True, "ItemsPath": "$.items"}
    script = {"Job": by_item(b=fails("x"))}
    lenient = machine(Each=each(machine(Job=NAMED), ToleratedFailurePercentagePath="$.percent", **fields))
    assert simulate(lenient, script, input={**ITEMS, "percent": 40}).status == "SUCCEEDED"
    strict = simulate(lenient, script, input={**ITEMS, "percent": 10})
    assert strict.error == "States.ExceedToleratedFailureThreshold"


def test_a_distributed_map_reads_what_the_script_says() -> None:
    """Its items come from S3, where there is nothing."""
    reader = {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Parameters": {"Bucket": "b", "Prefix.$": "$.prefix"},
        "ReaderConfig": {"MaxItems": 2},
    }
    inside = each(machine(Job=given("done")), distributed=True, ItemReader=reader)
    with pytest.raises(SimulationError, match=r"Each reads its items .* script its items: \{'Each': returns"):
        simulate(machine(Each=inside), input={"prefix": "in/"})
    items = [{"Key": f"in/{name}"} for name in "abc"]
    assert simulate(machine(Each=inside), {"Each": returns(items)}, input={"prefix": "in/"}).output == ["done", "done"]
    broken = simulate(machine(Each=inside), {"Each": raises("States.ItemReaderFailed", "gone")}, input={"prefix": ""})
    assert (broken.error, broken.cause) == ("States.ItemReaderFailed", "gone")


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_distributed_map_says_where_it_wrote(language: str) -> None:
    """With a ResultWriter its results are not handed on."""
    jsonata = language == "JSONata"
    place = {"Bucket": "{% 'b' %}" if jsonata else "b", "Prefix": "out/"}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments" if jsonata else "Parameters": place}
    items = {"Items": "{% $states.input.items %}"} if jsonata else {"ItemsPath": "$.items"}
    inside = each(machine(Job=given(1)), distributed=True, ResultWriter=writer, QueryLanguage=language, **items)
    output = simulate(machine(Each=inside), input=ITEMS).output
    assert output["ResultWriterDetails"]["Bucket"] == "b"
    assert output["ResultWriterDetails"]["Key"].startswith("out/")
    assert ":mapRun:" in output["MapRunArn"]


def test_batches_are_handed_in_together() -> None:
    """An ItemBatcher makes each iteration get several items."""
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"year.$": "$.year"}}
    inside = each(machine(Job={"Type": "Pass"}), distributed=True, ItemsPath="$.items", ItemBatcher=batcher)
    assert simulate(machine(Each=inside), input={"items": [1, 2, 3], "year": 1994}).output == [
        {"BatchInput": {"year": 1994}, "Items": [1, 2]},
        {"BatchInput": {"year": 1994}, "Items": [3]},
    ]


def test_maps_sit_in_each_other() -> None:
    """Paths are those of the Map that is asked for."""
    inner = each(machine(Job=processing()), ItemsPath="$")
    execution = simulate(machine(Outer=each(machine(Inner=inner), ItemsPath="$")), input=[[1, 2], [3]])
    assert execution.paths("Outer") == (("Inner",), ("Inner",))
    assert execution.paths("Inner") == (("Job",),) * 3
    assert len(execution.output) == 2


def test_a_state_inside_may_end_an_iteration() -> None:
    """Succeed ends it, Fail fails it."""
    states = {
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.item", "StringEquals": "b", "Next": "Bad"}],
            "Default": "Good",
        },
        "Good": {"Type": "Succeed"},
        "Bad": {"Type": "Fail", "Error": "Bad", "CausePath": "$.item"},
    }
    inside = {"StartAt": "Which", "States": chained(states)}
    execution = simulate(machine(Each=each(inside, ItemsPath="$.items")), input=ITEMS)
    assert (execution.error, execution.cause) == ("Bad", "b")
    assert execution.paths("Each")[:2] == (("Which", "Good"), ("Which", "Bad"))


def test_the_order_is_the_same_in_every_run() -> None:
    """Threads take turns."""
    branches = [machine(**{f"{at}{step}": call("sns:publish") for step in "xyz"}) for at in "abcdef"]
    definition = machine(All={"Type": "Parallel", "Branches": branches})

    def run() -> list[str]:
        order: list[str] = []

        def noted(name: str) -> Any:
            def choose(_request: Any, _attempt: int) -> Outcome:
                order.append(name)
                return returns(after=1)

            return choose

        simulate(definition, {f"{at}{step}": noted(f"{at}{step}") for at in "abcdef" for step in "xyz"})
        return order

    expected = [f"{at}{step}" for step in "xyz" for at in "abcdef"]
    assert [run() for _ in range(5)] == [expected] * 5


def test_events_are_counted_as_step_functions_counts_them() -> None:
    """A distributed Map's iterations have histories of their own."""

    def events(state: dict[str, Any]) -> int:
        return simulate(machine(State=state), input=ITEMS).events

    pair = {"Type": "Parallel", "Branches": [machine(A=given(1)), machine(B=given(1))]}
    assert events(given(1)) == 2 + 2
    assert events(processing()) == 2 + 2 + 4
    assert events(pair) == 2 + 4 + 2 * 2
    assert events(each(machine(A=given(1)), ItemsPath="$.items")) == 2 + 4 + 3 * (2 + 2)
    assert events(each(machine(A=given(1)), ItemsPath="$.items", distributed=True)) == 2 + 4
