"""What is put right of MiniStack's interpreter, seen in simulated executions."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.testing import Execution, raises, returns, simulate


def run(states: dict[str, dict[str, Any]], given: Any = None, script: Any = None, **fields: Any) -> Execution:
    """Runs states that follow each other, but for those that say where they go."""
    names = list(states)
    definition: dict[str, Any] = {"StartAt": names[0], "States": {}, **fields}
    for name, following in zip(names, [*names[1:], None], strict=True):
        state = states[name]
        leads = state["Type"] in {"Choice", "Succeed", "Fail"} or "Next" in state or "End" in state
        definition["States"][name] = (
            state if leads else {**state, **({"Next": following} if following else {"End": True})}
        )
    return simulate(definition, script, input=given)


def choose(rule: dict[str, Any], given: Any) -> Execution:
    """A Choice between Yes and No."""
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}
    ends = {"Yes": {"Type": "Succeed"}, "No": {"Type": "Succeed"}}
    return run({"Choice": choice, **ends}, given)


CALL = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish"}
PASS = {"Type": "Pass"}


@pytest.mark.parametrize(
    "fields",
    [
        {"Parameters": {"a.$": "$.none"}},
        {"Parameters": {"a.$": "$.list[7]"}},
        {"Parameters": {"a.$": "$.null.none"}},
        {"Parameters": {"a.$": "States.Format('{}', $.none)"}},
        {"Parameters": {"a.$": "$$.Execution.None"}},
        {"Parameters": {"a.$": "$none"}},
        {"InputPath": "$.none"},
        {"OutputPath": "$.none"},
    ],
)
def test_a_path_that_leads_nowhere_ends_the_execution(fields: dict[str, Any]) -> None:
    """It is not taken for null, and no Catch catches it."""
    execution = run({"Pass": {**PASS, **fields}}, {"list": [1], "null": None})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")


def test_a_result_selector_that_leads_nowhere_ends_the_execution() -> None:
    """Though the call succeeded, and all errors are caught."""
    state = {**CALL, "ResultSelector": {"a.$": "$.none"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "After"}]}
    execution = run({"Call": state, "After": PASS}, script={"Call": returns({"b": 1})})
    assert (execution.error, execution.path) == ("States.Runtime", ("Call",))
    assert "'$.none' could not be found in the input '{\"b\": 1}'" in (execution.cause or "")


def test_null_is_a_value() -> None:
    """A path may lead to it."""
    state = {**PASS, "Parameters": {"a.$": "$.null", "b.$": "$.list[*].x"}}
    assert run({"Pass": state}, {"null": None, "list": []}).output == {"a": None, "b": []}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$['Create Model']", {"kept": 1, "Create Model": "r"}),
        ("$.a['b c'].d", {"kept": 1, "a": {"b c": {"d": "r"}}}),
        ("$['kept']", {"kept": "r"}),
        ("$.a.b", {"kept": 1, "a": {"b": "r"}}),
        ("$", "r"),
        (None, {"kept": 1}),
    ],
)
def test_a_result_is_put_where_its_path_says(path: str | None, expected: Any) -> None:
    """Names may stand in brackets."""
    assert run({"Pass": {**PASS, "Result": "r", "ResultPath": path}}, {"kept": 1}).output == expected


def test_a_result_needs_an_object_to_be_put_into() -> None:
    """Another input fails the state."""
    assert run({"Pass": {**PASS, "Result": "r", "ResultPath": "$.a"}}, [1]).error == "States.ResultPathMatchFailure"


@pytest.mark.parametrize(
    ("rule", "given", "path"),
    [
        ({"Variable": "$.a", "IsPresent": True}, {"a": None}, "Yes"),
        ({"Variable": "$.a", "IsPresent": True}, {}, "No"),
        ({"Variable": "$.a", "IsPresent": False}, {}, "Yes"),
        ({"Variable": "$.a", "IsNull": True}, {"a": None}, "Yes"),
        ({"Variable": "$.a", "IsNumeric": True}, {"a": True}, "No"),
        ({"Variable": "$.a", "IsNumeric": True}, {"a": 1.5}, "Yes"),
        ({"Variable": "$.a", "StringLessThanPath": "$.b"}, {"a": "a", "b": "b"}, "Yes"),
        ({"Variable": "$.a", "StringGreaterThanEqualsPath": "$.b"}, {"a": "a", "b": "b"}, "No"),
        (
            {"Variable": "$.a", "TimestampLessThanPath": "$.b"},
            {"a": "2026-01-01T00:00:00Z", "b": "2026-01-01T00:00:00-01:00"},
            "Yes",
        ),
        ({"Variable": "$.a", "NumericEqualsPath": "$.b"}, {"a": 1, "b": 1}, "Yes"),
        ({"Variable": "$.a", "BooleanEqualsPath": "$.b"}, {"a": True, "b": False}, "No"),
        ({"Variable": "$.a", "StringMatches": "model-*.tar"}, {"a": "model-1.2.tar"}, "Yes"),
        ({"Variable": "$.a", "StringMatches": "model-\\*.tar"}, {"a": "model-1.tar"}, "No"),
        ({"Variable": "$.a", "StringMatches": "model-\\*.tar"}, {"a": "model-*.tar"}, "Yes"),
        ({"Variable": "$.a", "StringMatches": "a.c"}, {"a": "abc"}, "No"),
        ({"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "NumericGreaterThan": 3}]}, {}, "No"),
        ({"Not": {"Variable": "$.a", "StringEquals": "x"}}, {"a": "y"}, "Yes"),
    ],
)
def test_a_choice_compares(rule: dict[str, Any], given: Any, path: str) -> None:
    """With values and with what paths lead to."""
    assert choose(rule, given).path == ("Choice", path)


@pytest.mark.parametrize("rule", [{"StringEquals": "x"}, {"IsNull": True}, {"IsString": False}, {"NumericLessThan": 1}])
def test_a_choice_needs_what_it_compares(rule: dict[str, Any]) -> None:
    """Only whether something is there can be asked of what is not."""
    assert choose({"Variable": "$.none", **rule}, {}).error == "States.Runtime"


def test_variables_are_assigned_and_read_in_jsonpath() -> None:
    """By every type of state that can, of what its paths lead into."""
    each = {
        "Type": "Map",
        "ItemsPath": "$.list",
        "ItemProcessor": {"StartAt": "I", "States": {"I": {**PASS, "End": True}}},
    }
    both = {"Type": "Parallel", "Branches": [{"StartAt": "P", "States": {"P": {**PASS, "End": True}}}]}
    rule = {"Variable": "$pass", "NumericEquals": 7, "Next": "Call", "Assign": {"choice.$": "$.list[0]"}}
    states = {
        "Pass": {**PASS, "Parameters": {"n": 7}, "ResultPath": "$.pass", "Assign": {"pass.$": "$.n"}},
        "Wait": {"Type": "Wait", "SecondsPath": "$pass", "Assign": {"wait.$": "$.list[1]"}},
        "Choice": {"Type": "Choice", "Choices": [rule], "Default": "Call"},
        "Call": {**CALL, "ResultPath": None, "Assign": {"call.$": "$.id"}, "ResultSelector": {"x.$": "$wait"}},
        "Each": {**each, "ResultPath": None, "Assign": {"each.$": "States.ArrayLength($)"}},
        "Both": {**both, "ResultPath": None, "Assign": {"both.$": "$[0].pass.n"}},
        "Bad": {**CALL, "Catch": [{"ErrorEquals": ["E"], "Next": "See", "Assign": {"caught.$": "$.Cause"}}]},
        "See": {
            **PASS,
            "Parameters": {
                f"{name}.$": f"${name}" for name in ("pass", "wait", "choice", "call", "each", "both", "caught")
            },
        },
    }
    execution = run(states, {"list": [1, 2]}, {"Call": returns({"id": "i"}), "Bad": raises("E", "why")})
    assert execution.waited == 7
    assert execution.output == {"pass": 7, "wait": 2, "choice": 1, "call": "i", "each": 2, "both": 7, "caught": "why"}


def test_a_catch_assigns_in_the_language_of_its_state() -> None:
    """Also where that is not the language of the machine."""
    catch = {"ErrorEquals": ["E"], "Next": "See", "Assign": {"caught": "{% $states.errorOutput.Cause %}", "no": ""}}
    call = {**CALL, "QueryLanguage": "JSONata", "Catch": [catch]}
    see = {**PASS, "QueryLanguage": "JSONata", "Output": "{% [$caught, $no] %}"}
    assert run({"Call": call, "See": see}, script={"Call": raises("E", "why")}).output == ["why", ""]


def test_a_choice_assigns_by_the_way_that_it_takes() -> None:
    """The state's own Assign is that of its Default."""
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "See", "Assign": {"way": "rule"}}],
        "Default": "See",
        "Assign": {"way": "default"},
    }
    see = {**PASS, "Parameters": {"way.$": "$way"}}
    assert [run({"C": choice, "See": see}, {"n": n}).output["way"] for n in (1, 2)] == ["rule", "default"]


def test_variables_are_assigned_at_once() -> None:
    """An Assign sees those from before."""
    swap = {"a": "{% $b %}", "b": "{% $a %}"}
    states = {
        "Set": {**PASS, "Assign": {"a": 1, "b": 2}},
        "Swap": {**PASS, "Assign": swap},
        "See": {**PASS, "Output": "{% [$a, $b] %}"},
    }
    assert run(states, QueryLanguage="JSONata").output == [2, 1]


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_what_a_branch_assigns_is_its_own(language: str) -> None:
    """It sees the variables around it, and the states after it do not see its own."""
    jsonata = language == "JSONata"
    read = {"Output": "{% [$around, $own] %}"} if jsonata else {"Parameters": {"a.$": "$around", "o.$": "$own"}}
    branches = [
        {
            "StartAt": f"Set{own}",
            "States": {
                f"Set{own}": {**PASS, "Assign": {"own": own}, "Next": f"Wait{own}"},
                # Both are set before either is read.
                f"Wait{own}": {"Type": "Wait", "Seconds": 10 - own, "Next": f"See{own}"},
                f"See{own}": {**PASS, **read, "End": True},
            },
        }
        for own in (1, 2)
    ]
    states = {"Set": {**PASS, "Assign": {"around": "x"}}, "Both": {"Type": "Parallel", "Branches": branches}}
    expected = [["x", 1], ["x", 2]] if jsonata else [{"a": "x", "o": 1}, {"a": "x", "o": 2}]
    assert run(states, QueryLanguage=language).output == expected
    after = {**states, "After": {**PASS, **({"Output": "{% $own %}"} if jsonata else read)}}
    failed = run(after, QueryLanguage=language)
    assert failed.error == ("States.QueryEvaluationError" if jsonata else "States.Runtime")


def test_an_iteration_of_a_distributed_map_is_an_execution_of_its_own() -> None:
    """With its name and input, and without the variables around it."""
    see = {"Type": "Pass", "Parameters": {"name.$": "$$.Execution.Name", "input.$": "$$.Execution.Input"}, "End": True}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "See", "States": {"See": see}}
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor}
    output = run({"Each": each}, {"items": ["a", "b"]}).output
    assert [seen["input"] for seen in output] == ["a", "b"]
    assert len({seen["name"] for seen in output}) == 2
    processor["States"] = {"See": {**PASS, "Parameters": {"x.$": "$around"}, "End": True}}
    assert run({"Set": {**PASS, "Assign": {"around": 1}}, "Each": each}, {"items": [1]}).status == "FAILED"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r"States.Array('it\'s', 'a\\b', 'c')", ["it's", "a\\b", "c"]),
        (r"States.Format('\{{}\} it\'s {}', $.a, 1)", "{x} it's 1"),
        ("States.Format('{} {} {}', true, null, $.list)", "true null [1, 2]"),
        ("States.Format('{}', States.Array(1, 'b'))", "[1, b]"),
        ("States.Format('{}', States.StringToJson('{\"a\": {\"b\": [null, 1.5]}}'))", "{a={b=[null, 1.5]}}"),
        ("States.MathAdd(1, 2.6)", 4),
        ("States.MathAdd(-1.5, 0)", -1),
        ("States.ArrayRange(1, 4.6, 2)", [1, 3, 5]),
        ("States.ArrayUnique(States.Array(1, true, 0, false, 1.0, 'a', 'a'))", [1, True, 0, False, "a"]),
        ("States.ArrayContains(States.Array(1, 2), true)", False),
        ("States.ArrayPartition($.list, 1.6)", [[1, 2]]),
        ("States.ArrayContains($.list, 2)", True),
        ("States.ArrayRange(1, 5, 2)", [1, 3, 5]),
        ("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
        ("States.StringToJson('{\"a\": 1}')", {"a": 1}),
    ],
)
def test_intrinsic_functions_read_escapes_and_write_json(expression: str, expected: Any) -> None:
    """As the language has it."""
    state = {**PASS, "Parameters": {"v.$": expression}}
    assert run({"Pass": state}, {"a": "x", "list": [1, 2]}).output["v"] == expected


@pytest.mark.parametrize(
    "expression",
    [
        "States.StringToJson('{')",
        "States.ArrayGetItem($, 7)",
        "States.ArrayGetItem($, -1)",
        "States.None(1)",
        "States.Format('{}')",
        "States.Format('{} {}', 1)",
        "States.Format('{}', 1, 2)",
        "States.Format('\\{}', 1)",
        "States.Format()",
        "States.Format(1)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayRange(1, 5, 0)",
        "States.ArrayRange(1, 5)",
        "States.ArrayLength('abc')",
        "States.ArrayContains('abc', 'a')",
        "States.ArrayPartition($, 0)",
        "States.JsonMerge($, $, false)",
        "States.MathAdd('1', 1)",
        "States.MathAdd(true, 1)",
        "States.StringSplit(1, ',')",
        "States.UUID(1)",
    ],
)
def test_a_function_that_fails_has_an_error_that_is_caught(expression: str) -> None:
    """Its name is known."""
    state = {
        **CALL,
        "Parameters": {"v.$": expression},
        "Catch": [{"ErrorEquals": ["States.IntrinsicFailure"], "Next": "N"}],
    }
    alone = run({"Pass": {**PASS, "Parameters": {"v.$": expression}}}, [1])
    assert alone.error == "States.IntrinsicFailure"
    assert expression in (alone.cause or "")
    caught = run({"Call": state, "N": PASS}, [1])
    assert (caught.path, caught.attempts("Call")) == (("Call", "N"), 1)


def test_a_parallel_in_jsonata_has_arguments_output_and_assign() -> None:
    """Like other states."""
    branch = {"StartAt": "B", "States": {"B": {**PASS, "Output": "{% $states.input.n + 1 %}", "End": True}}}
    both = {
        "Type": "Parallel",
        "Branches": [branch],
        "Arguments": {"n": "{% $states.input.m %}"},
        "Output": "{% {'was': $states.input.m, 'is': $states.result[0]} %}",
        "Assign": {"seen": "{% $states.result[0] %}"},
    }
    see = {**PASS, "Output": "{% $merge([$states.input, {'seen': $seen}]) %}"}
    assert run({"Both": both, "See": see}, {"m": 1}, QueryLanguage="JSONata").output == {"was": 1, "is": 2, "seen": 2}


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
def test_a_map_in_jsonata_has_items_and_output(mode: str) -> None:
    """In both modes."""
    item = {**PASS, "Output": "{% $states.input.n * 2 %}", "End": True}
    each = {
        "Type": "Map",
        "Items": "{% $states.input.list %}",
        "ItemSelector": {"n": "{% $states.context.Map.Item.Value %}"},
        "MaxConcurrency": "{% 1 + 1 %}",
        "ItemProcessor": {"ProcessorConfig": {"Mode": mode}, "StartAt": "I", "States": {"I": item}},
        "Output": "{% {'all': $states.result} %}",
        "Assign": {"first": "{% $states.result[0] %}"},
    }
    see = {**PASS, "Output": "{% $merge([$states.input, {'first': $first}]) %}"}
    output = run({"Each": each, "See": see}, {"list": [1, 2, 3]}, QueryLanguage="JSONata").output
    assert output == {"all": [2, 4, 6], "first": 2}


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
def test_the_items_of_a_map_are_a_list_or_an_object(mode: str) -> None:
    """Anything else ends the execution."""
    processor = {"ProcessorConfig": {"Mode": mode}, "StartAt": "I", "States": {"I": {**PASS, "End": True}}}
    execution = run({"Each": {"Type": "Map", "ItemsPath": "$.one", "ItemProcessor": processor}}, {"one": "text"})
    assert execution.error == "States.Runtime"
    assert "must" in (execution.cause or "")


@pytest.mark.parametrize(
    "state",
    [
        {**CALL, "ResultSelector": {"a.$": "$.small"}},
        {**CALL, "ResultPath": None},
        {**CALL, "QueryLanguage": "JSONata", "Output": "{% $states.result.small %}"},
    ],
)
@pytest.mark.parametrize(("size", "status"), [(262_100, "SUCCEEDED"), (262_144, "FAILED")])
def test_a_result_has_a_largest_size(state: dict[str, Any], size: int, status: str) -> None:
    """Also one of which only a part is handed on."""
    execution = run({"Call": state}, script={"Call": returns({"small": 1, "large": "x" * size})})
    assert execution.status == status
    assert execution.error == ("States.DataLimitExceeded" if status == "FAILED" else None)


def test_a_payload_has_a_largest_size() -> None:
    """What a state makes of small results counts too, in bytes."""
    states = {f"P{at}": {**PASS, "Result": "ä" * 50_000, "ResultPath": f"$.p{at}"} for at in range(3)}
    execution = run(states, {})
    assert (execution.error, execution.path) == ("States.DataLimitExceeded", ("P0", "P1", "P2"))


def test_the_context_object_is_complete() -> None:
    """It has what MiniStack leaves out."""
    paths = ("Execution.RedriveCount", "Execution.RoleArn", "StateMachine.Name", "State.RetryCount")
    state = {**PASS, "Parameters": {f"{path}.$": f"$$.{path}" for path in paths}}
    assert run({"Pass": state}).output["State.RetryCount"] == 0


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        (3, "SUCCEEDED"),
        (0, "SUCCEEDED"),
        ("3", "FAILED"),
        (1.5, "FAILED"),
        (-1, "FAILED"),
        (True, "FAILED"),
        (None, "FAILED"),
    ],
)
def test_a_path_to_seconds_leads_to_an_integer(seconds: Any, status: str) -> None:
    """Anything else ends the execution."""
    execution = run({"Wait": {"Type": "Wait", "SecondsPath": "$.s"}}, {"s": seconds})
    assert (execution.status, execution.error) == (status, None if status == "SUCCEEDED" else "States.Runtime")
    assert execution.waited == (seconds if status == "SUCCEEDED" else 0)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("2026-01-01T00:00:00Z", "Yes"),
        ("2026-01-01T00:00:00.123456789+01:30", "Yes"),
        ("2026-01-01", "No"),
        ("2026-01-01T00:00:00", "No"),
        ("2026-01-01 00:00:00Z", "No"),
        ("2026-13-01T00:00:00Z", "No"),
        ("20260101T000000Z", "No"),
        (7, "No"),
    ],
)
def test_a_timestamp_has_a_time_and_a_zone(text: Any, path: str) -> None:
    """RFC 3339 with a T."""
    assert choose({"Variable": "$.t", "IsTimestamp": True}, {"t": text}).path == ("Choice", path)
    if path == "No":
        assert run({"Wait": {"Type": "Wait", "TimestampPath": "$.t"}}, {"t": text}).error == "States.Runtime"


@pytest.mark.parametrize("fields", [{}, {"Cause": "why"}])
def test_a_fail_without_a_name_has_none(fields: dict[str, Any]) -> None:
    """None is made up; all errors catch it."""
    fail = {"Type": "Fail", **fields}
    execution = run({"Fail": fail})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", None, fields.get("Cause", ""))
    both = {
        "Type": "Parallel",
        "Branches": [{"StartAt": "F", "States": {"F": fail}}],
        "Catch": [{"ErrorEquals": ["States.Fail"], "Next": "Bad"}, {"ErrorEquals": ["States.ALL"], "Next": "Good"}],
    }
    states = {"Both": both, "Bad": {"Type": "Succeed"}, "Good": {"Type": "Succeed"}}
    assert run(states).output == {"Error": "", "Cause": fields.get("Cause", "")}
    assert run(states).path == ("Both", "Good")


def test_a_succeed_and_a_default_in_jsonata_have_an_output() -> None:
    """Which sees the variables from before."""
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.n = 1 %}", "Next": "End", "Output": "{% 'rule' %}"}],
        "Default": "End",
        "Assign": {"x": 2},
        "Output": "{% 'default ' & $x %}",
    }
    end = {"Type": "Succeed", "Output": "{% [$states.input, $x] %}"}
    states = {"Set": {**PASS, "Assign": {"x": 1}}, "Choice": choice, "End": end}
    assert run(states, {"n": 1}, QueryLanguage="JSONata").output == ["rule", 1]
    execution = run(states, {"n": 2}, QueryLanguage="JSONata")
    assert execution.output == ["default 1", 2]
    assert execution.outputs("End") == (["default 1", 2],)


def test_the_output_of_a_succeed_can_fail() -> None:
    """As that of other states; also inside of a branch, and in a state of another language than the machine's."""
    end = {"Type": "Succeed", "QueryLanguage": "JSONata", "Output": "{% $states.input.none %}"}
    execution = run({"End": end}, {})
    assert (execution.error, execution.errors("End")) == (
        "States.QueryEvaluationError",
        ("States.QueryEvaluationError",),
    )
    both = {"Type": "Parallel", "Branches": [{"StartAt": "End", "States": {"End": {**end, "Output": "{% 7 %}"}}}]}
    assert run({"Both": both}, {}).output == [7]


@pytest.mark.parametrize("condition", ["{% 1 %}", "{% 'true' %}", "{% [true] %}", "{% null %}", "true", "{% $none %}"])
def test_a_condition_is_a_boolean(condition: str) -> None:
    """Nothing else is taken for one."""
    choice = {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "End"}], "Default": "End"}
    execution = run({"Choice": choice, "End": {"Type": "Succeed"}}, QueryLanguage="JSONata")
    assert execution.error == "States.QueryEvaluationError"


def test_a_choice_of_another_language_assigns() -> None:
    """Its rules are in its own."""
    rule = {"Condition": "{% true %}", "Next": "See", "Assign": {"x": "{% 7 %}"}}
    choice = {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [rule], "Default": "See"}
    assert run({"Choice": choice, "See": {**PASS, "Parameters": {"x.$": "$x"}}}).output == {"x": 7}


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_map_goes_through_an_object(mode: str, language: str) -> None:
    """Each pair is an item; the context object has its key and its value."""
    jsonata = language == "JSONata"
    processor = {"ProcessorConfig": {"Mode": mode}, "StartAt": "I", "States": {"I": {**PASS, "End": True}}}
    each: dict[str, Any] = {"Type": "Map", "ItemProcessor": processor}
    each |= {"Items": "{% $states.input.o %}"} if jsonata else {"ItemsPath": "$.o"}
    given = {"o": {"a": 1, "b": [2]}}
    assert run({"Each": each}, given, QueryLanguage=language).output == [
        {"Key": "a", "Value": 1},
        {"Key": "b", "Value": [2]},
    ]
    each["ItemSelector"] = (
        {"k": "{% $states.context.Map.Item.Key %}", "v": "{% $states.context.Map.Item.Value %}"}
        if jsonata
        else {"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value"}
    )
    assert run({"Each": each}, given, QueryLanguage=language).output == [{"k": "a", "v": 1}, {"k": "b", "v": [2]}]
    assert run({"Each": each}, {"o": {}}, QueryLanguage=language).output == []


def test_a_result_is_not_put_into_a_text() -> None:
    """Nor into a number; null is made an object."""
    state = {**PASS, "Result": 1, "ResultPath": "$.a.b"}
    assert run({"Pass": state}, {"a": "text"}).error == "States.ResultPathMatchFailure"
    assert run({"Pass": state}, {"a": None}).output == {"a": {"b": 1}}
