"""Expressions in JSONata are run on shapes; what the parser's syntax tree looks like is held here too."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from flow_programs import fits
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.asl.jsonpath import Root
from constructs_ml.lint import Machine
from constructs_ml.lint.dataflow.expressions import Expression
from constructs_ml.lint.dataflow.jsonata import parse
from constructs_ml.lint.dataflow.lookup import Outcome, find
from constructs_ml.lint.dataflow.reads import Environment, Facts
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    BOOLEAN,
    NUMBER,
    OPEN,
    STRING,
    Member,
    Object,
    Presence,
    Scalar,
    Shape,
    array_of,
    array_with,
    object_of,
)

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State

JOB = object_of(
    {
        "Status": Scalar("string", ("Completed", "Failed")),
        "Said": Member(STRING, Presence.OPTIONAL),
        "Parts": array_of(object_of({"Uri": STRING})),
        "Size": NUMBER,
    }
)
ROOTS: dict[Root, Shape] = {
    Root.INPUT: object_of({"job": JOB, "other": ANYTHING, "two": array_with((JOB, STRING))}),
    Root.RESULT: JOB,
    Root.CONTEXT: object_of({"Execution": object_of({"Name": STRING})}),
    Root.VARIABLE: object_of({"run": STRING}),
}


def state() -> State:
    (only,) = Machine(
        {"StartAt": "S", "States": {"S": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True}}}
    ).states
    return only


def run(text: str) -> tuple[Shape, Facts]:
    """What an expression gives, and what is noted of it."""
    facts = Facts(state())
    parsed = parse(text)
    assert not parsed.fault
    return Expression(parsed, Environment(ROOTS, facts, mapping=True), "Output").value(), facts


def gives(text: str) -> Shape:
    return run(text)[0]


def read(text: str) -> list[tuple[str, str, bool]]:
    """What is read: the path, whether it leads to something, whether the state fails without it."""
    return [(read.text, read.found.outcome.value, read.needed) for read in run(text)[1].reads]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("$states.input.job", JOB),
        ("$states.result.Status", JOB.members["Status"].shape),  # type: ignore[union-attr]
        ("$states.context.Execution.Name", STRING),
        ("$run", STRING),
        ("$states.input.two[1]", STRING),
        ("$states.input.two[-1]", STRING),
        ("$states.input.`job`.Size", NUMBER),
        ('$states.input."job".Size', NUMBER),
        ("$states.input.job.Parts.Uri", ANYTHING),
        ("$states.input.job.Parts[Uri = 'x']", ANYTHING),
        ("$states.input.*", ANYTHING),
        ("$states.input.**.Uri", ANYTHING),
        ("$states.input.job.Parts^(Uri)", ANYTHING),
        ("$states.input.job{Status: Size}", ANYTHING),
        ("$states.input.job.(Size + 1)", ANYTHING),
        ("'text'", STRING),
        ("-1", NUMBER),
        ("-$states.result.Size", NUMBER),
        ("true", BOOLEAN),
        ("$uuid()", STRING),
        ("$count($states.result.Parts)", NUMBER),
        ("$split('a/b', '/')[1]", STRING),
        ("'a' & $states.result.Size", STRING),
        ("$states.result.Size + 1", NUMBER),
        ("$states.result.Size > 1 and $run = 'x'", BOOLEAN),
        ("$states.result.Size in [1, 2]", BOOLEAN),
        ("$states.result.Size > 1 ? 'a' : 'b'", STRING),
        ("$states.result.Size > 1 ? 'a' : 1", Scalar()),
        ("($x := $states.input.job; $x.Size)", NUMBER),
        ("($f := function($x) { $x }; $f(1))", ANYTHING),
        ("$map($states.result.Parts, $string)", ANYTHING),
        ("$states.result.Parts ~> $count", NUMBER),
        ("$states.result ~> |Parts|{'Uri': 'x'}|", ANYTHING),
        ("[{'a': 1}]", array_with((object_of({"a": NUMBER}),))),
        ("[1..3]", array_of(ANYTHING)),
        ("$substring(?, 1)", STRING),
        ("/a+/i", ANYTHING),
    ],
)
def test_forms_of_expressions_give_shapes(text: str, shape: Shape) -> None:
    """What is followed is known, and what is not is anything."""
    assert gives(text) == shape


def test_an_object_has_what_is_put_into_it() -> None:
    """A member that gets nothing is left out, so one that may be nothing may be lacking."""
    made = gives("{'a': $states.result.Size, 'b': $states.result.Said, 'c': $states.input.other.x, $run: 1}")
    assert isinstance(made, Object)
    assert made.open
    assert [(name, made.members[name].presence) for name in "abc"] == [
        ("a", Presence.ALWAYS),
        ("b", Presence.OPTIONAL),
        ("c", Presence.UNKNOWN),
    ]


def test_objects_are_merged() -> None:
    """As this library writes it in the Output of its jobs."""
    made = gives("$merge([$states.input, {'Train': {'Status': $states.result.Status}}])")
    assert find(made, ("Train", "Status")).outcome is Outcome.THERE
    assert find(made, ("job", "Size")).outcome is Outcome.THERE
    assert find(made, ("Tune",)).outcome is Outcome.NEVER
    assert find(gives("$merge($states.input.two[[0]])"), ("x",)).outcome is Outcome.UNKNOWN
    assert find(gives("$merge([$states.input.other, {'a': 1}])"), ("a",)).outcome is Outcome.THERE
    assert find(gives("$merge([{'a': 1}, $states.input.other])"), ("a",)).shape == ANYTHING


def test_the_whole_is_needed_and_parts_may_be_nothing() -> None:
    """Where a function gives nothing for nothing, its argument is needed too."""
    assert read("$states.result.Said") == [("$states.result.Said", "maybe", True)]
    assert read("$uppercase($states.result.Said)") == [("$states.result.Said", "maybe", True)]
    assert read("$states.result.Said & 'x'") == [("$states.result.Said", "maybe", False)]
    assert read("{'a': $states.result.Said}") == [("$states.result.Said", "maybe", False)]
    assert read("$states.result.Size + $states.result.Said")[1] == ("$states.result.Said", "maybe", True)
    assert read("$states.result.Said = 'x'") == [("$states.result.Said", "maybe", False)]
    assert read("($x := 1; $states.result.Said)") == [("$states.result.Said", "maybe", True)]


@pytest.mark.parametrize(
    "text",
    [
        "$exists($states.result.Said) ? $states.result.Said : 'none'",
        "$states.result.Said ? $states.result.Said : 'none'",
        "$not($exists($states.result.Said)) ? 'none' : $states.result.Said",
        "($exists($states.result.Said)) ? $states.result.Said : 'none'",
        "$states.result.Said != null ? 'a' : 'b'",
        "$boolean($states.result.Said)",
        "$exists($states.result.Nothing)",
        "$count($states.result.Nothing) > 0",
        "$states.result.Nothing or true",
    ],
)
def test_what_is_tested_is_not_read(text: str) -> None:
    """And where the test holds, it is there."""
    assert [outcome for _, outcome, _ in read(text) if outcome != "there"] == []


def test_what_is_compared_is_noted() -> None:
    """On either side, and in a list."""
    found = run("$states.result.Status = 'a' or 'b' != $states.result.Status or $states.result.Status in ['c', 'd']")[1]
    assert [(note.operator, note.value) for note in found.comparisons] == [
        ("=", "a"),
        ("!=", "b"),
        ("in", "c"),
        ("in", "d"),
    ]
    assert {note.scalar.enum for note in found.comparisons} == {("Completed", "Failed")}


def test_unknown_functions_are_noted_wherever_they_stand() -> None:
    """In arguments, filters, blocks and bodies of functions; names of the expression's own are none."""
    text = (
        "($f := function($x) { $a($x) }; $f($b(1)); $states.result.Parts[$c(Uri)]; 1 ~> $d; $map([1], $f); {'x': $e()})"
    )
    assert [call.name for call in run(text)[1].unknown] == ["a", "b", "c", "d", "e"]


def test_what_states_has_not_is_noted() -> None:
    """An error is only in a Catch; other names are never there."""
    assert read("$states.errorOutput.Cause") == [("$states.errorOutput.Cause", "never", True)]
    assert read("$states.inputs.a") == [("$states.inputs.a", "never", True)]
    assert read("states.input.a") == [("states.input.a", "never", True)]
    assert [path for path, _, _ in read("$states.input.job.Parts.(states.x)")] == ["$states.input.job.Parts"]


def test_variables_that_are_not_assigned_are_noted() -> None:
    """But neither functions nor what the expression binds itself."""
    assert read("$rnu") == [("$rnu", "never", True)]
    assert read("$map([1], $string)") == []
    assert read("($x := 1; $x)") == []
    assert read("([$x := 1]; $x)") == []
    assert read("$reduce([1], function($x, $y) { $x + $y })") == []


@pytest.mark.parametrize(
    "text",
    [
        "$states.input.items#$i.{'i': $i}",
        "$states.input.items#$i{$string($i): $i}",
        "$states.input.items[n > 1]#$i.$i",
        "$states.input.items@$x.$states.input.items[n = $x.n]",
        "$states.input.items@$x#$i.{'x': $x.n, 'i': $i}",
        "$states.input.items@$x^($x.n).n",
        "($y := 1; $states.input.items#$i.($i + $y))",
    ],
)
def test_what_steps_bind_is_seen_to_the_end_of_their_path(text: str) -> None:
    """But not behind it."""
    assert [path for path, _, _ in read(text) if not path.startswith("$states.input")] == []
    assert [path for path, _, _ in read(f"[{text}, $i, $x]") if path in {"$i", "$x"}] == ["$i", "$x"]


def test_expressions_of_one_form_are_parsed_once() -> None:
    """They differ in names and texts only, which are put in again."""
    one, other = parse("$states.input.a & 'x'"), parse('$states.input.`b c` & "y"')
    assert one.tree is other.tree
    assert sorted(other.taken.values()) == ["b c", "input", "y"]
    assert parse("$states.input.a & 'x\\n'").tree is not one.tree


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a[", "expected ] before end of expression at position 2"),
        ("a b", "syntax error: b at position 3"),
        ("'a", "string literal must be terminated by a matching quote at position 2"),
        ("a !", "it is incomplete, or contains a character that is invalid in JSONata"),
        ("a ?? b", "?? requires JSONata 2.1, but Step Functions supports 2.0.6; write $exists(a) ? a : b"),
        ("a ?: b", "?: requires JSONata 2.1, but Step Functions supports 2.0.6; write a ? a : b"),
    ],
)
def test_what_cannot_be_parsed_is_told(text: str, fault: str) -> None:
    """With the place, where the parser knows it."""
    assert parse(text).fault == fault


@pytest.mark.parametrize("text", ["'a ?? b'", "/a??/", '"?:"', "/(?<x>a)/", "(" * 3000])
def test_what_only_the_parser_cannot_read_is_not_told(text: str) -> None:
    """A pattern that Python does not have, an expression too deep for it, an operator in a text."""
    assert "2.1" not in parse(text).fault
    assert "deep" not in parse(text).fault


def test_the_parser_leaves_the_process_as_it_is() -> None:
    """Its import would set the limit of recursion."""
    limit = sys.getrecursionlimit()
    parse("$x")
    assert sys.getrecursionlimit() == limit


@given(value=st.dictionaries(st.sampled_from(["job", "other"]), st.integers()))
def test_what_is_not_known_fits_everything(value: dict[str, Any]) -> None:
    """So nothing is said of it."""
    assert fits(OPEN, value)
    assert fits(ANYTHING, value)


def test_the_parser_is_imported_only_for_an_expression() -> None:
    """A workflow in JSONPath does without it."""
    script = (
        "import sys; from constructs_ml.lint import check_definition; "
        "state = {'Type': 'Pass', 'Parameters': {'a.$': '$.b'}, 'End': True}; "
        "check_definition({'StartAt': 'S', 'States': {'S': state}}); print('jsonata' in sys.modules); "
        "state = {'Type': 'Pass', 'QueryLanguage': 'JSONata', 'Output': '{% 1 %}', 'End': True}; "
        "check_definition({'StartAt': 'S', 'States': {'S': state}}); print('jsonata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("$type($states.input.job) = 'object'", STRING),
        ("$type($states.input.job) = 'string'", NUMBER),
        ("$type($states.input.job.Size) = 'number'", STRING),
        ("$type($states.input.job.Parts) = 'array'", STRING),
        ("$type($states.input.job.Status) = 'object'", NUMBER),
        ("$type($states.input.other) = 'object'", ANYTHING),
    ],
)
def test_a_type_that_is_known_decides_a_condition(condition: str, found: Shape) -> None:
    """One that is not may be either's, and nothing is promised."""
    assert gives(f"{condition} ? 'a' : 1") == found
