"""Paths in JSONPath and calls of intrinsic functions are read as Step Functions reads them."""

from __future__ import annotations

import pytest

from constructs_ml.asl.jsonpath import PathError, Root, Steps, Wild, read_path
from constructs_ml.lint.dataflow.functions import FUNCTIONS, result_of
from constructs_ml.lint.dataflow.intrinsics import Call, IntrinsicError, Literal, PathArgument, is_call, read_call
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    BOOLEAN,
    NUMBER,
    STRING,
    Shape,
    array_of,
    array_with,
    object_of,
)


@pytest.mark.parametrize(
    ("text", "root", "steps"),
    [
        ("$", Root.INPUT, ()),
        ("$.a.b[0]", Root.INPUT, ("a", "b", 0)),
        ("$['a b'][\"c\"]", Root.INPUT, ("a b", "c")),
        ("$[-1].my-key", Root.INPUT, (-1, "my-key")),
        ("$.[0].a", Root.INPUT, (0, "a")),
        ("$.é", Root.INPUT, ("é",)),
        ("$$.Execution.Name ", Root.CONTEXT, ("Execution", "Name")),
        ("$$", Root.CONTEXT, ()),
        ("$run.id", Root.VARIABLE, ("run", "id")),
        ("$.a[*].b", Root.INPUT, ("a", Wild.EACH, "b")),
        ("$.a[0:2]", Root.INPUT, ("a", Wild.EACH)),
        ("$.a[?(@.b == ']')].c", Root.INPUT, ("a", Wild.EACH, "c")),
        ("$['it\\'s']", Root.INPUT, ("it's",)),
    ],
)
def test_paths_are_read(text: str, root: Root, steps: Steps) -> None:
    """What a path starts in, and its steps."""
    path = read_path(text)
    assert (path.root, path.steps, path.whole) == (root, steps, True)
    assert path.definite is (Wild.EACH not in steps)


@pytest.mark.parametrize("text", ["$..a", "$.a..b", "$.a.length()", "$..a.length()", "$..length()", "$['a','b'].c"])
def test_what_cannot_be_followed_is_not(text: str) -> None:
    """Nothing is said of where such a path leads."""
    path = read_path(text)
    assert (path.whole, path.definite) == (False, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a.b", "does not start with"),
        ("$.a.", "ends in a dot"),
        ("$.a..", "ends in a dot"),
        ("$.a[0", "a bracket that is not closed, at 4"),
        ("$.a['b", "a quote that is not closed, at 5"),
        ("$.a]", "has ']' where a step must start, at 4"),
        ("$()", "has '(' where a step must start, at 2"),
        ("$run()", "has '(' where a step must start, at 5"),
        ("$.a b", "has ' ' where a step must start, at 4"),
        ("$.a[b]", "has [b], which is neither a quoted name nor an index nor a filter"),
        ("$.'a'", "has no name after the dot at 2"),
    ],
)
def test_malformed_paths_are_told(text: str, problem: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(PathError) as told:
        read_path(text)
    assert problem in str(told.value)


def test_a_call_is_read_with_its_arguments() -> None:
    """Texts, numbers, words, paths and calls."""
    call = read_call(r"States.Array('it\'s {}', -1.5, true, null, $.a['x,y'], States.UUID( ))")
    assert call.name == "States.Array"
    assert call.arguments[:4] == (
        Literal("it's {}", r"it\'s {}"),
        Literal(-1.5, "-1.5"),
        Literal(value=True, raw="true"),
        Literal(None, "null"),
    )
    path = call.arguments[4]
    assert isinstance(path, PathArgument)
    assert path.path == read_path("$.a['x,y']")
    assert call.arguments[5] == Call("States.UUID", ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("States.Format('a", "an unclosed quote at position 15"),
        ("States.Format($.a", "an unclosed parenthesis"),
        ("States.Format($.a,)", "a comma with no argument after it"),
        ("States.Format('it's')", "escape a quote in a string as"),
        ("States.Format(name)", "where an argument is expected"),
        ("States.UUID() & 'x'", "after its last parenthesis"),
        ("States.Array(" * 11 + ")" * 11, "nests calls more than 10 deep"),
    ],
)
def test_malformed_calls_are_told(text: str, problem: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(IntrinsicError) as told:
        read_call(text)
    assert problem in str(told.value)


def test_ten_calls_may_be_nested() -> None:
    """That is what Step Functions allows."""
    assert read_call("States.Array(" * 10 + ")" * 10).name == "States.Array"


def test_only_what_has_parentheses_is_a_call() -> None:
    """A name alone is none."""
    assert is_call("States.UUID()")
    assert not is_call("States.UUID")
    assert not is_call("$.States.UUID()")


@pytest.mark.parametrize(
    ("text", "arguments", "shape"),
    [
        ("States.Array($.a, 1)", (STRING, NUMBER), array_with((STRING, NUMBER))),
        ("States.ArrayGetItem($.a, 1)", (array_with((STRING, NUMBER)), NUMBER), NUMBER),
        ("States.ArrayGetItem($.a, 1e400)", (array_of(STRING), NUMBER), STRING),
        ("States.ArrayGetItem($.a, 0.5)", (array_of(STRING), NUMBER), STRING),
        ("States.ArrayGetItem($.a, $.at)", (array_of(STRING), NUMBER), STRING),
        ("States.ArrayPartition($.a, 2)", (array_of(STRING), NUMBER), array_of(array_of(STRING))),
        ("States.ArrayUnique($.a)", (array_of(STRING),), array_of(STRING)),
        ("States.ArrayContains($.a, 1)", (ANYTHING, NUMBER), BOOLEAN),
        ("States.JsonMerge($.a, $.b, false)", (object_of({"a": STRING}), object_of({"b": NUMBER}), BOOLEAN), None),
        ("States.StringSplit($.a, '/')", (STRING, STRING), array_of(STRING)),
        ("States.MathAdd(1, 2)", (NUMBER, NUMBER), NUMBER),
        ("States.Format('{}', $.a)", (STRING, STRING), STRING),
        ("States.StringToJson($.a)", (STRING,), ANYTHING),
        ("States.Unknown($.a)", (STRING,), ANYTHING),
    ],
)
def test_calls_give_what_their_functions_do(text: str, arguments: tuple[Shape, ...], shape: Shape | None) -> None:
    """As far as it follows from the arguments."""
    both = object_of({"a": STRING, "b": NUMBER})
    assert result_of(read_call(text), arguments) == (shape or both)


def test_every_function_is_there() -> None:
    """Those of the developer guide, eighteen."""
    assert len(FUNCTIONS) == 18
    assert all(name.startswith("States.") for name in FUNCTIONS)
