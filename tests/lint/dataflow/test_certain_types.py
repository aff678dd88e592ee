"""What expressions certainly give, and values that are of another type than their field or member takes."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import Machine, Severity, Violation, check_definition
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.shape import type_of
from constructs_ml.lint.examples import PROCESSING, TRAINING

JSONATA = {
    "$states.input.x + 1": "number",
    "-$states.input.x": "number",
    "'a' & $states.input.x": "string",
    "$states.input.x = 1": "boolean",
    "$states.input.x in [1, 2]": "boolean",
    "$states.input.a and $states.input.b": "boolean",
    "$string($states.input.x)": "string",
    "$number($states.input.x)": "number",
    "$count($states.input.x)": "number",
    "$uuid()": "string",
    "$split($states.input.x, ',')[0]": "string",
    "$states.input.x > 1 ? 'a' : 'b'": "string",
    "($y := 1; $y + 1)": "number",
    "{'a': 1}": "object",
    "true": "boolean",
    # What follows may be anything.
    "$states.input.x": "",
    "$states.input.x > 1 ? 'a' : 2": "",
    "$states.input.x > 1 ? 'a'": "",
    "['a', 'b'][$states.input.n]": "",
    "[1, 2][$ > $states.input.n]": "",
    "$lookup($states.input.x, 'a')": "",
    "$states.input.x ~> $string": "",
    "$map($states.input.x, function($v) { $v + 1 })": "",
    "$parse('1')": "",
    "($string := function($v) { 1 }; $string(2))": "",
    "$states.input.x[0]": "",
    "null": "",
    "$states.input.x.($ + 1)": "",
    "$states.input.x^(a)": "",
    "$reduce($states.input.x, function($a, $b) { $a + $b })": "",
}
JSONPATH = {
    "States.MathAdd($.x, 1)": "number",
    "States.ArrayLength($.x)": "number",
    "States.Format('{}', $.x)": "string",
    "States.JsonToString($.x)": "string",
    "States.UUID()": "string",
    "States.ArrayContains($.x, 1)": "boolean",
    "States.Array($.x)": "list",
    "$$.Execution.Name": "string",
    # What follows may be anything.
    "$.x": "",
    "$.x[0]": "",
    "$.x[*]": "",
    "$.x.length()": "",
    "States.StringToJson($.x)": "",
    "States.ArrayGetItem($.x, 0)": "",
    "States.ArrayGetItem(States.Array('a', 'b'), $.n)": "",
    "States.JsonMerge($.x, $.y, false)": "",
}


def given(state: dict[str, Any], member: str) -> str:
    """The type of what a state's field gives."""
    machine = Machine({"StartAt": "Keep", "States": {"Keep": {**state, "End": True}}})
    (facts,) = flow_of(machine).facts.values()
    return type_of(facts.gives.get(member))


@pytest.mark.parametrize(("expression", "type_"), JSONATA.items())
def test_of_jsonata_the_type_is_told_where_it_is_certain(expression: str, type_: str) -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": f"{{% {expression} %}}"}
    assert given(state, "Output") == type_


@pytest.mark.parametrize(("expression", "type_"), JSONPATH.items())
def test_of_a_path_or_a_call_likewise(expression: str, type_: str) -> None:
    assert given({"Type": "Pass", "Parameters": {"at.$": expression}}, "Parameters.at.$") == type_


def flow(first: dict[str, Any], second: dict[str, Any], language: str = "JSONPath") -> list[Violation]:
    """What is found in two states, the first of them a Pass."""
    states = {"Plan": {"Type": "Pass", **first, "Next": "Do"}, "Do": second}
    return check_definition({"QueryLanguage": language, "StartAt": "Plan", "States": states})


def job(request: dict[str, Any], api: str = "createTrainingJob", *, jsonata: bool = False) -> dict[str, Any]:
    """A Task that starts a job."""
    base = dict(PROCESSING if api == "createProcessingJob" else TRAINING)
    if jsonata:
        base = {name.removesuffix(".$"): value for name, value in base.items()}
        base = {name: "{% 'churn-' & $uuid() %}" if name.endswith("JobName") else value for name, value in base.items()}
    for name in request:
        base.pop(name.removesuffix(".$"), None)
        base.pop(f"{name}.$", None)
    body = {**base, **request}
    resource = f"arn:aws:states:::sagemaker:{api}.sync"
    return {"Type": "Task", "Resource": resource, "Arguments" if jsonata else "Parameters": body, "End": True}


SELECTED = {"ResultSelector": {"TrainingJobStatus.$": "$.TrainingJobStatus"}}
CLUSTER = {"InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a sum for a name": ({"TrainingJobName.$": "States.MathAdd($.n, 1)"}, "TrainingJobName.$", "yields a number"),
    "a text for a count": (
        {"ResourceConfig": {**CLUSTER, "InstanceCount.$": "States.Format('{}', $.n)"}},
        "ResourceConfig.InstanceCount.$",
        "yields a string, but must be a number; wrap it in States.StringToJson(…)",
    ),
    "a number of a Result for a text": (
        {"HyperParameters": {"epochs.$": "$.n"}},
        "HyperParameters.epochs.$",
        "is $.n, which yields a number, but must be a string; wrap it in States.Format('{}', …)",
    ),
    "a text of a Result for a number": (
        {"StoppingCondition": {"MaxRuntimeInSeconds.$": "$.text"}},
        "StoppingCondition.MaxRuntimeInSeconds.$",
        "yields a string",
    ),
    "a length for a hyperparameter": (
        {"HyperParameters": {"parts.$": "States.ArrayLength($.parts)"}},
        "HyperParameters.parts.$",
        "yields a number",
    ),
    "a list for a text": ({"RoleArn.$": "$.parts"}, "RoleArn.$", "yields a list, but must be a string"),
    "a text for a flag": (
        {"EnableNetworkIsolation.$": "$.text"},
        "EnableNetworkIsolation.$",
        "yields a string, but must be a boolean",
    ),
    "a text for a list": ({"InputDataConfig.$": "$.text"}, "InputDataConfig.$", "must be a list"),
    "a list for an object": ({"HyperParameters.$": "$.parts"}, "HyperParameters.$", "must be an object"),
    "an item of a list": (
        {"Tags": [{"Key": "n", "Value.$": "States.MathRandom(1, 9)"}]},
        "Tags[0].Value.$",
        "yields a number",
    ),
}
PLAN = {"Result": {"n": 3, "text": "3", "parts": ["a"], "flag": True, "object": {"a": "b"}}}


@pytest.mark.parametrize(("request_", "member", "said"), WRONG.values(), ids=WRONG)
def test_a_member_of_another_type_is_refused(request_: dict[str, Any], member: str, said: str) -> None:
    """One violation, which names the member."""
    (found,) = flow(PLAN, {**job(request_), **SELECTED})
    assert (found.rule, found.severity, found.member) == ("CML203", Severity.ERROR, f"Parameters.{member}")
    assert said in found.message


@pytest.mark.parametrize(
    ("request_", "member", "said"),
    [
        ({"TrainingJobName": "{% $states.input.n + 1 %}"}, "TrainingJobName", "wrap it in $string(…)"),
        (
            {"ResourceConfig": {**CLUSTER, "InstanceCount": "{% $string($states.input.x) %}"}},
            "ResourceConfig.InstanceCount",
            "yields a string, but must be a number; wrap it in $number(…)",
        ),
        ({"HyperParameters": {"epochs": "{% $states.input.n %}"}}, "HyperParameters.epochs", "yields a number"),
        ({"EnableNetworkIsolation": "{% 'true' %}"}, "EnableNetworkIsolation", "must be a boolean"),
        ({"HyperParameters": "{% $states.input.n %}"}, "HyperParameters", "must be an object"),
    ],
)
def test_so_it_is_in_jsonata(request_: dict[str, Any], member: str, said: str) -> None:
    state = {**job(request_, jsonata=True), "Output": "{% $states.result.TrainingJobStatus %}"}
    plan = {"Output": {"n": 3, "x": "{% $states.context.Execution.Input.x %}"}}
    (found,) = flow(plan, state, "JSONata")
    assert (found.rule, found.severity, found.member) == ("CML203", Severity.ERROR, f"Arguments.{member}")
    assert said in found.message


@pytest.mark.parametrize(
    "request_",
    [
        {"ResourceConfig": {**CLUSTER, "InstanceCount.$": "$.n"}},
        {"ResourceConfig": {**CLUSTER, "InstanceCount.$": "States.StringToJson($.text)"}},
        {"ResourceConfig": {**CLUSTER, "InstanceCount.$": "States.MathAdd($.n, 1)"}},
        {"HyperParameters.$": "$.object"},
        {"HyperParameters": {"a.$": "States.Format('{}', $.n)"}},
        {"HyperParameters": {"a.$": "States.ArrayGetItem($.parts, 0)"}},
        {"EnableNetworkIsolation.$": "$.flag"},
    ],
)
def test_the_right_type_passes(request_: dict[str, Any]) -> None:
    assert [str(item) for item in flow(PLAN, {**job(request_), **SELECTED})] == []


def test_what_the_input_may_have_instead_is_not_judged() -> None:
    """On one way a state makes it a number, on the other the execution is given it."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "Do"}], "Default": "Make"}
    states = {
        "Ask": choice,
        "Make": {"Type": "Pass", "Result": 3, "ResultPath": "$.n", "Next": "Do"},
        "Do": {**job({"HyperParameters": {"epochs.$": "$.n"}}), **SELECTED},
    }
    assert [str(item) for item in check_definition({"StartAt": "Ask", "States": states})] == []


WAIT = {"Type": "Wait", "End": True}
CALL = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Do", "End": True}
FIELDS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "seconds as a text": (
        {**WAIT, "SecondsPath": "$.text"},
        "JSONPath",
        "SecondsPath",
        "is $.text, which yields a string",
    ),
    "a time as a number": ({**WAIT, "TimestampPath": "$.n"}, "JSONPath", "TimestampPath", "must be a string"),
    "a timeout as a text": ({**CALL, "TimeoutSecondsPath": "$.text"}, "JSONPath", "TimeoutSecondsPath", "a string"),
    "a cause as a number": (
        {"Type": "Fail", "CausePath": "States.MathAdd($.n, 1)"},
        "JSONPath",
        "CausePath",
        "wrap it in States.Format('{}', …)",
    ),
    "seconds as a text in JSONata": ({**WAIT, "Seconds": "{% '60' %}"}, "JSONata", "Seconds", "wrap it in $number(…)"),
    "a timeout as a flag": (
        {**CALL, "TimeoutSeconds": "{% $states.input.n = 1 %}"},
        "JSONata",
        "TimeoutSeconds",
        "yields a boolean, but must be a number",
    ),
    "an error as a number": (
        {"Type": "Fail", "Error": "{% $states.input.n + 1 %}", "Cause": "x"},
        "JSONata",
        "Error",
        "wrap it in $string(…)",
    ),
}


@pytest.mark.parametrize(("state", "language", "member", "said"), FIELDS.values(), ids=FIELDS)
def test_a_field_of_another_type_is_refused(state: dict[str, Any], language: str, member: str, said: str) -> None:
    first = PLAN if language == "JSONPath" else {"Output": {"n": 3, "text": "3"}}
    (found,) = flow(first, state, language)
    assert (found.rule, found.severity, found.member) == ("CML115", Severity.ERROR, member)
    assert said in found.message


def chosen(condition: str) -> list[Violation]:
    """What is found in a Choice with this condition."""
    choice = {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "Done"}], "Default": "Done"}
    states = {"Ask": choice, "Done": {"Type": "Succeed"}}
    return check_definition({"QueryLanguage": "JSONata", "StartAt": "Ask", "States": states})


@pytest.mark.parametrize(
    "condition",
    [
        "{% 'yes' %}",
        "{% $states.input.x + 1 %}",
        "{% $count($states.input.x) %}",
        "{% $string($states.input.x) %}",
        "{% {'a': 1} %}",
    ],
)
def test_a_condition_that_gives_no_boolean_is_refused(condition: str) -> None:
    (found,) = chosen(condition)
    assert (found.rule, found.severity, found.member) == ("CML115", Severity.ERROR, "Choices[0].Condition")
    assert "must be true or false" in found.message


@pytest.mark.parametrize(
    "condition",
    [
        "{% $states.input.x %}",
        "{% $states.input.x > 1 %}",
        "{% $exists($states.input.x) and $not($states.input.y) %}",
        "{% $boolean($count($states.input.x)) %}",
        "{% true %}",
        "{% $states.input.x ? true : false %}",
        "{% $contains($states.input.x, 'a') or false %}",
    ],
)
def test_one_that_may_passes(condition: str) -> None:
    assert [str(item) for item in chosen(condition)] == []
