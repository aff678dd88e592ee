"""ReadMetrics: what it asks of S3, what its role may, and what is wrong with props."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.templates import statements

import constructs_ml as ml
from constructs_ml.testing import reports, simulate

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
SHAPE = {"accuracy": float, "label": str, "fair": bool, "errors": {"false.negatives": int, "rate": float}}
GOOD = {"accuracy": 0.93, "label": "good", "fair": True, "errors": {"false.negatives": 2, "rate": 0.1}}


def evaluate(stack: Stack, **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, "Evaluate", image=IMAGE, outputs=["report"], **props)


def read(stack: Stack, source: Any = "s3://data/reports/", **props: Any) -> ml.metrics.ReadMetrics:
    props = {"file": "metrics.json", "shape": SHAPE, **props}
    return ml.metrics.ReadMetrics(stack, "Metrics", source=source, **props)


def refused(stack: Stack, source: Any = "s3://data/reports/", **props: Any) -> str:
    with pytest.raises(ml.InvalidPropsError) as error:
        read(stack, source, **props)
    return str(error.value)


def test_it_is_one_state_in_jsonata_that_asks_for_the_beginning(stack: Stack, asl: Callable[..., Any]) -> None:
    """In a machine of either language; the key has what only an execution knows."""
    job = evaluate(stack)
    state = asl(stack, job.next(read(stack, job.output("report"))))["Metrics"]
    assert (state["Type"], state["QueryLanguage"]) == ("Task", "JSONata")
    assert state["Resource"].endswith(":states:::aws-sdk:s3:getObject")
    assert state["Arguments"]["Range"] == "bytes=0-32767"
    assert state["Arguments"]["Key"].endswith(
        "/Evaluate/report/' & $states.context.Execution.Name & '/metrics.json' %}"
    )
    assert "Parameters" not in state


@pytest.mark.parametrize(
    ("source", "props", "key"),
    [
        ("s3://data/reports", {}, "reports/metrics.json"),
        ("s3://data/reports/metrics.json", {"file": None}, "reports/metrics.json"),
        ("s3://data/reports/", {"file": "a/b.json"}, "reports/a/b.json"),
        ("s3://data/{% $states.input.day %}/", {}, "{% ($states.input.day) & '/metrics.json' %}"),
        ("s3://data/in/", {"file": "{% $states.input.day %}"}, "{% 'in/' & ($states.input.day) %}"),
    ],
)
def test_the_object_is_the_file_in_the_source(
    stack: Stack, asl: Callable[..., Any], source: str, props: dict[str, Any], key: str
) -> None:
    arguments = asl(stack, read(stack, source, **props))["Metrics"]["Arguments"]
    assert (arguments["Bucket"], arguments["Key"]) == ("data", key)


def test_a_uri_that_only_an_execution_knows_is_taken_apart(stack: Stack) -> None:
    """Its bucket and its key are those of the URI."""
    place = ml.S3Data.from_uri("{% $states.input.place %}", within=["s3://data/reports/"])
    workflow = ml.Workflow(stack, "W", definition=read(stack, place), query_language=sfn.QueryLanguage.JSONATA)
    execution = simulate(workflow, {"Metrics": reports(GOOD)}, input={"place": "s3://data/reports/a/b"})
    (request,) = execution.requests("Metrics")
    assert (request["Bucket"], request["Key"]) == ("data", "reports/a/b/metrics.json")


def granted(stack: Stack, synth: Callable[..., Any], source: Any, **props: Any) -> list[tuple[str, list[str]]]:
    """What the role of the state machine may do with S3 and keys."""
    ml.Workflow(stack, "Workflow", definition=read(stack, source, **props))
    found = [
        (action, each["Resource"]) for each in statements(synth(stack), "WorkflowRole") for action in each["Action"]
    ]
    return [(action, resources) for action, resources in found if action.startswith(("s3:", "kms:"))]


@pytest.mark.parametrize(
    ("source", "file", "keys"),
    [
        (ml.S3Data.from_uri("s3://data/reports/"), "metrics.json", ["data/reports/metrics.json"]),
        (ml.S3Data.from_uri("s3://data/reports/m.json"), None, ["data/reports/m.json"]),
        (ml.S3Data.from_uri("s3://data/{% $states.input.day %}/"), "m.json", ["data/*/m.json"]),
        (ml.S3Data.from_uri("s3://data/in/"), "{% $states.input.day %}.json", ["data/in/*.json"]),
        (ml.S3Data.from_uri("{% $states.input.at %}", within=["s3://data/in/"]), "m.json", ["data/in/*/m.json"]),
        (ml.S3Data.from_uri("{% $states.input.at %}", within=["s3://data/in/"]), None, ["data/in/*"]),
        (
            ml.S3Data.from_uri("{% $states.input.at %}", within=["s3://data/in/", "s3://more/"]),
            "m.json",
            ["data/in/*/m.json", "more/*/m.json"],
        ),
    ],
)
def test_the_role_may_read_the_object_and_nothing_else(
    stack: Stack, synth: Callable[..., Any], source: ml.S3Data, file: str | None, keys: list[str]
) -> None:
    found = granted(stack, synth, source, file=file)
    assert {action for action, _ in found} == {"s3:GetObject"}
    assert [each for _, resources in found for each in resources] == [f"arn:aws:s3:::{key}" for key in keys]


def test_the_role_may_decrypt_with_the_key_of_the_bucket_or_of_the_output(
    stack: Stack, synth: Callable[..., Any]
) -> None:
    """Only for what it reads."""
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Reports", encryption_key=key, encryption=s3.BucketEncryption.KMS)
    found = granted(stack, synth, ml.S3Data.from_object(bucket, "m.json"), file=None)
    assert [action for action, _ in found] == ["s3:GetObject", "kms:Decrypt"]
    assert found[0][1][0].endswith("/m.json")

    other = Stack(App(analytics_reporting=False), "Other")
    job = evaluate(other, output_key=kms.Key(other, "Key"))
    state = ml.metrics.ReadMetrics(other, "Metrics", source=job.output("report"), file="m.json", shape=SHAPE)
    assert state.policies is not None
    assert [statement.actions for statement in state.policies.plain] == [("s3:GetObject",), ("kms:Decrypt",)]


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"source": "s3://data/reports/", "file": None}, "file is required, as the source is a folder"),
        ({"source": "s3://data", "file": None}, "file is required, as the source is a folder"),
        ({"file": "/metrics.json"}, "file must be a name below the source, got '/metrics.json'"),
        ({"file": ""}, "file must be a name below the source, got ''"),
        ({"source": "{% $states.input.place %}"}, "source has a location that is known only at run time"),
        ({"source": "s3://fast--use1-az4--x-s3/in/"}, "source is in a directory bucket"),
        ({"shape": {}}, "shape must declare a member, got none"),
        ({"shape": {"errors": {}}}, "shape['errors'] must declare a member, got none"),
        (
            {"shape": {"accuracy": list}},
            "shape['accuracy'] must be float, int, str, bool or a mapping of such, got list",
        ),
        ({"shape": {"it's": float}}, 'shape["it\'s"] must be a name without quotes'),
        ({"shape": {"": float}}, "shape[''] must be a name without quotes"),
        ({"shape": {"accuracy": 0.9}}, "shape['accuracy'] must be"),
        ({"shape": "accuracy"}, "shape must be a mapping"),
        ({"files": "a"}, "files is not a prop of ReadMetrics; did you mean file?"),
    ],
)
def test_what_is_wrong_is_named(stack: Stack, props: dict[str, Any], said: str) -> None:
    assert said in refused(stack, **{"source": "s3://data/reports/", **props})


def test_all_faults_are_told_at_once(stack: Stack) -> None:
    text = refused(stack, "{% $states.input.place %}", file="", shape={"a": list, "b": {"c": dict}})
    assert [line.split(" ")[1] for line in text.splitlines()] == ["file", "shape['a']", "shape['b']['c']"]


def test_a_path_that_jsonata_does_not_have_is_named(stack: Stack) -> None:
    place = ml.S3Data.from_uri(
        sfn.JsonPath.format("s3://data/{}/", sfn.JsonPath.string_at("$.day")), within=["s3://data/"]
    )
    assert "source cannot be written in JSONata" in refused(stack, place)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("acuracy", "the shape declares no acuracy; did you mean accuracy?"),
        ("errors", ""),
        ("errors.rat", "the shape declares no errors.rat; did you mean rate?"),
        ("accuracy.mean", "accuracy has no members"),
        ("xyz", "it has accuracy, label, fair, errors"),
    ],
)
def test_a_member_that_is_not_declared_is_refused(stack: Stack, name: str, said: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as error:
        read(stack).metric(name)
    assert f"metric cannot pass on {name!r}" in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda made: made.metric("label").at_least(0.9), "label: at_least needs a number, and label is a text"),
        (lambda made: made.metric("fair").above(0), "fair: above needs a number, and fair is true or false"),
        (lambda made: made.metric("accuracy").is_one_of("a"), "is_one_of needs a text, and accuracy is a number"),
        (lambda made: made.metric("accuracy").is_true(), "is_true needs true or false, and accuracy is a number"),
        (lambda made: made.metric("label").is_one_of(), "is_one_of needs a text, got none"),
        (lambda made: made.metric("accuracy").below("high"), "below must be a number or a value of a run, got 'high'"),
        (lambda made: made.metric("accuracy").at_most(True), "at_most must be a number or a value of a run, got True"),
        (lambda made: made.metric("accuracy").at_most(float("nan")), "at_most must be a number"),
    ],
)
def test_a_condition_that_does_not_fit_is_refused(stack: Stack, ask: Callable[..., Any], said: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as error:
        ask(read(stack))
    assert said in str(error.value)


PASSING = [
    (
        "at least",
        lambda made: made.metric("accuracy").at_least(0.93),
        lambda made: made.metric("accuracy").at_least(0.94),
    ),
    ("above", lambda made: made.metric("accuracy").above(0.92), lambda made: made.metric("accuracy").above(0.93)),
    ("at most", lambda made: made.metric("accuracy").at_most(0.93), lambda made: made.metric("accuracy").at_most(0.92)),
    ("below", lambda made: made.metric("accuracy").below(0.94), lambda made: made.metric("accuracy").below(0.93)),
    (
        "deep",
        lambda made: made.metric("errors.false.negatives").at_most(2),
        lambda made: made.metric("errors.rate").above(1),
    ),
    (
        "text",
        lambda made: made.metric("label").is_one_of("bad", "good"),
        lambda made: made.metric("label").is_one_of("bad"),
    ),
    (
        "true",
        lambda made: made.metric("fair").is_true(),
        lambda made: sfn.Condition.not_(made.metric("fair").is_true()),
    ),
]


@pytest.mark.parametrize("jsonata", [False, True])
@pytest.mark.parametrize(("good", "bad"), [pytest.param(good, bad, id=name) for name, good, bad in PASSING])
def test_conditions_hold_or_not_in_both_languages(stack: Stack, good: Any, bad: Any, *, jsonata: bool) -> None:
    """At the bounds too."""
    language = sfn.QueryLanguage.JSONATA if jsonata else sfn.QueryLanguage.JSON_PATH
    made = read(stack, query_language=language)
    if jsonata and bad is PASSING[-1][2]:
        bad = PASSING[0][2]  # JSONata's conditions are negated as texts
    first, second = sfn.Choice(stack, "First"), sfn.Choice(stack, "Second")
    wrong, right = sfn.Fail(stack, "Wrong"), sfn.Succeed(stack, "Right")
    definition = made.next(first.when(good(made), second.when(bad(made), wrong).otherwise(right)).otherwise(wrong))
    execution = simulate(
        ml.Workflow(stack, "W", definition=definition, query_language=language), {"Metrics": reports(GOOD)}
    )
    assert execution.path == ("Metrics", "First", "Second", "Right")


@pytest.mark.parametrize("jsonata", [False, True])
def test_a_bound_may_be_what_an_execution_decides(stack: Stack, *, jsonata: bool) -> None:
    language = sfn.QueryLanguage.JSONATA if jsonata else sfn.QueryLanguage.JSON_PATH
    bound = "{% $states.context.Execution.Input.least %}" if jsonata else ml.execution_input("least")
    made = read(stack, query_language=language)
    good = sfn.Choice(stack, "Good?").when(made.metric("accuracy").at_least(bound), sfn.Succeed(stack, "Yes"))
    definition = made.next(good.otherwise(sfn.Succeed(stack, "No")))
    workflow = ml.Workflow(stack, "W", definition=definition, query_language=language)
    for least, end in ((0.9, "Yes"), (0.95, "No")):
        assert simulate(workflow, {"Metrics": reports(GOOD)}, input={"least": least}).path[-1] == end


@pytest.mark.parametrize("jsonata", [False, True])
def test_members_are_props_of_later_states(stack: Stack, *, jsonata: bool) -> None:
    """As they are, and as texts."""
    language = sfn.QueryLanguage.JSONATA if jsonata else sfn.QueryLanguage.JSON_PATH
    ml.JobDefaults(query_language=language).apply_to(stack)
    made = read(stack)
    count, label = made.metric("errors.false.negatives"), made.metric("label")
    train = ml.TrainingJob(
        stack,
        "Train",
        image=IMAGE,
        instance_count=count.value,
        hyperparameters={"count": count.text, "label": label.value},
        tags={"label": label.text},
    )
    workflow = ml.Workflow(stack, "W", definition=made.next(train), query_language=language)
    (request,) = simulate(workflow, {"Metrics": reports(GOOD)}).requests("Train")
    assert request["ResourceConfig"]["InstanceCount"] == 2
    assert request["HyperParameters"] == {"count": "2", "label": "good"}
    assert request["Tags"] == [{"Key": "label", "Value": "good"}]


def test_a_condition_in_the_other_language_is_refused(stack: Stack) -> None:
    made = read(stack)
    good = sfn.Choice(stack, "Good?").when(made.metric("accuracy").at_least(1), sfn.Pass(stack, "Yes"))
    with pytest.raises(ml.InvalidPropsError, match="is a JSONPath condition, but the state machine is in JSONata"):
        ml.Workflow(stack, "W", definition=made.next(good), query_language=sfn.QueryLanguage.JSONATA)


def test_retries_are_those_of_reads_or_the_users(stack: Stack, asl: Callable[..., Any]) -> None:
    """What S3 refuses has one name; add_retry comes before it."""
    made = read(stack, retry=ml.RetryPolicy.none(), task_timeout=Duration.seconds(20), comment="read", state_name="R")
    state = asl(stack, made.add_retry(errors=["S3.S3Exception"], max_attempts=1))["R"]
    assert [(entry["ErrorEquals"], entry["MaxAttempts"]) for entry in state["Retry"]] == [(["S3.S3Exception"], 1)]
    assert (state["TimeoutSeconds"], state["Comment"]) == (20, "read")


def test_a_catch_goes_by_outputs_and_not_by_a_path(stack: Stack) -> None:
    made, handler = read(stack), sfn.Pass(stack, "Handler")
    with pytest.raises(ml.InvalidPropsError, match="result_path cannot be used, as the state is in JSONata"):
        made.add_catch(handler, result_path="$.error")
    made.add_catch(
        handler,
        errors=["States.QueryEvaluationError"],
        outputs="{% $merge([$states.input, {'error': $states.errorOutput.Error}]) %}",
    )
    execution = simulate(ml.Workflow(stack, "W", definition=made), {"Metrics": reports({})}, input={"kept": 1})
    assert execution.output == {"kept": 1, "error": "States.QueryEvaluationError"}


def test_it_has_no_metrics_in_cloudwatch(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match="metric_failed is not there: the call of S3 publishes none"):
        read(stack).metric_failed()


def test_a_state_in_no_workflow_is_told_of(stack: Stack, synth: Callable[..., Any]) -> None:
    """As for every state of the library."""
    read(stack)
    synth(stack)
    assert any(
        "Metrics is in no state machine" in str(entry.data) for entry in stack.node.find_child("Metrics").node.metadata
    )


@pytest.mark.parametrize("jsonata", [False, True])
def test_a_path_to_a_member_that_is_not_declared_is_found(app: App, stack: Stack, *, jsonata: bool) -> None:
    """By the checks, in what a user writes by hand."""
    language = sfn.QueryLanguage.JSONATA if jsonata else sfn.QueryLanguage.JSON_PATH
    condition = sfn.Condition.number_greater_than("$.Metrics.acuracy", 0.9)
    if jsonata:
        condition = sfn.Condition.jsonata("{% $states.input.Metrics.acuracy > 0.9 %}")
    good = sfn.Choice(stack, "Good?").when(condition, sfn.Pass(stack, "Yes")).otherwise(sfn.Pass(stack, "No"))
    ml.Workflow(stack, "W", definition=read(stack).next(good), query_language=language)
    with pytest.raises(RuntimeError, match="acuracy"):
        app.synth()
