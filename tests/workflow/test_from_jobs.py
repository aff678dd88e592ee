"""A workflow whose order follows from the data runs each job once, after those that it reads from, as early as it can."""

from __future__ import annotations

import random
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from support.reports import reported
from support.templates import definition, states

import constructs_ml as ml
from constructs_ml.asl.nesting import Branches, jobs_in, makespan, nest
from constructs_ml.testing import fails, returns, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs_ml.testing import Execution

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
JSONPATH, JSONATA = sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA
SIZES = (2, 3, 4, 5, 6, 8, 12, 15, 24, 40)
"""How many jobs the drawn workflows have."""
LANGUAGES = pytest.mark.parametrize("language", [JSONPATH, JSONATA], ids=["jsonpath", "jsonata"])


def prepare(scope: Any, name: str = "Prepare", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(scope, name, image=IMAGE, **{"outputs": ["train", "test"], **props})


def train(scope: Any, name: str, *data: ml.S3Data, **props: Any) -> ml.TrainingJob:
    channels = {f"c{at}": place for at, place in enumerate(data)}
    return ml.TrainingJob(scope, name, image=IMAGE, channels=channels, **props)


def tree(execution: Execution, *names: str) -> Any:
    """The states that were entered, those of the branches of an order's Parallel in its place, without those that merge."""

    def shown(name: str) -> Any:
        branches = execution.paths(name) if " and " in name else ()
        return [[shown(inner) for inner in jobs(branch)] for branch in branches] if branches else name

    def jobs(path: Sequence[str]) -> list[str]:
        return [name for name in path if not name.endswith(": results")]

    return [shown(name) for name in jobs(names or execution.path)]


def model(stack: Stack, language: sfn.QueryLanguage) -> dict[str, sfn.State]:
    """Jobs of all kinds that read from each other, in no order."""
    ml.JobDefaults(query_language=language).apply_to(stack)
    first = prepare(stack)
    new = train(stack, "Train new", first.output("train"), retry=ml.RetryPolicy.by_cause())
    old = train(stack, "Old", first.output("train"))
    compare = ml.ProcessingJob(
        stack, "Compare", image=IMAGE, inputs={"a": new.model_artifacts, "b": old.model_artifacts}
    )
    made = ml.CreateModel(stack, "Model", image=IMAGE, data=new.model_artifacts)
    score = ml.TransformJob(stack, "Score", model=made, data=first.output("test"))
    config = ml.CreateEndpointConfig(stack, "Config", model=made)
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_config=config)
    return {job.node.id: job for job in (deploy, config, score, made, compare, old, new, first)}


@LANGUAGES
def test_the_order_follows_from_outputs_and_results(stack: Stack, app: App, language: sfn.QueryLanguage) -> None:
    """Jobs, models, endpoints: whatever the order of the list; and each finds what it reads, so that nothing is found."""
    jobs = model(stack, language)
    workflow = ml.Workflow.from_jobs(
        stack, "W", jobs=list(jobs.values()), after={jobs["Deploy"]: [jobs["Compare"]]}, query_language=language
    )
    execution = simulate(workflow, input={"day": "2026-01-01"})
    assert execution.status == "SUCCEEDED"
    assert tree(execution) == [
        "Prepare",
        [["Train new", "Model"], ["Old"]],
        [[[["Config"], ["Compare"]], "Deploy"], ["Score"]],
    ]
    assert set(execution.output) == {"day", *jobs}
    assert execution.output["Deploy"]["EndpointStatus"] == "InService"
    assert execution.requests("Score")[0]["ModelName"] == execution.output["Model"]["ModelName"]
    assert reported(app) == []
    assert {call.node.id for call in workflow.calls if not call.is_part} == set(jobs)


def _drawn(seed: int) -> list[set[int]]:
    """Who reads from whom, of 2 to 40 jobs; every second time as a tree of chains and branches."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    size = SIZES[seed]
    if seed % 2:
        # Each job reads from one other: a forest is series-parallel.
        return [{chance.randrange(job)} if job and chance.random() < 0.8 else set() for job in range(size)]
    return [{chance.randrange(job) for _ in range(chance.choice([0, 1, 2]))} if job else set() for job in range(size)]


@pytest.fixture(scope="module")
def drawn() -> list[tuple[int, list[set[int]], dict[str, Any]]]:
    """The definitions of drawn workflows, of one synthesis."""
    app = App(analytics_reporting=False)
    stack = Stack(app, "Drawn")
    machines = []
    for seed in range(len(SIZES)):
        before = _drawn(seed)
        made: list[ml.ProcessingJob] = []
        for job, reads in enumerate(before):
            inputs = {f"i{other}": made[other].output("o") for other in sorted(reads)}
            made.append(prepare(stack, f"M{seed}J{job}", inputs=inputs, outputs=["o"]))
        jobs = random.Random(seed).sample(made, len(made))  # noqa: S311 - no secret
        language = JSONATA if seed % 3 == 0 else JSONPATH
        machines.append((seed, before, ml.Workflow.from_jobs(stack, f"W{seed}", jobs=jobs, query_language=language)))
    template = app.synth().get_stack_by_name("Drawn").template
    return [
        (seed, before, definition(template, stack.get_logical_id(workflow.node.default_child)))
        for seed, before, workflow in machines
    ]


def test_drawn_workflows_run_each_job_once_and_in_order_and_early(drawn: list[Any]) -> None:
    """Over drawn durations, the longest ten times the shortest: forests take as long as their critical path."""
    ratios = []
    for seed, before, body in drawn:
        chance = random.Random(seed)  # noqa: S311 - no secret
        took = [chance.randint(60, 600) for _ in before]
        names = [f"M{seed}J{job}" for job in range(len(before))]
        execution = simulate(body, {name: returns(after=time) for name, time in zip(names, took, strict=True)})
        assert execution.status == "SUCCEEDED"
        assert [execution.attempts(name) for name in names] == [1] * len(before)
        assert set(execution.output) == set(names)
        ends: list[int] = []
        for reads, time in zip(before, took, strict=True):
            ends.append(time + max((ends[other] for other in reads), default=0))
        # A job that reads finds the results of those before it in its input, so they have ended.
        for name, reads in zip(names, before, strict=True):
            assert {f"M{seed}J{other}" for other in reads} <= set(execution.outputs(name)[0])
        ratios.append(execution.waited / max(ends))
        assert ratios[-1] == pytest.approx(1) if seed % 2 else 1 - 1e-9 <= ratios[-1] <= 1.3
    assert median(ratios) <= 1.05


def test_the_time_of_an_execution_is_that_of_the_nesting(drawn: list[Any]) -> None:
    """The figures of tests/asl/test_nesting.py are those of simulated executions."""
    for seed, before, body in drawn[:6]:
        took = [float(10 * (job % 7) + 5) for job in range(len(before))]
        execution = simulate(body, {f"M{seed}J{job}": returns(after=time) for job, time in enumerate(took)})
        order = random.Random(seed).sample(range(len(before)), len(before))  # noqa: S311 - no secret
        nesting = nest([{order.index(other) for other in before[job]} for job in order])
        assert execution.waited == pytest.approx(makespan(nesting, [took[job] for job in order]))


def test_side_by_side_costs_a_transition_for_each_parallel(stack: Stack, asl: Callable[..., Any]) -> None:
    """No state is added but a Parallel and the Pass that merges its results."""
    first = prepare(stack)
    models = [train(stack, f"T{at}", first.output("train")) for at in range(3)]
    jobs = [*models, first]
    ml.Workflow.from_jobs(stack, "W", jobs=jobs)
    written = asl(stack)
    assert set(written) == {"Prepare", "T0", "T1", "T2", "T0 and T1", "T0 and T1: results"}
    assert written["T0 and T1"]["Type"] == "Parallel"
    assert isinstance(nest([{3}, {3}, {3}, set()]).parts[1], Branches)  # type: ignore[union-attr]


def test_names_stay_when_a_job_is_added() -> None:
    """Those of the other jobs, and of the Parallels that are still there: the two that a Parallel is named after lie apart."""

    def names(*, more: bool) -> set[str]:
        stack = Stack(App(analytics_reporting=False), "Census")
        first = prepare(stack)
        one, two = (train(stack, name, first.output("train")) for name in ("One", "Two"))
        last = ml.ProcessingJob(stack, "Last", image=IMAGE, inputs={"a": one.model_artifacts, "b": two.model_artifacts})
        side = prepare(stack, "Side")
        jobs = [first, one, two, last, side]
        if more:
            jobs.append(train(stack, "Three", first.output("train")))
        ml.Workflow.from_jobs(stack, "W", jobs=jobs)
        return set(states(definition(App.of(stack).synth().get_stack_by_name("Census").template)))  # type: ignore[union-attr]

    before = names(more=False)
    pairs = {"One and Two", "Prepare and Side"}
    assert before == {"Prepare", "One", "Two", "Last", "Side", *pairs, *(f"{pair}: results" for pair in pairs)}
    after = names(more=True)
    assert before <= after
    more = {"Last and Three", "One and Three"}
    assert after - before <= {"Three", *more, *(f"{pair}: results" for pair in more)}


def test_long_names_are_cut(stack: Stack, asl: Callable[..., Any]) -> None:
    """A name has at most 80 characters, and is no other state's."""
    long = [prepare(stack, f"{'A' * 60}{at}") for at in range(2)]
    ml.Workflow.from_jobs(stack, "W", jobs=[*long, prepare(stack, "B and C"), prepare(stack, "D")])
    names = set(asl(stack)) - {f"{'A' * 60}{at}" for at in range(2)} - {"B and C", "D"}
    assert [len(name) for name in names] == [80, 80]


def test_a_name_that_a_job_has_is_not_taken(stack: Stack, asl: Callable[..., Any]) -> None:
    """A Parallel's gets an ending."""
    ml.Workflow.from_jobs(stack, "W", jobs=[prepare(stack, name) for name in ("B", "C", "B and C")])
    assert len(set(asl(stack))) == 5


@LANGUAGES
def test_other_steps_take_part(stack: Stack, app: App, language: sfn.QueryLanguage) -> None:
    """A Map whose iterations write, a state of aws-cdk-lib's that reads a result, and a job of a request."""
    ml.JobDefaults(query_language=language).apply_to(stack)
    first = prepare(stack)
    if language is JSONATA:
        items = sfn.ProvideItems.jsonata("{% $states.context.Execution.Input.parts %}")
        each = ml.Map(stack, "Each", items=items, outputs="{% $states.input %}", query_language=language)
        text = sfn.TaskInput.from_text("{% $states.input.Prepare.ProcessingJobName %}")
        tell: Any = tasks.SnsPublish.jsonata(
            stack,
            "Tell",
            topic=sns.Topic(stack, "News"),
            message=text,
            outputs="{% $merge([$states.input, {'Tell': $states.result.MessageId}]) %}",
        )
    else:
        each = ml.Map(stack, "Each", items_path="$$.Execution.Input.parts", result_path=sfn.JsonPath.DISCARD)
        text = sfn.TaskInput.from_json_path_at("$.Prepare.ProcessingJobName")
        tell = tasks.SnsPublish(stack, "Tell", topic=sns.Topic(stack, "News"), message=text, result_path="$.Tell")
    part = prepare(each, "Part", inputs={"raw": first.output("train")})
    each.item_processor(part)
    last = train(stack, "Train", each.all_of(part.output("train")))
    request = {**last.request, "HyperParameters": {"model": last.model_artifacts.location}}
    del request["TrainingJobName"]
    again = ml.TrainingJob.from_request(stack, "Again", request)
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=[again, last, tell, each, first], query_language=language)
    told = {"Tell": returns({"MessageId": "1"})}
    execution = simulate(workflow, told, input={"parts": [{"n": 1}, {"n": 2}]})
    assert execution.status == "SUCCEEDED"
    assert execution.attempts("Part") == 2
    assert execution.path[0] == "Prepare"
    assert list(execution.paths("Again and Tell")) == [("Each", "Train", "Again"), ("Tell",)]
    assert {"Prepare", "Train", "Again", "Tell"} <= set(execution.output)
    assert reported(app) == []


def test_a_place_of_ones_own_and_a_name_make_an_order(stack: Stack) -> None:
    """A job that reads what another writes to a fixed place, and one that runs a model by its name."""
    model = ml.CreateModel(stack, "Model", image=IMAGE, model_name="churn", data="s3://models/model.tar.gz")
    score = ml.TransformJob(stack, "Score", model=model, data="s3://data/in/")
    write = prepare(stack, "Write", outputs={"o": ml.S3Data.from_uri("s3://data/in/")})
    read = prepare(stack, "Read", environment={"KEY": "s3://data/in/a.csv"})
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=[score, read, model, write])
    order = str(tree(simulate(workflow)))
    assert order.index("Model") < order.index("'Score'")
    assert order.index("Write") < order.index("'Read'")


def test_a_subclass_and_props_of_a_workflow(stack: Stack) -> None:
    """It is the subclass that is made, by its constructor; an unknown prop is refused."""

    class Ours(ml.Workflow):
        def __init__(self, scope: Any, construct_id: str, **props: Any) -> None:
            props.setdefault("comment", "ours")
            super().__init__(scope, construct_id, **props)

    workflow = Ours.from_jobs(stack, "W", jobs=[prepare(stack)], timeout=Duration.hours(3))
    assert type(workflow) is Ours
    body = definition(App.of(stack).synth().get_stack_by_name("Census").template)  # type: ignore[union-attr]
    assert (body["Comment"], body["TimeoutSeconds"]) == ("ours", 10800)
    with pytest.raises(ml.InvalidPropsError, match="timeot is not a prop of Workflow; did you mean timeout"):
        Ours.from_jobs(stack, "V", jobs=[prepare(stack, "P")], timeot=Duration.hours(3))  # type: ignore[call-arg]


def test_typed_inputs_reach_every_branch(stack: Stack) -> None:
    """And no job is before another for them."""

    class Inputs(ml.ExecutionInput):
        day: str
        depth: int = 6

    first, second = (prepare(stack, name, arguments=["--day", Inputs.day]) for name in ("First", "Second"))
    last = train(stack, "Last", first.output("train"), second.output("train"), hyperparameters={"depth": Inputs.depth})
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=[first, second, last], inputs=Inputs)
    execution = simulate(workflow, input={"day": "2026-01-01"})
    assert execution.status == "SUCCEEDED"
    assert execution.path[-3:] == ("First and Second", "First and Second: results", "Last")
    assert execution.requests("Second")[0]["AppSpecification"]["ContainerArguments"] == ["--day", "2026-01-01"]
    assert execution.requests("Last")[0]["HyperParameters"]["depth"] == "6"


# Errors ----------------------------------------------------------------------------------------------------------


def test_a_failure_ends_the_workflow_and_a_catch_of_a_branch_works_in_it(stack: Stack) -> None:
    """The Fail that it leads to is the execution's; the job beside it is stopped."""
    first = prepare(stack)
    one, two = (train(stack, name, first.output("train")) for name in ("One", "Two"))
    one.add_catch(sfn.Fail(stack, "Told", error="Ours", cause="no model"), errors=["States.TaskFailed"])
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=[first, one, two])
    execution = simulate(workflow, {"One": fails("AlgorithmError: x", after=5), "Two": returns(after=60)})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Ours", "no model")
    assert execution.stopped == ("Two",)
    assert execution.waited == 5


def n_of(stack: Stack) -> dict[str, ml.ProcessingJob]:
    """Four jobs in an order that no nesting keeps."""
    a, b = prepare(stack, "A"), prepare(stack, "B")
    c = prepare(stack, "C", inputs={"a": a.output("train")})
    d = prepare(stack, "D", inputs={"a": a.output("train"), "b": b.output("train")})
    return {"A": a, "B": b, "C": c, "D": d}


@pytest.mark.parametrize("name", ["C", "D"])
def test_a_handled_error_of_a_last_job_ends_nothing_else(stack: Stack, name: str) -> None:
    """Wherever the job stands: the others run, and find their data."""
    jobs = n_of(stack)
    jobs[name].add_catch(sfn.Pass(stack, "Noted"), errors=["States.TaskFailed"])
    last = prepare(stack, "E", inputs={"b": jobs["B"].output("train")})
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=[*jobs.values(), last])
    execution = simulate(workflow, {name: fails("AlgorithmError: x")})
    assert execution.status == "SUCCEEDED"
    assert [execution.attempts(other) for other in ("A", "B", "C", "D", "E", "Noted")] == [1] * 6
    assert {"A", "B", "E"} <= set(execution.output)


@LANGUAGES
def test_what_follows_a_handled_error_in_a_chain_runs(stack: Stack, app: App, language: sfn.QueryLanguage) -> None:
    """Where only the user asks for the order: the job is in a branch of its own, and what follows is given what it was."""
    ml.JobDefaults(query_language=language).apply_to(stack)
    first, tell, last = prepare(stack, "First"), prepare(stack, "Tell"), prepare(stack, "Last")
    tell.add_catch(sfn.Pass(stack, "Noted"), errors=["States.TaskFailed"])
    after = {tell: [first], last: [tell]}
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=[first, tell, last], after=after, query_language=language)
    execution = simulate(workflow, {"Tell": fails("AlgorithmError: x")}, input={"day": "1"})
    assert execution.path == ("First", "Tell: handled", "Tell: handled: results", "Last")
    assert execution.paths("Tell: handled") == (("Tell", "Noted"), ("Tell: input",))
    assert {"day", "First", "Last"} <= set(execution.output)
    assert reported(app) == []


def test_a_handled_error_of_a_job_that_others_read_is_refused(stack: Stack) -> None:
    """They would run without its data."""
    first = prepare(stack, "First")
    first.add_catch(sfn.Pass(stack, "Noted"))
    last = prepare(stack, "Last", inputs={"x": first.output("train")})
    message = (
        "have Last, which would run without the data of First; end what the Catch of First leads to with an sfn.Fail"
    )
    with pytest.raises(ml.InvalidPropsError, match=message):
        ml.Workflow.from_jobs(stack, "W", jobs=[first, last])


REFUSED: dict[str, tuple[Callable[[Stack], dict[str, Any]], str]] = {
    "no jobs": (lambda _: {"jobs": []}, r"Census/W: jobs must be a list of at least one job, got \[\]"),
    "one job": (lambda stack: {"jobs": prepare(stack)}, "jobs must be a list of at least one job"),
    "a chain": (
        lambda stack: {"jobs": [prepare(stack, "A").next(prepare(stack, "B"))]},
        r"jobs\[0\] must be a state that others can follow, got Chain; pass jobs and other steps one by one",
    ),
    "a Fail": (
        lambda stack: {"jobs": [sfn.Fail(stack, "F")]},
        r"jobs\[0\] must be a state that others can follow, got Fail",
    ),
    "twice": (lambda stack: {"jobs": [(a := prepare(stack, "A")), a]}, r"jobs\[1\] is A, which is in jobs already"),
    "chained": (
        lambda stack: {
            "jobs": [(a := prepare(stack, "A")), prepare(stack, "B")],
            "after": a.next(prepare(stack, "C")) and {},
        },
        r"jobs have A, which leads to C already; leave out its next\(\.\.\.\)",
    ),
    "after": (
        lambda stack: {"jobs": [(a := prepare(stack, "A"))], "after": {a: [prepare(stack, "B")]}},
        "after names B, which is not in jobs; add B to them",
    ),
    "after a job": (
        lambda stack: {"jobs": [(a := prepare(stack, "A")), (b := prepare(stack, "B"))], "after": {a: b}},
        r"after must be lists of jobs by jobs, .*; pass after=\{deploy: \[evaluate\]\}",
    ),
    "a cycle": (
        lambda stack: {
            "jobs": [(a := prepare(stack, "A")), train(stack, "B", a.output("train"))],
            "after": {a: [stack.node.find_child("B")]},
        },
        "jobs wait for each other: (B reads what A writes, A is after B|A is after B, B reads what A writes); leave one",
    ),
    "unknown output": (
        lambda stack: {"jobs": [train(stack, "B", prepare(stack, "A").output("train"))]},
        "Census/W: jobs have B, which reads what A writes, but not A; add A to them",
    ),
    "unknown result": (
        lambda stack: {"jobs": [prepare(stack, "C", environment={"M": train(stack, "B").result("TrainingJobName")})]},
        "jobs have C, which reads the result of B, but not B; add B to them",
    ),
    "one member": (
        lambda stack: {"jobs": [prepare(stack, name, result_path="$.x") for name in "AB"]},
        "jobs have A and B, which both put their results under 'x'; give one of them another result_path",
    ),
    "input lost": (
        lambda stack: {"jobs": [prepare(stack, "A", result_path="$")]},
        "jobs have A, which does not pass on what the others have added to its input; leave out its output_path, or",
    ),
    "input left out": (
        lambda stack: {"jobs": [prepare(stack, "A", output_path="$.A")]},
        "jobs have A, which does not pass on what the others have added",
    ),
    "variables": (
        lambda stack: {"jobs": [prepare(stack, "A", assign={"x": 1})]},
        "jobs have A, which assigns variables, and other branches do not see these; pass it on in the result",
    ),
    "a Catch to a job": (
        lambda stack: {"jobs": [prepare(stack, "A").add_catch(b := prepare(stack, "B")), b]},
        "jobs have A, whose Catch leads to B, which is one of them; give it a state of its own",
    ),
    "one handler": (
        lambda stack: {
            "jobs": [
                prepare(stack, name).add_catch(stack.node.try_find_child("F") or sfn.Fail(stack, "F")) for name in "AB"
            ]
        },
        "jobs have A and B, which run in different branches and both lead to F by their Catches; give each a state of",
    ),
    "a language": (
        lambda stack: {"jobs": [prepare(stack, "A", environment={"x": "{% 1 %}"})]},
        "Census/A: Environment cannot be written: ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_order_is_refused_by_name(stack: Stack, name: str) -> None:
    """With the jobs at fault and the fix."""
    make, message = REFUSED[name]
    with pytest.raises(ml.InvalidPropsError, match=message):
        ml.Workflow.from_jobs(stack, "W", **make(stack))


def test_a_job_is_in_one_workflow(stack: Stack) -> None:
    """Another workflow needs another job."""
    job = prepare(stack)
    ml.Workflow.from_jobs(stack, "W", jobs=[job])
    with pytest.raises(ml.InvalidPropsError, match=r"jobs\[0\] is Prepare, which is in another state machine"):
        ml.Workflow.from_jobs(stack, "V", jobs=[job])


def test_a_handler_is_not_shared_with_a_job_in_a_branch_of_its_own(stack: Stack) -> None:
    """The job that others follow after a handled error has one, though it stands in a chain."""
    first, second = prepare(stack, "First"), prepare(stack, "Second")
    noted = sfn.Pass(stack, "Noted")
    for job in (first, second):
        job.add_catch(noted)
    message = "have First and Second, which run in different branches and both lead to Noted by their Catches"
    with pytest.raises(ml.InvalidPropsError, match=message):
        ml.Workflow.from_jobs(stack, "W", jobs=[first, second], after={second: [first]})


def test_a_handler_of_one_branch_may_be_shared(stack: Stack) -> None:
    """Jobs of a chain lead to one state, as in a definition that is written by hand."""
    failed = sfn.Fail(stack, "Failed")
    jobs = [prepare(stack, "A")]
    for name in "BC":
        jobs.append(prepare(stack, name, inputs={"x": jobs[-1].output("train")}))
    for job in jobs:
        job.add_catch(failed)
    workflow = ml.Workflow.from_jobs(stack, "W", jobs=jobs)
    assert simulate(workflow, {"C": fails("ClientError: x")}).path == ("A", "B", "C", "Failed")
    assert all(first.node.id < second.node.id for first, second in pairwise(jobs))
    assert list(jobs_in(nest([set(), {0}, {1}]))) == [0, 1, 2]
