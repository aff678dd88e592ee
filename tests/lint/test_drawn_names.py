"""Names of jobs and resources: valid whatever they are put together of, and new where a second one is started."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn
from support.reports import fails

import constructs_ml as ml
from constructs_ml.lint import Severity, check_definition
from constructs_ml.lint.examples import TRAINING, call, definition

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = "a" * 28


def found(body: dict[str, Any]) -> list[tuple[str, str]]:
    named = [item for item in check_definition(body) if item.rule in {"CML307", "CML318"}]
    return [(item.rule, item.message) for item in named]


def train(name: str, *, jsonata: bool = False, **fields: Any) -> dict[str, Any]:
    """A state that starts a training job of this name."""
    member = "TrainingJobName" if jsonata or not name.startswith(("$", "States.", "'")) else "TrainingJobName.$"
    request = {key: value for key, value in TRAINING.items() if not key.startswith("TrainingJobName")}
    language = {"QueryLanguage": "JSONata"} if jsonata else {}
    payload = {"Arguments" if jsonata else "Parameters": {member: name, **request}}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
        "End": True,
        **language,
        **payload,
        **fields,
    }


WRONG: dict[str, tuple[str, str]] = {
    "an underscore": ("States.Format('churn_{}', States.UUID())", "which has no '_', got 'churn_'"),
    "an underscore at the end": ("States.Format('{}_x', $.name)", "which has no '_', got '_x'"),
    "a UUID behind much": (f"States.Format('{LONG}-{{}}', States.UUID())", "at most 63 characters, got 65 or more"),
    "two UUIDs": ("States.Format('{}{}', States.UUID(), States.UUID())", "at most 63 characters, got 72 or more"),
    "a call in a call": ("States.Format('a-{}', States.Format('b.{}', $.x))", "which has no '.', got 'b.'"),
    "a hyphen first": ("States.Format('-{}', $.name)", r"got '-a' \('a' stands for runtime values\)"),
    "a hyphen last": ("States.Format('{}-', $.name)", r"got 'a-' \('a' stands for runtime values\)"),
    "a blank": ("States.Format('my job {}', $.name)", "which has no ' '"),
    "a brace": ("States.Format('a\\{{}\\}', $.name)", "which has no '{'"),
    "the start of the execution": ("States.Format('a-{}', $$.Execution.StartTime)", "which has no '.' and ':'"),
    "the start alone": ("$$.Execution.StartTime", "which has no '.' and ':'"),
    "the time of the state": ("$$.State.EnteredTime", "which has no '.' and ':'"),
    "the execution's ARN": ("$$.Execution.Id", "which has no ':'"),
    "a text": ("'churn_1'", "which has no '_'"),
    "a text that is too long": (f"'{'a' * 64}'", "at most 63 characters, got 64"),
    "JSONata with an underscore": ("{% 'churn_' & $uuid() %}", "which has no '_'"),
    "JSONata with double quotes": ('{% "churn_" & $states.input.name %}', "which has no '_'"),
    "JSONata that is too long": (f"{{% '{LONG}' & '-' & $uuid() %}}", "at most 63 characters, got 65 or more"),
    "JSONata with the time": ("{% 'a-' & $now() %}", "which has no '.' and ':'"),
    "JSONata with the start": ("{% 'a-' & $states.context.Execution.StartTime %}", "which has no '.' and ':'"),
    "JSONata in parentheses": ("{% ('a_' & $uuid()) %}", "which has no '_'"),
    "a hash alone": ("States.Hash($$.Execution.Id, 'SHA-256')", "at most 63 characters, got 64 or more"),
    "a hash behind more": (f"States.Format('{LONG}-{{}}', States.Hash($.x, 'SHA-1'))", "got 69 or more"),
    "the state machine's ARN": ("States.Format('{}', $$.StateMachine.Id)", "which has no ':'"),
    "the role's ARN": ("$$.Execution.RoleArn", "which has no '/' and ':'"),
    "the time of a redrive": ("States.Format('a-{}', $$.Execution.RedriveTime)", "which has no '.' and ':'"),
    "JSONata with a hash": ("{% 'a-' & $hash($states.input.x, 'SHA-256') %}", "got 66 or more"),
    "JSONata in capitals": (f"{{% $uppercase('{LONG}-' & $uuid()) %}}", "got 65 or more"),
    "JSONata of ARNs in small letters": ("{% $lowercase($states.context.Execution.Id) %}", "which has no ':'"),
    "JSONata of joined texts": ("{% $join(['churn', $uuid()], '_') %}", "which has no '_'"),
    "JSONata with a time of the clock": ("{% 'a-' & $now('[Y0001]-[M01]-[D01]T[H01]:[m01]') %}", "which has no ':'"),
    "JSONata with a time of milliseconds": ("{% 'a-' & $fromMillis($millis()) %}", "which has no '.' and ':'"),
    "JSONata with a fraction": ("{% 'a-' & $random() %}", "which has no '.', got '0.5'"),
    "JSONata through $string": ("{% $string('a_' & $uuid()) %}", "which has no '_'"),
}
RIGHT = [
    "States.Format('churn-{}', States.UUID())",
    f"States.Format('{LONG[:26]}-{{}}', States.UUID())",
    "States.Format('{}-{}', $.a, $.b)",
    "States.Format('a{}', $.x)",
    "States.Format($.template, $.x)",
    "States.Hash($.x, 'SHA-1')",
    "States.ArrayGetItem(States.StringSplit('a_b', '_'), 1)",
    "States.Format('a-{}', States.MathRandom(1, 100000))",
    "$.name",
    "$.names['a_b']",
    "{% 'churn-' & $uuid() %}",
    "{% $states.input.last ? 'a_b' : 'c' %}",
    "{% $replace('a_b', '_', '-') & $uuid() %}",
    "{% $substring('a_b' & $uuid(), 3) %}",
    "{% $now('[Y0001][M01][D01][H01][m01][s01]') %}",
    "{% 'a-' & $replace($now(), /[^0-9]/, '') %}",
    "{% 'a-' & ($states.input.b = 'c_d' ? 'e' : 'f') %}",
    "{% ('a') & '-' & ($uuid()) %}",
    "{% 'a' & $states.input.'b_c' & $uuid() %}",
    "{% ($x := 'a_b'; $uuid()) %}",
    "States.Format('a-{}', States.Hash($.x, $.algorithm))",
    "{% 'a-' & $hash($states.input.x, 'MD5') %}",
    "{% $join(['churn', $uuid()], '-') %}",
    "{% $join($states.input.'a_b', '-') %}",
    "{% 'a-' & $now('[Y0001]-[M01]-[D01]') %}",
    "{% 'a-' & $fromMillis($millis(), '[Y]') %}",
    "{% 'a-' & $lowercase($states.input.name) %}",
    "{% 'a-' & $string($round($random() * 1000)) %}",
    "States.Format('{}-{}', $$.State.Name, States.UUID())",
    "States.Format('${Prefix}-{}', States.UUID())",
]


@pytest.mark.parametrize("case", WRONG)
def test_a_name_that_cannot_be_valid(case: str) -> None:
    """Whatever is put in for what is known only at run time."""
    name, said = WRONG[case]
    rules = [item for item in found(definition(Train=train(name, jsonata="{%" in name))) if item[0] == "CML318"]

    assert len(rules) == 1
    assert said.replace("\\", "") in rules[0][1].replace("\\", "")


@pytest.mark.parametrize("name", ["States.Format('{}-{}', $$.State.Name, States.UUID())", "$$.State.Name"])
def test_a_name_with_that_of_the_state(name: str) -> None:
    """It is known, blanks included."""
    rules = [item for item in found(definition(**{"Train it": train(name)})) if item[0] == "CML318"]

    assert [rule for rule, _ in rules] == ["CML318"]
    assert "which has no ' ', got 'Train it'" in rules[0][1]


@pytest.mark.parametrize("name", RIGHT)
def test_a_name_that_may_be_valid(name: str) -> None:
    """Silence where a value of the rest makes it so."""
    rules = [rule for rule, _ in found(definition(Train=train(name, jsonata="{%" in name)))]

    assert "CML318" not in rules


NAMED = {
    "sagemaker:createModel": "ModelName",
    "sagemaker:createEndpointConfig": "EndpointConfigName",
    "sagemaker:createHyperParameterTuningJob.sync": "HyperParameterTuningJobName",
    "sagemaker:createLabelingJob.sync": "LabelingJobName",
    "sagemaker:createTransformJob.sync": "TransformJobName",
    "sagemaker:createProcessingJob.sync": "ProcessingJobName",
    "aws-sdk:sagemaker:createAutoMLJobV2": "AutoMLJobName",
    "aws-sdk:sagemaker:createAutoMLJob": "AutoMLJobName",
    "aws-sdk:sagemaker:createPipeline": "PipelineName",
    "aws-sdk:sagemaker:createModel": "ModelName",
    "aws-sdk:sagemaker:createCompilationJob": "CompilationJobName",
    "aws-sdk:sagemaker:createInferenceComponent": "InferenceComponentName",
}


@pytest.mark.parametrize("integration", NAMED)
def test_a_fixed_name_in_a_workflow_that_runs_twice(integration: str) -> None:
    """Of whatever the state makes."""
    rules = found(call(integration, {NAMED[integration]: "churn"}))
    drawn = found(call(integration, {f"{NAMED[integration]}.$": "$.name"}))

    assert [rule for rule, _ in rules] == ["CML307"]
    assert "the same in every execution" in rules[0][1]
    assert drawn == []


FIXED_BUT_FINE: dict[str, dict[str, Any]] = {
    "deleted before": definition(
        Delete={
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sagemaker:deleteEndpointConfig",
            "Parameters": {"EndpointConfigName": "churn"},
            "Next": "Make",
        },
        Make=call("sagemaker:createEndpointConfig", {"EndpointConfigName": "churn"})["States"]["Call"],
    ),
    "there already, and caught": definition(
        Make={
            **call("sagemaker:createModel", {"ModelName": "churn"})["States"]["Call"],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Go"}],
        },
        Go={"Type": "Succeed"},
    ),
    "an endpoint, which is updated": call("sagemaker:createEndpoint", {"EndpointName": "churn"}),
}


@pytest.mark.parametrize("case", FIXED_BUT_FINE)
def test_a_fixed_name_that_may_be_meant(case: str) -> None:
    """What is made again is deleted before, or found there."""
    assert found(FIXED_BUT_FINE[case]) == []


RETRY = [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]


def within(kind: str, *branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    inner = {"Branches": list(branches)} if kind == "Parallel" else {"ItemProcessor": branches[0]}
    return {"Type": kind, **inner, "End": True, **fields}


def twice(*names: str, before: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Jobs in a Parallel that is tried again, each after another state."""
    branches = [
        definition(
            **({} if before is None else {f"Before{at}": {**before, "Next": f"Train{at}"}}),
            **{f"Train{at}": train(name)},
        )
        for at, name in enumerate(names)
    ]
    return definition(Both=within("Parallel", *branches, Retry=RETRY, **fields))


def each(name: str, **fields: Any) -> dict[str, Any]:
    return definition(Each=within("Map", definition(Train=train(name)), Retry=RETRY, **fields))


PASS = {"Type": "Pass"}
SAME_AGAIN: dict[str, tuple[dict[str, Any], int]] = {
    "two names of the input in a Parallel": (twice("$.one", "$.two"), 2),
    "names put together of the input": (twice("States.Format('a-{}', $.one)"), 1),
    "after a state that keeps it": (twice("$.one", before={**PASS, "Result": 1, "ResultPath": "$.other"}), 1),
    "after a wait": (twice("$.one", before={"Type": "Wait", "Seconds": 1}), 1),
    "a name of the items": (each("$.name"), 1),
    "the item in the context": (each("$$.Map.Item.Value.name"), 1),
    "the number of the item": (each("States.Format('a-{}', $$.Map.Item.Index)"), 1),
    "items that are selected": (each("$.name", ItemSelector={"name.$": "$$.Map.Item.Value.name"}), 1),
}
NEW_AGAIN: dict[str, dict[str, Any]] = {
    "drawn before": twice("$.one", before={**PASS, "Parameters": {"one.$": "States.UUID()"}}),
    "drawn into the name": twice(
        "$.one", before={**PASS, "Parameters": {"x.$": "States.UUID()"}, "ResultPath": "$.one"}
    ),
    "made by a function": twice(
        "$.one",
        before={"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:name"},
    ),
    "items with a number drawn": each("$.name", ItemSelector={"name.$": "States.Format('a-{}', States.UUID())"}),
    "a variable": twice("$name", before={**PASS, "Assign": {"name.$": "States.UUID()"}}),
    "no retry": definition(Each=within("Map", definition(Train=train("$.name")))),
    "a UUID": each("States.UUID()"),
    "a retry of something else": definition(
        Each=within("Map", definition(Train=train("$.name")), Retry=[{"ErrorEquals": ["States.Timeout"]}])
    ),
}


@pytest.mark.parametrize("case", SAME_AGAIN)
def test_a_name_of_the_input_in_a_state_that_is_tried_again(case: str) -> None:
    """It is the same at each attempt, as the input is."""
    body, times = SAME_AGAIN[case]
    rules = found(body)

    assert [rule for rule, _ in rules] == ["CML307"] * times
    assert all("the same at each attempt of Retry[0] of" in message for _, message in rules)


@pytest.mark.parametrize("case", NEW_AGAIN)
def test_a_name_that_is_new_at_each_attempt(case: str) -> None:
    """Or may be: what cannot be known is not told."""
    assert found(NEW_AGAIN[case]) == []


EXECUTION = "States.Format('a-{}', $$.Execution.Name)"
ASSIGN = {"Type": "Pass", "Assign": {"name.$": "States.UUID()"}, "Next": "Each"}
USED_TWICE: dict[str, tuple[dict[str, Any], str]] = {
    "two jobs in a row": (
        definition(One={**train(EXECUTION), "Next": "Two"}, Two=train(EXECUTION)),
        "Two: .* the same as in One",
    ),
    "two texts in a row": (
        definition(One={**train("churn"), "Next": "Two"}, Two=train("churn")),
        "Two: .* the same as in One",
    ),
    "of the execution's input": (
        definition(One={**train("$$.Execution.Input.name"), "Next": "Two"}, Two=train("$$.Execution.Input.name")),
        "Two: .* the same as in One",
    ),
    "beside each other": (
        definition(
            Both=within("Parallel", definition(One=train(EXECUTION)), definition(Two=train(EXECUTION))),
        ),
        "Two: .* the same as in One",
    ),
    "inside and after": (
        definition(
            Both={**within("Parallel", definition(One=train("churn"))), "Next": "Two"},
            Two=train("churn"),
        ),
        "Two: .* the same as in One",
    ),
    "a variable in a Map": (
        definition(Draw=ASSIGN, Each=within("Map", definition(Train=train("States.Format('a-{}', $name)")))),
        "Train: .* the same in every iteration of Each",
    ),
    "a variable of JSONata in a Map": (
        definition(Draw=ASSIGN, Each=within("Map", definition(Train=train("{% 'a-' & $name %}", jsonata=True)))),
        "Train: .* the same in every iteration of Each",
    ),
}
NOT_TWICE: dict[str, dict[str, Any]] = {
    "one of two": definition(
        Which={
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "One"}],
            "Default": "Two",
        },
        One=train(EXECUTION),
        Two=train(EXECUTION),
    ),
    "after it failed": definition(
        One={**train(EXECUTION), "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Two"}]}, Two=train(EXECUTION)
    ),
    "names of the input": definition(One={**train("$.name"), "Next": "Two"}, Two=train("$.name")),
    "of another kind": definition(
        One={**train(EXECUTION), "Next": "Two"},
        Two=call("sagemaker:createProcessingJob.sync", {"ProcessingJobName.$": EXECUTION})["States"]["Call"],
    ),
    "iterations that are executions": definition(
        Each={
            **within("Map", {**definition(One=train(EXECUTION)), "ProcessorConfig": {"Mode": "DISTRIBUTED"}}),
            "Next": "Two",
        },
        Two=train(EXECUTION),
    ),
    "a variable of the iteration": definition(
        Draw=ASSIGN,
        Each=within(
            "Map",
            definition(
                Again={"Type": "Pass", "Assign": {"name.$": "States.UUID()"}, "Next": "Train"}, Train=train("$name")
            ),
        ),
    ),
    "a variable and the item": definition(
        Draw=ASSIGN,
        Each=within("Map", definition(Train=train("States.Format('{}-{}', $name, $$.Map.Item.Index)"))),
    ),
    "a draw in a Map": definition(
        Each=within("Map", definition(Train=train("{% 'a-' & $substring($uuid(), 0, 8) %}", jsonata=True)))
    ),
    "variables that the expression defines": definition(
        Each=within("Map", definition(Train=train("{% ($name := $uuid(); $name) %}", jsonata=True)))
    ),
}


@pytest.mark.parametrize("case", USED_TWICE)
def test_a_name_that_two_jobs_of_an_execution_have(case: str) -> None:
    """The second one is refused in each execution, so it is an error."""
    body, said = USED_TWICE[case]
    errors = [item for item in check_definition(body) if item.rule == "CML307" and item.severity is Severity.ERROR]

    assert len(errors) == 1
    assert re.search(said, errors[0].message)


@pytest.mark.parametrize("case", NOT_TWICE)
def test_a_name_that_one_job_of_an_execution_has(case: str) -> None:
    """Of which another state has the same expression."""
    found = check_definition(NOT_TWICE[case])

    assert [item for item in found if item.rule == "CML307" and item.severity is Severity.ERROR] == []


# In the library's own states -----------------------------------------------------------------------------------------

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
PREFIX: dict[str, Callable[[], str]] = {
    "an underscore": lambda: f"nightly_{ml.execution_input('day')}",
    "a start that is too long": lambda: f"{'a' * 64}{ml.execution_input('day')}",
    "a time": lambda: f"a-{sfn.JsonPath.string_at('$$.Execution.StartTime')}",
    "a UUID that is too long": lambda: sfn.JsonPath.format(f"{LONG}-{{}}", sfn.JsonPath.uuid()),
}


@pytest.mark.parametrize("case", ["an underscore", "a start that is too long", "a time"])
def test_the_known_part_of_a_name_is_checked_at_once(stack: Stack, case: str) -> None:
    """A fault of the construct, with the prop."""
    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: job_name must (match|have at most)"):
        ml.ProcessingJob(stack, "Job", image=IMAGE, job_name=PREFIX[case]())


@pytest.mark.parametrize("prop", ["arguments", "environment"])
def test_other_texts_with_known_parts(stack: Stack, prop: str) -> None:
    """Their length is checked, and what characters they have is theirs."""
    known = f"a_b:{'c' * 257 if prop == 'arguments' else 'c' * 513}{ml.execution_input('x')}"
    fine = f"a_b: c{ml.execution_input('x')}"
    make = lambda at, text: ml.ProcessingJob(  # noqa: E731 - twice
        stack, f"Job{at}", image=IMAGE, **{prop: [text] if prop == "arguments" else {"A": text}}
    )

    make(0, fine)
    with pytest.raises(ml.InvalidPropsError, match=rf"{prop}.* must have at most (256|512) characters"):
        make(1, known)


@pytest.mark.needs_cdk("2.271", "acknowledgements that hold where they are made")
@pytest.mark.parametrize("where", ["job", "parallel", "neither"])
@pytest.mark.parametrize("plain", [False, True])
def test_a_name_is_acknowledged_where_the_retry_is(where: str, plain: bool) -> None:
    """On the Parallel that starts the job again, or on the job."""
    app = App()
    stack = Stack(app, "Census")
    job = ml.TrainingJob(stack, "Train", image=IMAGE, job_name=sfn.JsonPath.string_at("$$.Execution.Name"))
    both = sfn.Parallel(stack, "Both").branch(job)
    both.add_retry(errors=["States.TaskFailed"])
    if where != "neither":
        ml.acknowledge(job if where == "job" else both, "CML307", "the job is deleted before")
    ml.Workflow(stack, "Other", definition=sfn.Pass(stack, "Nothing"))
    if plain:
        sfn.StateMachine(stack, "Workflow", definition_body=sfn.DefinitionBody.from_chainable(both))
    else:
        ml.Workflow(stack, "Workflow", definition=both)

    if where == "neither":
        with fails():
            app.synth()
    else:
        app.synth()


def after_assign(given: list[Any], name: str, **fields: Any) -> list[Any]:
    """What CML307 says of a job that is named by a variable, which states before it assign."""
    language = {"QueryLanguage": "JSONata"} if "{%" in name else {}
    body = definition(Train={**train(name, jsonata=bool(language)), **fields})
    states = body["States"]
    for at, assign in enumerate(given):
        following = f"Set{at + 1}" if at + 1 < len(given) else body["StartAt"]
        states[f"Set{at}"] = {"Type": "Pass", "Assign": assign, "Next": following}
    body = {**body, **language, "StartAt": "Set0"}
    return [(item.severity, item.problem) for item in check_definition(body) if item.rule == "CML307"]


AGAIN = {"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]}


@pytest.mark.parametrize("name", ["$name", "{% $name %}"])
def test_a_variable_with_one_text_is_no_new_name(name: str) -> None:
    """In every execution, and certainly at each attempt."""
    [(severity, problem)] = after_assign([{"name": "churn"}], name)
    assert (severity, "the same in every execution" in problem) == (Severity.WARNING, True)

    [(severity, problem)] = after_assign([{"name": "churn"}, {"name": "churn"}], name, **AGAIN)
    assert (severity, "the same at each attempt of Retry[0]" in problem) == (Severity.ERROR, True)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ([{"name": "churn"}, {"name": "fraud"}], "$name"),
        ([{"name": "churn"}, {"name.$": "States.UUID()"}], "$name"),
        ([{"name": "{% $uuid() %}"}], "{% $name %}"),
        ([{"name": "${Name}"}], "$name"),
        ([{"name": "churn"}], "{% $name & $uuid() %}"),
    ],
)
def test_a_variable_that_may_differ_may_be_a_new_name(given: list[Any], name: str) -> None:
    assert after_assign(given, name) == []


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("States.Hash($$.Execution.Name, 'MD5')", 1),
        ("States.Format('churn-{}', States.Hash($$.Execution.Id, 'MD5'))", 1),
        ("{% $hash($states.context.Execution.Name, 'MD5') %}", 1),
        ("States.Hash(States.Format('{}{}', $$.Execution.Name, $.day), 'MD5')", 0),
        ("States.Format('{}-{}', States.Hash($$.Execution.Name, 'MD5'), States.UUID())", 0),
    ],
)
def test_a_hash_of_an_execution_is_the_same_when_it_is_redriven(name: str, times: int) -> None:
    found = check_definition(definition(Train=train(name, jsonata="{%" in name)))
    told = [item.problem for item in found if item.rule == "CML307"]

    assert len(told) == times
    assert all("the same when the execution is redriven, but a name can be used only once" in item for item in told)
