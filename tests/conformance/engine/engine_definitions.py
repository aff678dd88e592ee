"""Hand-written definitions over each field of each state, in both query languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_ml.testing import raises, returns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CALL = "arn:aws:states:::sns:publish"
GIVEN = {
    "n": 2,
    "f": 2.5,
    "s": "text",
    "t": True,
    "nil": None,
    "o": {"a": 1, "b": {"c": [1, 2]}},
    "l": [3, 1, 2],
    "rows": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}],
    "at": "2026-01-01T00:00:10Z",
    "json": '{"k": [1, null]}',
}
"""What an execution gets, unless it is told otherwise."""


class Case(NamedTuple):
    """A definition that both engines run."""

    name: str
    definition: Mapping[str, Any]
    given: Any = GIVEN
    script: Mapping[str, Any] | None = None


def machine(states: Mapping[str, Any], *, jsonata: bool = False, **fields: Any) -> dict[str, Any]:
    """Each state leads to the next, unless it says where it goes."""
    names, wired = list(states), {}
    for name, following in zip(names, [*names[1:], None], strict=True):
        state = states[name]
        leads = state["Type"] in {"Choice", "Succeed", "Fail"} or "Next" in state or "End" in state
        wired[name] = state if leads else {**state, **({"Next": following} if following else {"End": True})}
    language = {"QueryLanguage": "JSONata"} if jsonata else {}
    return {**language, **fields, "StartAt": names[0], "States": wired}


def branch(*states: Mapping[str, Any], prefix: str = "B") -> dict[str, Any]:
    """What runs inside of a Parallel or a Map."""
    return machine({f"{prefix}{at}": state for at, state in enumerate(states)})


PASS: Mapping[str, Any] = {"Type": "Pass"}
AFTER = {"After": PASS}


def cases() -> list[Case]:
    """All of them."""
    found = [
        *passes(),
        *tasks(),
        *choices(),
        *waits(),
        *ends(),
        *parallels(),
        *maps(),
        *variables(),
        *intrinsics(),
    ]
    assert len({case.name for case in found}) == len(found)
    return found


def passes() -> Iterator[Case]:
    """Pass."""
    fields: dict[str, dict[str, Any]] = {
        "nothing": {},
        "result": {"Result": {"a": [1]}},
        "result null": {"Result": None},
        "result path": {"Result": 1, "ResultPath": "$.o.new"},
        "result path deep": {"Result": 1, "ResultPath": "$.x.y.z"},
        "result path over text": {"Result": 1, "ResultPath": "$.s.x"},
        "result path null": {"Result": 1, "ResultPath": None},
        "result path root": {"Result": 1, "ResultPath": "$"},
        "input path": {"InputPath": "$.o"},
        "input path null": {"InputPath": None},
        "input path to null": {"InputPath": "$.nil"},
        "input path missing": {"InputPath": "$.none"},
        "input path context": {"InputPath": "$$.Execution.Name"},
        "output path": {"OutputPath": "$.o.b"},
        "output path null": {"OutputPath": None},
        "output path missing": {"OutputPath": "$.none"},
        "parameters": {"Parameters": {"a": 1, "b.$": "$.o.b.c[1]", "c": {"d.$": "$.s"}, "e": [{"f.$": "$.n"}]}},
        "parameters context": {"Parameters": {"a.$": "$$.StateMachine.Name", "b.$": "$$.State.Name"}},
        "parameters all rows": {"Parameters": {"ids.$": "$.rows[*].id", "first.$": "$.rows[0].name"}},
        "parameters missing": {"Parameters": {"a.$": "$.o.none"}},
        "parameters and result path": {"Parameters": {"a.$": "$.n"}, "ResultPath": "$.p"},
        "parameters input path": {"InputPath": "$.o", "Parameters": {"a.$": "$.a", "all.$": "$"}},
        "parameters null": {"Parameters": {"a.$": "$.nil", "b": None}},
        "brackets": {"Parameters": {"a.$": "$['o']['b'].c[0]"}},
    }
    for name, each in fields.items():
        yield Case(f"pass {name}", machine({"P": {**PASS, **each}, **AFTER}))
    outputs: dict[str, Any] = {
        "text": "plain",
        "expression": "{% $states.input.o.a + 1 %}",
        "nested": {"a": ["{% $states.input.s %}", 1], "b": {"c": "{% $states.input.n * 2 %}"}},
        "null": "{% $states.input.nil %}",
        "undefined": "{% $states.input.none %}",
        "type error": "{% $states.input.s + 1 %}",
        "context": "{% $states.context.Execution.Input.n %}",
        "list": "{% $states.input.rows[id > 1] %}",
        "sequence of one": "{% $states.input.rows[id = 1].name %}",
        "empty sequence": "{% $states.input.rows[id > 5] %}",
        "object": "{% $states.input.rows{name: id} %}",
        "boolean": True,
        "no expression": "a {% 1 %}",
    }
    for name, output in outputs.items():
        yield Case(f"pass jsonata {name}", machine({"P": {**PASS, "Output": output}, **AFTER}, jsonata=True))
    yield Case("pass jsonata nothing", machine({"P": PASS}, jsonata=True))
    both = {"P": {**PASS, "QueryLanguage": "JSONata", "Output": "{% $states.input.n %}"}, **AFTER}
    yield Case("pass of another language", machine(both))


def tasks() -> Iterator[Case]:
    """Task."""
    good = {"Call": returns({"a": 1, "b": [1, 2], "c": {"d": None}})}
    task = {"Type": "Task", "Resource": CALL, "Parameters": {"m.$": "$.s"}}
    fields: dict[str, dict[str, Any]] = {
        "plain": {},
        "result path": {"ResultPath": "$.r"},
        "result path null": {"ResultPath": None},
        "result selector": {"ResultSelector": {"x.$": "$.b[1]", "y": 1, "z.$": "$.c.d"}},
        "result selector and path": {"ResultSelector": {"x.$": "$.a"}, "ResultPath": "$.o.r"},
        "result selector missing": {"ResultSelector": {"x.$": "$.none"}},
        "output path": {"OutputPath": "$.b"},
        "input path": {"InputPath": "$.o", "Parameters": {"m.$": "$.a"}},
        "timeout": {"TimeoutSeconds": 10, "HeartbeatSeconds": 5},
        "timeout path": {"TimeoutSecondsPath": "$.n"},
        "retry count": {"Parameters": {"m.$": "$$.State.RetryCount"}},
    }
    for name, each in fields.items():
        yield Case(f"task {name}", machine({"Call": {**task, **each}, **AFTER}), script=good)
    handlers: dict[str, tuple[dict[str, Any], Any]] = {
        "uncaught": ({}, raises("E.One", "why")),
        "caught all": ({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]}, raises("E.One", "why")),
        "caught task failed": (
            {"Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]},
            raises("E.One", "w"),
        ),
        "caught by name": (
            {"Catch": [{"ErrorEquals": ["Other"], "Next": "After"}, {"ErrorEquals": ["E.One"], "Next": "Caught"}]},
            raises("E.One", "why"),
        ),
        "caught result path": (
            {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]},
            raises("E.One", "why"),
        ),
        "caught result path null": (
            {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Caught"}]},
            raises("E.One", "why"),
        ),
        "not caught": ({"Catch": [{"ErrorEquals": ["Other"], "Next": "Caught"}]}, raises("E.One", "why")),
        "timeout not task failed": (
            {"Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]},
            raises("States.Timeout"),
        ),
        "retried": (
            {"Retry": [{"ErrorEquals": ["E.One"], "MaxAttempts": 2}]},
            [raises("E.One"), raises("E.One"), returns({"a": 1})],
        ),
        "retried too often": (
            {"Retry": [{"ErrorEquals": ["E.One"], "MaxAttempts": 1}]},
            [raises("E.One"), raises("E.One", "last")],
        ),
        "retry never": ({"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]}, raises("E.One", "why")),
        "retry default": ({"Retry": [{"ErrorEquals": ["States.ALL"]}]}, [raises("E.One", times=3), returns({"a": 1})]),
        "retriers count apart": (
            {
                "Retry": [
                    {"ErrorEquals": ["E.One"], "MaxAttempts": 1},
                    {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "BackoffRate": 1.5, "MaxDelaySeconds": 3},
                ],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            },
            [raises("E.One"), raises("E.Two"), raises("E.One", "end")],
        ),
    }
    for name, (each, outcome) in handlers.items():
        states = {"Call": {**task, **each}, "After": {**PASS, "End": True}, "Caught": PASS}
        yield Case(f"task {name}", machine(states), script={"Call": outcome})
    call = {
        "Type": "Task",
        "Resource": CALL,
        "Arguments": {"m": "{% $states.input.s %}", "l": ["{% $states.input.n %}"]},
    }
    jsonata: dict[str, dict[str, Any]] = {
        "plain": {},
        "no arguments": {"Arguments": {}},
        "output": {"Output": {"was": "{% $states.input.n %}", "is": "{% $states.result.a %}"}},
        "output undefined": {"Output": "{% $states.result.none %}"},
        "arguments undefined": {"Arguments": {"m": "{% $states.input.none %}"}},
        "timeout": {"TimeoutSeconds": "{% $states.input.n + 8 %}", "HeartbeatSeconds": "{% 3 %}"},
    }
    for name, each in jsonata.items():
        yield Case(f"task jsonata {name}", machine({"Call": {**call, **each}, **AFTER}, jsonata=True), script=good)
    catch = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}
    catchers: dict[str, dict[str, Any]] = {
        "catch": catch,
        "catch output": {**catch, "Output": {"e": "{% $states.errorOutput.Error %}", "n": "{% $states.input.n %}"}},
        "catch assign": {**catch, "Assign": {"e": "{% $states.errorOutput.Cause %}"}},
    }
    for name, catcher in catchers.items():
        see = {**PASS, "Output": "{% $exists($e) ? [$states.input, $e] : $states.input %}"}
        states = {"Call": {**call, "Catch": [catcher]}, "After": {**PASS, "End": True}, "Caught": see}
        yield Case(f"task jsonata {name}", machine(states, jsonata=True), script={"Call": raises("E.One", "why")})
    query = {"Call": {**call, "Arguments": "{% $states.input.none %}", "Catch": [catch]}, **AFTER, "Caught": PASS}
    query["After"] = {**PASS, "End": True}
    query["Caught"] = {**PASS, "Output": "{% $states.input.Error %}"}
    yield Case("task jsonata query error caught", machine(query, jsonata=True))
    query["Call"] = {**query["Call"], "Catch": [{**catch, "ErrorEquals": ["States.TaskFailed"]}]}
    yield Case("task jsonata query error is a failed task", machine(query, jsonata=True))


def choices() -> Iterator[Case]:
    """Choice."""
    ends = {"Yes": {"Type": "Succeed"}, "No": {"Type": "Succeed"}}
    rules: dict[str, dict[str, Any]] = {
        "StringEquals": {"Variable": "$.s", "StringEquals": "text"},
        "StringEquals number": {"Variable": "$.n", "StringEquals": "2"},
        "StringEqualsPath": {"Variable": "$.s", "StringEqualsPath": "$.rows[0].name"},
        "StringLessThan": {"Variable": "$.s", "StringLessThan": "u"},
        "StringGreaterThanEquals": {"Variable": "$.s", "StringGreaterThanEquals": "text"},
        "StringMatches": {"Variable": "$.s", "StringMatches": "t*t"},
        "StringMatches not": {"Variable": "$.s", "StringMatches": "t?xt"},
        "NumericEquals": {"Variable": "$.n", "NumericEquals": 2.0},
        "NumericEquals text": {"Variable": "$.s", "NumericEquals": 2},
        "NumericLessThan": {"Variable": "$.f", "NumericLessThan": 2.5},
        "NumericLessThanEqualsPath": {"Variable": "$.n", "NumericLessThanEqualsPath": "$.f"},
        "NumericGreaterThan": {"Variable": "$.f", "NumericGreaterThan": 2},
        "BooleanEquals": {"Variable": "$.t", "BooleanEquals": True},
        "BooleanEquals number": {"Variable": "$.n", "BooleanEquals": True},
        "BooleanEqualsPath": {"Variable": "$.t", "BooleanEqualsPath": "$.t"},
        "TimestampEquals": {"Variable": "$.at", "TimestampEquals": "2026-01-01T01:00:10+01:00"},
        "TimestampLessThan": {"Variable": "$.at", "TimestampLessThan": "2026-01-01T00:00:11Z"},
        "TimestampGreaterThanEqualsPath": {"Variable": "$.at", "TimestampGreaterThanEqualsPath": "$.at"},
        "IsNull": {"Variable": "$.nil", "IsNull": True},
        "IsNull not": {"Variable": "$.n", "IsNull": False},
        "IsPresent": {"Variable": "$.none", "IsPresent": False},
        "IsPresent null": {"Variable": "$.nil", "IsPresent": True},
        "IsNumeric": {"Variable": "$.f", "IsNumeric": True},
        "IsNumeric boolean": {"Variable": "$.t", "IsNumeric": True},
        "IsString": {"Variable": "$.n", "IsString": False},
        "IsBoolean": {"Variable": "$.t", "IsBoolean": True},
        "IsTimestamp": {"Variable": "$.at", "IsTimestamp": True},
        "IsTimestamp text": {"Variable": "$.s", "IsTimestamp": True},
        "And": {"And": [{"Variable": "$.n", "IsNumeric": True}, {"Variable": "$.n", "NumericEquals": 3}]},
        "Or": {"Or": [{"Variable": "$.n", "IsString": True}, {"Variable": "$.n", "NumericEquals": 2}]},
        "Not": {"Not": {"Variable": "$.s", "StringEquals": "x"}},
        "nested": {
            "And": [
                {"Not": {"Variable": "$.none", "IsPresent": True}},
                {"Or": [{"Variable": "$.t", "BooleanEquals": True}]},
            ]
        },
        "missing": {"Variable": "$.none", "StringEquals": "x"},
        "short circuit": {
            "And": [{"Variable": "$.none", "IsPresent": True}, {"Variable": "$.none", "NumericEquals": 1}]
        },
        "context": {"Variable": "$$.Execution.Input.n", "NumericEquals": 2},
    }
    for name, rule in rules.items():
        choice = {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}
        yield Case(f"choice {name}", machine({"Choice": choice, **ends}))
    others: dict[str, dict[str, Any]] = {
        "no default": {"Choices": [{"Variable": "$.n", "NumericEquals": 9, "Next": "Yes"}]},
        "first of two": {
            "Choices": [
                {"Variable": "$.n", "NumericEquals": 2, "Next": "No"},
                {"Variable": "$.n", "IsNumeric": True, "Next": "Yes"},
            ]
        },
        "paths": {
            "InputPath": "$.o",
            "OutputPath": "$.b",
            "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "Yes"}],
        },
    }
    for name, each in others.items():
        yield Case(f"choice {name}", machine({"Choice": {"Type": "Choice", **each}, **ends}))
    conditions: dict[str, Any] = {
        "true": "{% $states.input.n = 2 %}",
        "false": "{% $states.input.n = 3 %}",
        "literal": True,
        "number": "{% $states.input.n %}",
        "text": "{% $states.input.s %}",
        "list": "{% $states.input.l %}",
        "undefined": "{% $states.input.none %}",
        "null": "{% $states.input.nil %}",
        "error": "{% $states.input.s > 1 %}",
    }
    for name, condition in conditions.items():
        choice = {
            "Type": "Choice",
            "Choices": [
                {"Condition": condition, "Next": "Yes", "Output": {"of": "rule", "n": "{% $states.input.n %}"}}
            ],
            "Default": "No",
            "Output": {"of": "state", "n": "{% $states.input.n %}"},
        }
        yield Case(f"choice jsonata {name}", machine({"Choice": choice, **ends}, jsonata=True))
    plain = {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "Yes"}]}
    yield Case("choice jsonata no default", machine({"Choice": plain, **ends}, jsonata=True))
    yield Case("choice jsonata default", machine({"Choice": {**plain, "Default": "No"}, **ends}, jsonata=True))
    rule = {"Condition": "{% true %}", "Next": "Yes", "Assign": {"x": "{% $states.input.n + 1 %}"}}
    see = {"Yes": {**PASS, "Output": "{% $x %}"}, "No": {"Type": "Succeed"}}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "No"}
    yield Case("choice jsonata assign", machine({"Choice": choice, **see}, jsonata=True))


def waits() -> Iterator[Case]:
    """Wait."""
    fields: dict[str, dict[str, Any]] = {
        "seconds": {"Seconds": 3},
        "seconds zero": {"Seconds": 0},
        "seconds path": {"SecondsPath": "$.n"},
        "seconds path text": {"SecondsPath": "$.s"},
        "seconds path fraction": {"SecondsPath": "$.f"},
        "seconds path null": {"SecondsPath": "$.nil"},
        "seconds path missing": {"SecondsPath": "$.none"},
        "timestamp": {"Timestamp": "2026-01-01T00:00:10Z"},
        "timestamp path": {"TimestampPath": "$.at"},
        "timestamp path text": {"TimestampPath": "$.s"},
        "timestamp path missing": {"TimestampPath": "$.none"},
        "paths": {"Seconds": 1, "InputPath": "$.o", "OutputPath": "$.b"},
    }
    for name, each in fields.items():
        yield Case(f"wait {name}", machine({"Wait": {"Type": "Wait", **each}, **AFTER}))
    jsonata: dict[str, dict[str, Any]] = {
        "seconds": {"Seconds": "{% $states.input.n %}"},
        "seconds text": {"Seconds": "{% $states.input.s %}"},
        "timestamp": {"Timestamp": "{% $states.input.at %}", "Output": "{% $states.input.n %}"},
        "undefined": {"Seconds": "{% $states.input.none %}"},
    }
    for name, each in jsonata.items():
        yield Case(f"wait jsonata {name}", machine({"Wait": {"Type": "Wait", **each}, **AFTER}, jsonata=True))


def ends() -> Iterator[Case]:
    """Succeed and Fail."""
    yield Case("succeed", machine({"End": {"Type": "Succeed"}}))
    yield Case("succeed paths", machine({"End": {"Type": "Succeed", "InputPath": "$.o", "OutputPath": "$.b.c"}}))
    for name, output in {
        "text": "done",
        "expression": "{% $states.input.n %}",
        "undefined": "{% $states.input.none %}",
    }.items():
        yield Case(f"succeed jsonata {name}", machine({"End": {"Type": "Succeed", "Output": output}}, jsonata=True))
    fails: dict[str, dict[str, Any]] = {
        "full": {"Error": "E", "Cause": "why"},
        "without cause": {"Error": "E"},
        "without error": {"Cause": "why"},
        "empty": {},
        "error path": {"ErrorPath": "$.s", "CausePath": "$.rows[0].name"},
        "cause of a function": {"Error": "E", "CausePath": "States.Format('{}!', $.s)"},
        "error path number": {"ErrorPath": "$.n"},
        "error path missing": {"ErrorPath": "$.none"},
    }
    for name, each in fails.items():
        yield Case(f"fail {name}", machine({"End": {"Type": "Fail", **each}}))
    yield Case(
        "fail jsonata", machine({"End": {"Type": "Fail", "Error": "{% $states.input.s %}", "Cause": "c"}}, jsonata=True)
    )
    yield Case(
        "fail jsonata number", machine({"End": {"Type": "Fail", "Error": "{% $states.input.n %}"}}, jsonata=True)
    )


def parallels() -> Iterator[Case]:
    """Parallel."""
    one, two = (
        branch({**PASS, "Parameters": {"x.$": "$.n"}}, prefix="One"),
        branch(PASS, {"Type": "Succeed"}, prefix="Two"),
    )
    bad = branch({"Type": "Fail", "Error": "E", "Cause": "why"}, prefix="Bad")
    both = {"Type": "Parallel", "Branches": [one, two]}
    fields: dict[str, dict[str, Any]] = {
        "plain": {},
        "parameters": {"Parameters": {"n.$": "$.o.a"}},
        "input path": {"InputPath": "$.o", "Branches": [two]},
        "result path": {"ResultPath": "$.r"},
        "result selector": {"ResultSelector": {"first.$": "$[0].x"}},
        "output path": {"OutputPath": "$[0]"},
        "fails": {"Branches": [bad]},
        "caught": {"Branches": [bad], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "After", "ResultPath": "$.e"}]},
        "caught by name": {"Branches": [bad], "Catch": [{"ErrorEquals": ["E"], "Next": "After"}]},
        "retried": {"Branches": [bad], "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]},
    }
    for name, each in fields.items():
        yield Case(f"parallel {name}", machine({"Both": {**both, **each}, **AFTER}))
    unnamed = branch({"Type": "Fail"}, prefix="Unnamed")
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "After"}]
    yield Case(
        "parallel unnamed caught",
        machine({"Both": {"Type": "Parallel", "Branches": [unnamed], "Catch": catch}, **AFTER}),
    )
    inner = {"StartAt": "I", "States": {"I": {**PASS, "Output": "{% $states.input.n + 1 %}", "End": True}}}
    jsonata = {"Type": "Parallel", "Branches": [inner]}
    fields = {
        "plain": {},
        "arguments": {"Arguments": {"n": "{% $states.input.o.a %}"}},
        "output": {"Output": {"r": "{% $states.result[0] %}", "n": "{% $states.input.n %}"}},
    }
    for name, each in fields.items():
        yield Case(f"parallel jsonata {name}", machine({"Both": {**jsonata, **each}, **AFTER}, jsonata=True))


def maps() -> Iterator[Case]:
    """Map."""
    each = {"Type": "Map", "ItemsPath": "$.l", "ItemProcessor": branch(PASS, prefix="I")}
    task = branch({"Type": "Task", "Resource": CALL, "Parameters": {"m.$": "$"}}, prefix="Call")
    fields: dict[str, dict[str, Any]] = {
        "plain": {},
        "one at a time": {"MaxConcurrency": 1},
        "concurrency path": {"MaxConcurrencyPath": "$.n"},
        "selector": {"ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "n.$": "$.n"}},
        "parameters": {"Parameters": {"v.$": "$$.Map.Item.Value"}},
        "iterator": {"ItemProcessor": None, "Iterator": branch(PASS, prefix="I")},
        "result path": {"ResultPath": "$.r"},
        "result selector": {"ResultSelector": {"all.$": "$"}},
        "output path": {"OutputPath": "$[0]"},
        "input path": {"InputPath": "$.o.b", "ItemsPath": "$.c"},
        "rows": {"ItemsPath": "$.rows[*].name"},
        "empty": {"ItemsPath": "$.rows[*].none"},
        "text": {"ItemsPath": "$.s"},
        "object": {"ItemsPath": "$.o"},
        "missing": {"ItemsPath": "$.none"},
        "calls": {"ItemProcessor": task, "MaxConcurrency": 1},
        "context inside": {"ItemProcessor": branch({**PASS, "Parameters": {"i.$": "$$.Map.Item.Index"}}, prefix="I")},
        "fails": {
            "ItemProcessor": branch({"Type": "Fail", "Error": "E", "Cause": "why"}, prefix="F"),
            "MaxConcurrency": 1,
        },
        "caught": {
            "ItemProcessor": branch({"Type": "Fail", "Error": "E"}, prefix="F"),
            "MaxConcurrency": 1,
            "Catch": [{"ErrorEquals": ["E"], "Next": "After", "ResultPath": "$.e"}],
        },
    }
    for name, field in fields.items():
        state = {key: value for key, value in {**each, **field}.items() if value is not None}
        script = {"Call0": returns({"ok": 1})} if name == "calls" else None
        yield Case(f"map {name}", machine({"Each": state, **AFTER}), script=script)
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    bad = {**branch({"Type": "Fail", "Error": "E"}, prefix="F"), **config}
    yield Case("map distributed fails", machine({"Each": {**each, "ItemProcessor": bad}, **AFTER}))
    good = {**branch(PASS, prefix="I"), **config}
    yield Case("map distributed", machine({"Each": {**each, "ItemProcessor": good}, **AFTER}))
    inner = {"StartAt": "I", "States": {"I": {**PASS, "Output": "{% $states.input %}", "End": True}}}
    jsonata = {"Type": "Map", "Items": "{% $states.input.l %}", "ItemProcessor": inner}
    fields = {
        "plain": {},
        "literal": {"Items": [1, "a", None]},
        "selector": {"ItemSelector": {"v": "{% $states.context.Map.Item.Value * 2 %}", "n": "{% $states.input.n %}"}},
        "output": {"Output": {"all": "{% $states.result %}"}},
        "concurrency": {"MaxConcurrency": "{% 1 + 1 %}"},
        "no list": {"Items": "{% $states.input.s %}"},
        "undefined": {"Items": "{% $states.input.none %}"},
        "range": {"Items": "{% [1..3] %}"},
    }
    for name, field in fields.items():
        yield Case(f"map jsonata {name}", machine({"Each": {**jsonata, **field}, **AFTER}, jsonata=True))


def variables() -> Iterator[Case]:
    """Assign."""
    see = {**PASS, "Parameters": {"x.$": "$x"}}
    yield Case("assign", machine({"Set": {**PASS, "Assign": {"x.$": "$.o.b", "y": 1}}, "See": see}))
    yield Case("assign unset", machine({"See": {**PASS, "Parameters": {"x.$": "$none"}}}))
    yield Case(
        "assign path",
        machine({"Set": {**PASS, "Assign": {"x.$": "$.o"}}, "See": {**see, "Parameters": {"x.$": "$x.b.c[1]"}}}),
    )
    jsonata = {
        "Set": {**PASS, "Assign": {"a": 1, "b": "{% $states.input.l %}", "n": None}},
        "Swap": {**PASS, "Assign": {"a": "{% $b %}", "b": "{% $a %}"}},
        "See": {**PASS, "Output": "{% [$a, $b] %}"},
    }
    yield Case("assign jsonata swap", machine(jsonata, jsonata=True))
    task = {"Type": "Task", "Resource": CALL, "Arguments": {}, "Assign": {"r": "{% $states.result.a %}"}}
    states = {"Call": task, "See": {**PASS, "Output": "{% $r %}"}}
    yield Case("assign jsonata of a result", machine(states, jsonata=True), script={"Call": returns({"a": 7})})
    yield Case("assign jsonata unset", machine({"See": {**PASS, "Output": "{% $none %}"}}, jsonata=True))


INTRINSICS = (
    *(
        "States.Format('{} and {}', $.s, $.n)",
        "States.Format('{}', $.o)",
        "States.Format('{}', $.t)",
        "States.Format('x')",
    ),
    *(
        "States.Format('{} {}', $.s)",
        "States.Format('{}', $.s, $.n)",
        "States.Format('\\{{}\\}', $.s)",
        "States.Format($.s)",
    ),
    *(
        "States.Format('{}', null)",
        "States.Format('{}', 1.5)",
        "States.Array()",
        "States.Array(1, 'a', $.o, null, true)",
    ),
    *(
        "States.ArrayPartition($.l, 2)",
        "States.ArrayPartition($.l, 0)",
        "States.ArrayPartition($.s, 2)",
        "States.ArrayContains($.l, 3)",
    ),
    *(
        "States.ArrayContains($.l, 'x')",
        "States.ArrayContains($.s, 'x')",
        "States.ArrayRange(1, 9, 2)",
        "States.ArrayRange(5, 1, -2)",
    ),
    *(
        "States.ArrayRange(1, 1000, 1)",
        "States.ArrayRange(0, 1000, 1)",
        "States.ArrayRange(1, 5, 0)",
        "States.ArrayRange(1, 5)",
    ),
    *(
        "States.ArrayGetItem($.l, 1)",
        "States.ArrayGetItem($.l, 7)",
        "States.ArrayGetItem($.s, 0)",
        "States.ArrayLength($.l)",
    ),
    *("States.ArrayLength($.s)", "States.ArrayUnique($.l)", "States.ArrayUnique(States.Array(1, true, 1, 'a', 'a'))"),
    *(
        "States.ArrayUnique($.o)",
        "States.Base64Encode('Data to encode')",
        "States.Base64Decode('RGF0YSB0byBlbmNvZGU=')",
    ),
    *(
        "States.Base64Encode($.n)",
        "States.Hash('input data', 'SHA-1')",
        "States.Hash('input data', 'MD5')",
        "States.Hash('x', 'SHA-2')",
    ),
    *("States.JsonMerge($.o, $.rows[0], false)", "States.JsonMerge($.o, $.l, false)", "States.JsonMerge($.o, $.o)"),
    *(
        "States.StringToJson($.json)",
        "States.StringToJson('{')",
        "States.StringToJson($.n)",
        "States.JsonToString($.o)",
    ),
    *(
        "States.JsonToString($.s)",
        "States.MathAdd(111, -1)",
        "States.MathAdd(1, 2.6)",
        "States.MathAdd($.f, 1)",
        "States.MathAdd('1', 1)",
    ),
    *(
        "States.MathAdd(1)",
        "States.StringSplit('1,2,3', ',')",
        "States.StringSplit('a.b+c', '.+')",
        "States.StringSplit($.n, ',')",
    ),
    *(
        "States.StringSplit(',a,', ',')",
        "States.UUID()",
        "States.UUID(1)",
        "States.None(1)",
        "States.Format('{}', $.none)",
    ),
    *(
        "States.ArrayGetItem(States.StringSplit($.s, 'x'), 0)",
        "States.Format('it\\'s {}', $.s)",
        "States.MathRandom(2, 2, 3)",
    ),
)


def intrinsics() -> Iterator[Case]:
    """Intrinsic functions."""
    for expression in INTRINSICS:
        yield Case(f"intrinsic {expression}", machine({"P": {**PASS, "Parameters": {"v.$": expression}}}))
