"""What each kind of state does with its input, in both languages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from flow_looks import END, at, definition, outcome, reads, variables_at

from constructs_ml.lint.dataflow import analysis
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    BOOLEAN,
    NUMBER,
    STRING,
    Array,
    Object,
    array_of,
    array_with,
    join,
    object_of,
)

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State

THERE, MAYBE, UNKNOWN, NEVER = Outcome.THERE, Outcome.MAYBE, Outcome.UNKNOWN, Outcome.NEVER
START = {"Type": "Pass", "Result": {"a": {"b": "x"}, "n": 1, "items": [{"id": 1}]}}
MODEL = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createModel"}
LAMBDA = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
ONE = object_of({"b": STRING})


def after(language: str = "JSONPath", **state: Any) -> dict[str, Any]:
    """A definition in which a state comes after one that gives a known input."""
    start = START
    if language == "JSONata":
        start = {"Type": "Pass", "Output": START["Result"]}
    return definition(language, Start=start, State={"Type": "Pass", **state}, End=END)


def test_the_input_of_an_execution_may_be_anything() -> None:
    """Any member may be in it; it may be a list too."""
    shape = at(definition(Only=END), "Only")
    assert outcome(shape, "$.a.b") is UNKNOWN
    assert outcome(shape, "$[0].a") is UNKNOWN


def test_a_pass_hands_its_input_on() -> None:
    """All of it, if it says nothing else."""
    assert at(after(), "End") == at(after(), "State")


@pytest.mark.parametrize(
    ("fields", "there", "gone"),
    [
        ({"Result": {"c": 1}}, ["$.c"], ["$.a"]),
        ({"Result": {"c": 1}, "ResultPath": "$.r"}, ["$.a.b", "$.r.c"], ["$.c"]),
        ({"Result": 1, "ResultPath": "$.a.c.d"}, ["$.a.b", "$.a.c.d"], []),
        ({"Result": 1, "ResultPath": None}, ["$.a.b"], []),
        ({"InputPath": "$.a"}, ["$.b"], ["$.a"]),
        ({"InputPath": "$.a", "ResultPath": "$.r"}, ["$.a.b", "$.r.b"], ["$.b"]),
        ({"InputPath": None}, [], ["$.a"]),
        ({"OutputPath": "$.a"}, ["$.b"], ["$.a"]),
        ({"OutputPath": None}, [], ["$.a"]),
        ({"Parameters": {"p": 1, "q.$": "$.a"}}, ["$.p", "$.q.b"], ["$.a"]),
        ({"Parameters": {"p.$": "States.Array($.a)"}}, ["$.p[0].b"], ["$.p[1]"]),
        ({"InputPath": "$.a", "Parameters": {"q.$": "$.b"}}, ["$.q"], []),
        ({"InputPath": "$$.Execution"}, ["$.Name"], ["$.a"]),
    ],
)
def test_the_fields_of_jsonpath(fields: dict[str, Any], there: list[str], gone: list[str]) -> None:
    """InputPath, then Parameters or Result, then ResultPath into the whole input, then OutputPath."""
    shape = at(after(**fields), "End")
    assert [outcome(shape, path) for path in there] == [THERE] * len(there)
    assert [outcome(shape, path) for path in gone] == [NEVER] * len(gone)


def test_what_a_malformed_field_does_is_unknown() -> None:
    """Another rule tells of it; nothing follows from it."""
    for fields in ({"ResultPath": "$.a["}, {"ResultPath": 3}, {"InputPath": []}, {"Parmeters": {}}, {"Type": "Pas"}):
        assert at(after(**fields), "End") == ANYTHING


def test_a_task_gives_the_response_of_its_service() -> None:
    """In the place of its input, unless it says where."""
    body = definition(Start=START, Model=MODEL, End=END)
    assert outcome(at(body, "End"), "$.ModelArn") is THERE
    assert outcome(at(body, "End"), "$.a") is NEVER
    kept = definition(Start=START, Model={**MODEL, "ResultPath": "$.m"}, End=END)
    assert outcome(at(kept, "End"), "$.m.ModelArn") is THERE
    assert outcome(at(kept, "End"), "$.a.b") is THERE


def test_a_selection_is_made_from_the_result() -> None:
    """Its paths start there, and only it goes on."""
    body = definition(Start=START, Model={**MODEL, "ResultSelector": {"arn.$": "$.ModelArn", "x.$": "$.a"}}, End=END)
    assert at(body, "End") == object_of({"arn": STRING, "x": ANYTHING})
    assert reads(body, "Model") == {"$.ModelArn": THERE, "$.a": NEVER}


def test_other_tasks_give_anything() -> None:
    """A function by its ARN, another service, and what waits for a callback."""
    resources = [
        "arn:aws:lambda:us-east-1:111122223333:function:f",
        "arn:aws:states:::glue:startJobRun.sync",
        "arn:aws:states:::sagemaker:createModel.waitForTaskToken",
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:states:::sagemaker:createNothing",
    ]
    for resource in resources:
        assert at(definition(Task={"Type": "Task", "Resource": resource}, End=END), "End") == ANYTHING


def test_who_has_the_token_may_end_a_task_with_anything() -> None:
    """Also one that waits for a job has a token."""
    job = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync"}
    assert at(definition(Train=job, End=END), "End") != ANYTHING
    handed = {**job, "Parameters": {"Environment": {"TOKEN.$": "$$.Task.Token"}}}
    assert at(definition(Train=handed, End=END), "End") == ANYTHING


@pytest.mark.parametrize("fields", [{"SecondsPath": "$.m"}, {"TimestampPath": "$.m"}])
def test_a_wait_reads_its_path_and_hands_its_input_on(fields: dict[str, Any]) -> None:
    """With InputPath and OutputPath as everywhere."""
    body = definition(Start=START, Wait={"Type": "Wait", **fields}, End=END)
    assert reads(body, "Wait") == {"$.m": NEVER}
    assert outcome(at(body, "End"), "$.a.b") is THERE


def test_a_fail_reads_what_it_tells() -> None:
    """A path or a call."""
    fail = {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}', $.c)"}
    assert reads(definition(Start=START, Fail=fail), "Fail") == {"$.e": NEVER, "$.c": NEVER}


def test_a_parallel_gives_what_its_branches_give() -> None:
    """A list, item by item; each branch begins with the input, or what Parameters make of it."""
    one = definition(One={"Type": "Pass", "Result": {"x": 1}, "End": True})
    other = definition(Other={"Type": "Pass", "End": True})
    parallel = {"Type": "Parallel", "Branches": [one, other], "Parameters": {"p.$": "$.a"}, "ResultPath": "$.both"}
    body = definition(Start=START, Both=parallel, End=END)
    assert at(body, "Other") == object_of({"p": ONE})
    shape = at(body, "End")
    assert outcome(shape, "$.both[0].x") is THERE
    assert outcome(shape, "$.both[1].p.b") is THERE
    assert outcome(shape, "$.both[2]") is NEVER
    assert outcome(shape, "$.a.b") is THERE


def test_a_parallel_that_never_ends_well_gives_anything() -> None:
    """What comes after it is never reached."""
    branch = definition(Broken={"Type": "Fail", "Error": "Broken"})
    body = definition(Start=START, Both={"Type": "Parallel", "Branches": [branch]}, End=END)
    assert at(body, "End") == ANYTHING


def test_a_map_gives_a_list_of_what_its_iterations_give() -> None:
    """Each begins with its item, or what is selected of it."""
    scope = definition(Item={"Type": "Pass", "End": True})
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": scope}
    body = definition(Start=START, Each=each, End=END)
    assert at(body, "Item") == object_of({"id": NUMBER})
    assert at(body, "End") == array_of(object_of({"id": NUMBER}))
    selector = {"item.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "all.$": "$.a"}
    selected = definition(Start=START, Each={**each, "ItemSelector": selector}, End=END)
    assert at(selected, "Item") == object_of({"item": object_of({"id": NUMBER}), "at": NUMBER, "all": ONE})


def test_what_a_map_reads_from_elsewhere_is_unknown() -> None:
    """Batches, readers and writers."""
    scope = definition(Item={"Type": "Pass", "End": True})
    reader = {"Type": "Map", "ItemReader": {"Parameters": {"Bucket.$": "$.m"}}, "ItemProcessor": scope}
    body = definition(Start=START, Each={**reader, "ItemBatcher": {"BatchInput": {"x.$": "$.k"}}}, End=END)
    assert at(body, "Item") == ANYTHING
    assert reads(body, "Each") == {"$.m": NEVER, "$.k": NEVER}
    written = {"Type": "Map", "ResultWriter": {}, "ItemProcessor": scope}
    assert at(definition(Start=START, Each=written, End=END), "End") == ANYTHING


def test_a_caught_error_replaces_the_input_unless_it_has_a_place() -> None:
    """The input is the one of the state, whatever it did."""
    task = {**LAMBDA, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Told"}], "Next": "End"}
    body = definition(Start=START, Task=task, Told={**END}, End=END)
    assert outcome(at(body, "Told"), "$.Error") is THERE
    assert outcome(at(body, "Told"), "$.Cause") is UNKNOWN
    assert outcome(at(body, "Told"), "$.a") is NEVER
    task["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Told", "ResultPath": "$.error"}]
    assert outcome(at(body | {"Comment": ""}, "Told"), "$.a.b") is THERE
    assert outcome(at(body | {"Comment": ""}, "Told"), "$.error.Error") is THERE


def test_where_ways_meet_a_member_of_one_may_be_lacking() -> None:
    """The way is told."""
    task = {**LAMBDA, "ResultPath": "$.l", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Last"}]}
    body = definition(Start=START, Task=task, Last={"Type": "Pass"}, End=END)
    shape = at(body, "Last")
    assert [outcome(shape, path) for path in ("$.a.b", "$.l", "$.Error")] == [MAYBE, MAYBE, MAYBE]


def test_after_a_choice_nothing_is_said_of_what_some_ways_lack() -> None:
    """It may have been made for them."""
    task = {**LAMBDA, "ResultPath": "$.l", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Which?"}]}
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "End"}], "Default": "End"}
    body = definition(Start=START, Task=task, **{"Which?": choice}, End=END)
    assert outcome(at(body, "Which?"), "$.l") is MAYBE
    assert outcome(at(body, "End"), "$.l") is UNKNOWN


RULES: list[tuple[dict[str, Any], list[Outcome]]] = [
    ({"Variable": "$.l", "IsPresent": True}, []),
    ({"And": [{"Variable": "$.l", "IsPresent": True}, {"Variable": "$.l", "StringEquals": "x"}]}, [THERE]),
    ({"Or": [{"Variable": "$.l", "IsPresent": False}, {"Variable": "$.l", "StringEquals": "x"}]}, [THERE]),
    ({"And": [{"Not": {"Variable": "$.l", "IsPresent": False}}, {"Variable": "$.l", "IsString": True}]}, [THERE]),
    ({"Variable": "$.l", "StringEquals": "x"}, [MAYBE]),
    ({"Variable": "$.l", "IsString": True}, [MAYBE]),
    ({"Or": [{"Variable": "$.l", "StringEquals": "x"}, {"Variable": "$.l", "StringEquals": "y"}]}, [MAYBE, THERE]),
]


@pytest.mark.parametrize(("rule", "found"), RULES)
def test_a_choice_reads_its_rules_in_order(rule: dict[str, Any], found: list[Outcome]) -> None:
    """What is seen to be there is there for the next."""
    task = {**LAMBDA, "ResultPath": "$.l", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Which?"}]}
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "End"}], "Default": "End"}
    body = definition(Start=START, Task=task, **{"Which?": choice}, End=END)
    machine_reads = [read for read in _reads_in_order(body) if read[0] == "Which?"]
    assert [outcome_ for _, outcome_ in machine_reads] == found


def _reads_in_order(body: dict[str, Any]) -> list[tuple[str, Outcome]]:
    from constructs_ml.lint import Machine
    from constructs_ml.lint.dataflow.analysis import flow_of

    return [(read.state.name, read.found.outcome) for read in flow_of(Machine(body)).reads]


def test_rules_after_the_first_know_that_it_does_not_hold() -> None:
    """So one may test for all that come after it."""
    first = {"Variable": "$.l", "IsPresent": False, "Next": "End"}
    second = {"Variable": "$.l", "StringEquals": "x", "Next": "End"}
    task = {**LAMBDA, "ResultPath": "$.l", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Which?"}]}
    choice = {"Type": "Choice", "Choices": [first, second], "Default": "End"}
    body = definition(Start=START, Task=task, **{"Which?": choice}, End=END)
    assert reads(body, "Which?") == {"$.l": THERE}


def test_variables_are_seen_after_the_state_that_assigns_them() -> None:
    """By the states inside Parallel and Map too; what these assign is seen in them only."""
    inner = definition(Inner={"Type": "Pass", "Assign": {"w": 1}, "End": True})
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner, "Assign": {"x.$": "$[0].id"}}
    body = definition(Start={**START, "Assign": {"v.$": "$.a"}}, Each=each, End=END)
    assert variables_at(body, "Start") == object_of({})
    assert variables_at(body, "Inner") == object_of({"v": ONE})
    assert variables_at(body, "End") == object_of({"v": ONE, "x": NUMBER})


def test_a_distributed_map_does_not_see_variables() -> None:
    """Its iterations are executions of their own."""
    inner = {**definition(Inner={"Type": "Pass", "End": True}), "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner}
    body = definition(Start={**START, "Assign": {"v": 1}}, Each=each, End=END)
    assert variables_at(body, "Inner") == object_of({})


def test_a_distributed_map_with_an_iterator_does_not_see_variables_either() -> None:
    """The old name of the item processor has its configuration too."""
    inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **definition(Inside=END)}
    body = definition(
        Start={**START, "Assign": {"v": 1}}, Each={"Type": "Map", "ItemsPath": "$.items", "Iterator": inner}, End=END
    )
    assert variables_at(body, "Inside") == object_of({})


def test_a_rule_and_a_catcher_assign_on_their_way_only() -> None:
    """The state's own Assign is for the Default of a Choice, and for success."""
    rule = {"Variable": "$.n", "NumericEquals": 1, "Next": "Task", "Assign": {"r": 1}}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "End", "Assign": {"d": 1}}
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "Told", "Assign": {"e.$": "$.Error"}}
    task = {**LAMBDA, "Catch": [catcher], "Assign": {"s": 1}, "Next": "Last"}
    body = definition(Start=START, Which=choice, Task=task, Told={**END}, Last={**END}, End=END)
    assert variables_at(body, "Task") == object_of({"r": NUMBER})
    assert variables_at(body, "End") == object_of({"d": NUMBER})
    assert variables_at(body, "Told") == object_of({"r": NUMBER, "e": STRING})
    assert variables_at(body, "Last") == object_of({"r": NUMBER, "s": NUMBER})


def test_the_output_of_jsonata_replaces_the_input() -> None:
    """Without one, a Task hands its result on and other states their input."""
    kept = after("JSONata", Output="{% $merge([$states.input, {'c': $states.input.a.b}]) %}")
    assert outcome(at(kept, "End"), "$.c") is THERE
    assert outcome(at(kept, "End"), "$.a.b") is THERE
    assert at(after("JSONata", Output={"c": "{% $states.input.a %}"}), "End") == object_of({"c": ONE})
    assert at(after("JSONata"), "End") == at(after("JSONata"), "State")
    assert outcome(at(after("JSONata", **MODEL), "End"), "$.ModelArn") is THERE


def test_a_parallel_and_a_map_in_jsonata() -> None:
    """Arguments, Items, ItemSelector, and the result for the Output."""
    one = definition("JSONata", One={"Type": "Pass", "Output": {"x": 1}, "End": True})
    parallel = {"Type": "Parallel", "Branches": [one, one], "Output": "{% $merge($states.result) %}"}
    assert at(after("JSONata", **parallel), "End") == object_of({"x": NUMBER})
    each = {"Type": "Map", "Items": "{% $states.input.items %}", "ItemProcessor": one}
    selector = {"i": "{% $states.context.Map.Item.Value %}", "a": "{% $states.input.a %}"}
    body = after("JSONata", **each, ItemSelector=selector)
    assert at(body, "One") == object_of({"i": object_of({"id": NUMBER}), "a": ONE})
    assert at(body, "End") == array_of(object_of({"x": NUMBER}))


def test_a_catch_in_jsonata_has_the_error_and_the_input() -> None:
    """Without an Output the error replaces the input."""
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "Told"}
    task = {**LAMBDA, "Catch": [catcher], "Next": "End"}
    start = {"Type": "Pass", "Output": START["Result"]}
    body = definition("JSONata", Start=start, Task=task, Told={**END}, End=END)
    assert outcome(at(body, "Told"), "$.a") is NEVER
    catcher["Output"] = "{% $merge([$states.input, {'e': $states.errorOutput}]) %}"
    assert outcome(at(body | {"Comment": ""}, "Told"), "$.a.b") is THERE
    assert outcome(at(body | {"Comment": ""}, "Told"), "$.e.Error") is THERE


def test_a_condition_in_jsonata_tells_what_is_there() -> None:
    """On its own way; on the others that it does not hold."""
    task = {**LAMBDA, "Output": "{% $merge([$states.input, {'l': 'x'}]) %}"}
    task["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Which", "Output": "{% $states.input %}"}]
    rules = [
        {"Condition": "{% $exists($states.input.l) %}", "Next": "Told"},
        {"Condition": "{% $states.input.l = 'x' %}", "Next": "End"},
    ]
    choice = {"Type": "Choice", "Choices": rules, "Default": "End"}
    start = {"Type": "Pass", "Output": START["Result"]}
    body = definition("JSONata", Start=start, Task=task, Which=choice, Told={**END}, End=END)
    assert outcome(at(body, "Which"), "$.l") is MAYBE
    assert outcome(at(body, "Told"), "$.l") is THERE
    assert outcome(at(body, "End"), "$.l") is UNKNOWN


def test_languages_may_be_mixed() -> None:
    """A state says which it is in."""
    body = after(QueryLanguage="JSONata", Output={"c": "{% $states.input.a.b %}"})
    assert at(body, "End") == object_of({"c": STRING})


def test_loops_come_to_an_end() -> None:
    """With what is so after any number of rounds."""
    count = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)", "before.$": "$"}}
    again = {"Variable": "$.n", "NumericLessThan": 5, "Next": "Count"}
    choice = {"Type": "Choice", "Choices": [again], "Default": "End"}
    body = definition(Start=START, Count=count, Again=choice, End=END)
    assert outcome(at(body, "Again"), "$.n") in {THERE, UNKNOWN}
    pair = {"Type": "Pass", "Parameters": {"l.$": "$", "r.$": "$"}}
    assert at(
        definition(Start=START, Pair=pair, Again=choice | {"Choices": [again | {"Next": "Pair"}]}, End=END), "End"
    )


def test_a_loop_joins_its_beginning_with_its_rounds() -> None:
    """What only the rounds make is missing in the first."""
    wait = {"Type": "Wait", "Seconds": 1}
    look = {**MODEL, "ResultPath": "$.look"}
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Wait"}], "Default": "End"}
    body = definition(Start=START, Wait=wait, Worklist=look, Again=choice, End=END)
    assert outcome(at(body, "Wait"), "$.look.ModelArn") is MAYBE
    assert outcome(at(body, "Again"), "$.look.ModelArn") is THERE


def nested_loops(depth: int, **innermost: Any) -> dict[str, Any]:
    """Loops inside each other: a Parallel in each, and a Choice that leads back to it."""
    if not depth:
        return {"StartAt": "Inmost", "States": {"Inmost": {"Type": "Pass", "End": True, **innermost}}}
    part, again, end = f"Part{depth}", f"Again{depth}", f"End{depth}"
    branch = nested_loops(depth - 1, **innermost)
    back = {"Variable": "$.n", "NumericEquals": 1, "Next": part}
    states = {
        part: {"Type": "Parallel", "Branches": [branch], "ResultPath": f"$.made{depth}", "Next": again},
        again: {"Type": "Choice", "Choices": [back], "Default": end},
        end: END,
    }
    return {"StartAt": part, "States": states}


def test_loops_inside_loops_do_not_multiply_the_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state in eight loops was looked at some three thousand times."""
    looks = []

    class Counted(analysis.JsonPathState):
        def __init__(self, state: State, *rest: Any) -> None:
            looks.append(state.name)
            super().__init__(state, *rest)

    monkeypatch.setattr(analysis, "JsonPathState", Counted)
    body = nested_loops(8)
    made = at(body, "End8")
    assert outcome(made, "$.made8[0].made7[0].made6") is UNKNOWN
    assert max(Counter(looks).values()) <= 3 * (analysis.MOST_RUNS + 1)


def test_what_is_known_in_loops_inside_loops_is_of_every_round() -> None:
    """What an outer loop has made may be lacking in the first round of an inner one, and what all rounds have is there."""
    inner = nested_loops(2, InputPath="$.made2[0]")
    body = definition(Start=START, Both={"Type": "Parallel", "Branches": [inner]}, End=END)
    assert outcome(at(body, "Part1"), "$.made2") is MAYBE
    assert outcome(at(body, "Part1"), "$.a.b") is THERE
    assert reads(body, "Inmost") == {"$.made2[0]": MAYBE}


def test_loops_inside_loops_that_never_settle_are_given_up() -> None:
    """Nothing is known of what changes with every round."""
    pair = {"Parameters": {"l.$": "$", "r.$": "$"}}
    assert at(nested_loops(3, **pair), "Inmost")
    assert outcome(at(nested_loops(3, **pair), "End3"), "$.made3[0]") is UNKNOWN


def test_a_state_without_a_name_is_no_target() -> None:
    """A rule that leads nowhere does not lead to it either."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True}], "Default": "End"}
    body = definition(Start=START, Choose=choice, End=END)
    body["States"][""] = {"Type": "Pass", "End": True}
    assert at(body, "End") == at(body, "Choose")


def test_what_leads_to_no_end_is_not_judged() -> None:
    """That it does is what is wrong with it."""
    body = definition(Start=START, Round={"Type": "Pass", "InputPath": "$.nothing", "Next": "Round"})
    assert reads(body, "Round") == {}


def test_lists_of_different_lengths_meet() -> None:
    """Only what all their items are is known then."""
    one, two = array_with((STRING,)), array_with((STRING, BOOLEAN))
    joined = join(one, two)
    assert isinstance(joined, Array)
    assert joined.items is None
    assert isinstance(join(object_of({}), object_of({})), Object)


def test_nothing_is_said_of_what_many_ways_fail_with() -> None:
    """A Fail state that reads nothing is met from everywhere; what its first input was holds for no other."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "Fail"}], "Default": "Other"}
    body = definition(
        Start=START, Choose=choice, Other={"Type": "Pass", "Result": 1}, Fail={"Type": "Fail", "Error": "Bad"}
    )
    assert at(body, "Fail") == ANYTHING
