"""Runtime values in both query languages, against a reference evaluation of each."""

from __future__ import annotations

from typing import Any

import jsonata
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.intrinsics import evaluate

from constructs_ml.asl.expressions import (
    Expression,
    Format,
    Language,
    Path,
    has_runtime,
    is_jsonata,
    join,
    parse_jsonata,
    render,
)
from constructs_ml.asl.input_member import execution_input
from constructs_ml.asl.literals import jsonata_name, jsonata_text, key_for, member_path

INPUT = {"a": "one", "b": {"c d": "two", "e": ["three", 4]}, "n": 5}
PATHS = {"$.a": "one", "$.b['c d']": "two", "$.b.e[0]": "three", "$.n": 5}
TEXT = st.text(st.sampled_from("'\"\\{}`%&\n\t") | st.characters(exclude_categories=["Cs"]), max_size=30)
LITERALS = TEXT.filter(lambda text: "${Token[" not in text)
PARTS = st.lists(LITERALS | st.sampled_from([Path(path) for path in PATHS]), max_size=6)


def of_jsonata(text: str, state_input: Any = None) -> Any:
    assert is_jsonata(text)
    states = {"input": INPUT if state_input is None else state_input, "context": {"Execution": {"Name": "run"}}}
    return jsonata.Jsonata(text[2:-2]).evaluate(None, {"states": states})


def plain(parts: list[str | Path]) -> str:
    return "".join(part if isinstance(part, str) else str(PATHS[part.jsonpath]) for part in parts)


@given(PARTS)
def test_a_format_in_jsonpath_gives_the_concatenation(parts: list[str | Path]) -> None:
    """Whatever characters are in it: quotes, braces, backslashes."""
    value = join(*parts)

    if isinstance(value, str):
        assert value == plain(parts)
    else:
        assert str(evaluate(value.jsonpath, INPUT)) == plain(parts)


@given(PARTS)
def test_a_format_in_jsonata_gives_the_concatenation(parts: list[str | Path]) -> None:
    """The same parts in JSONata."""
    value = join(*parts)

    if not isinstance(value, str):
        assert str(of_jsonata(f"{{% {value.jsonata} %}}")) == plain(parts)


@given(LITERALS)
def test_a_text_in_jsonata_is_a_literal(text: str) -> None:
    """jsonata_text() escapes what must be escaped."""
    assert of_jsonata(f"{{% {jsonata_text(text)} %}}") == text


@given(
    st.lists(LITERALS | st.integers(-9, 9) | st.booleans() | st.sampled_from([Path("$.a"), Path("$.n")]), max_size=5)
)
def test_a_list_with_a_runtime_value_becomes_an_array(items: list[Any]) -> None:
    """JSONPath has no runtime values inside lists: the list is written as States.Array."""
    wanted = [PATHS[item.jsonpath] if isinstance(item, Path) else item for item in items]

    written = render({"Items": items}, Language.JSONPATH)

    if has_runtime(items):
        assert evaluate(written["Items.$"], INPUT) == wanted
    else:
        assert written == {"Items": wanted}


def test_a_list_in_jsonata_keeps_its_items() -> None:
    """Each item is an expression of its own."""
    assert render({"Items": ["x", Path("$.a")]}, Language.JSONATA) == {"Items": ["x", "{% $states.input.a %}"]}


def test_a_list_with_a_runtime_value_holds_no_structures() -> None:
    """States.Array has no way to write them."""
    with pytest.raises(TypeError, match="can otherwise hold only strings, numbers and booleans"):
        render({"Items": [Path("$.a"), {"x": 1}]}, Language.JSONPATH)


def test_a_runtime_value_in_a_list_of_lists_is_refused_in_jsonpath() -> None:
    """It would be written as a text otherwise."""
    with pytest.raises(ValueError, match="as a member"):
        render({"Items": [[1], Path("$.a")], "More": [[[Path("$.a")]]]}["More"], Language.JSONPATH)


def test_runtime_values_are_found_at_any_depth() -> None:
    """In members, in items of lists and inside texts."""
    template = {"A": {"B": [{"C": join("x-", Path("$.a"))}]}, "D": "plain", "E": None}

    assert render(template, Language.JSONPATH) == {"A": {"B": [{"C.$": "States.Format('x-{}', $.a)"}]}, "D": "plain"}
    assert render(template, Language.JSONATA) == {"A": {"B": [{"C": "{% 'x-' & $states.input.a %}"}]}, "D": "plain"}


def test_braces_of_tokens_are_not_escaped() -> None:
    """CDK would not find its tokens again; other braces are escaped."""
    value = join("{x}${Token[AWS.Region.4]}/", Path("$.a"))

    assert value.jsonpath == "States.Format('\\{x\\}${Token[AWS.Region.4]}/{}', $.a)"  # type: ignore[union-attr]


def test_an_intrinsic_call_nests() -> None:
    """A call of the user's is an argument like any path."""
    value = join("s3://", Path("States.Format('{}-x', $.a)"))

    assert isinstance(value, Format)
    assert evaluate(value.jsonpath, INPUT) == "s3://one-x"


def test_an_intrinsic_call_has_no_jsonata() -> None:
    """It is said, not written as text."""
    with pytest.raises(ValueError, match=r"States\.Format\('x'\) has no counterpart in JSONata; pass a '\{% %\}'"):
        _ = Path("States.Format('x')").jsonata


@pytest.mark.parametrize("path", ["$..a", "$.a[*]", "$.a[?(@.b)]", "$.a[-1]", '$["a"]'])
def test_a_path_that_jsonata_writes_otherwise_is_refused(path: str) -> None:
    """Filters, wildcards and slices are not translated."""
    with pytest.raises(ValueError, match="has no counterpart in JSONata"):
        _ = Path(path).jsonata


@pytest.mark.parametrize(
    ("path", "jsonata_form"),
    [
        ("$", "$states.input"),
        ("$.a.b[0]", "$states.input.a.b[0]"),
        ("$['it is'].b", "$states.input.`it is`.b"),
        ("$.naïve", "$states.input.`naïve`"),
        ("$$", "$states.context"),
        ("$$.Execution.Name", "$states.context.Execution.Name"),
        ("$$.Execution.Input['a']", "$states.context.Execution.Input.a"),
    ],
)
def test_paths_in_jsonata(path: str, jsonata_form: str) -> None:
    """Input and context have names of their own there."""
    assert Path(path).jsonata == jsonata_form


def test_jsonata_is_parsed_where_it_stands_in_a_text() -> None:
    """A {% %} in the middle of a text is an expression too, not the characters."""
    value = parse_jsonata("s3://bucket/{% $states.input.a ? 'x' : 'y' %}/z")

    assert isinstance(value, Format)
    assert of_jsonata(f"{{% {value.jsonata} %}}") == "s3://bucket/x/z"
    assert parse_jsonata("{% $x %}") == Expression("$x")
    assert parse_jsonata("100 % {sure}") == "100 % {sure}"


def test_jsonata_in_a_jsonpath_state_is_refused() -> None:
    """Step Functions would take it for text."""
    with pytest.raises(ValueError, match="is JSONata, and the query language of the state is JSONPath"):
        render({"A": join("x", Expression("$a"))}, Language.JSONPATH)


def test_a_single_value_as_a_text() -> None:
    """A Format of one value turns a number into a text."""
    assert evaluate(Format((Path("$.n"),)).jsonpath, INPUT) == "5"
    assert of_jsonata(f"{{% {Format((Path('$.n'),)).jsonata} %}}") == "5"


def test_join_flattens_and_keeps_plain_text_plain() -> None:
    """Nothing known only at run time, no Format; one runtime value alone is itself."""
    assert join("a", "", "b") == "ab"
    assert join() == ""
    assert join("", Path("$.a")) == Path("$.a")
    assert join(join("a", Path("$.a")), "b", "c") == Format(("a", Path("$.a"), "bc"))


def test_execution_input_names_a_member() -> None:
    """By bracket notation, so that any name without quotes will do."""
    assert execution_input("Training", "max depth").jsonpath == "$$.Execution.Input['Training']['max depth']"


@pytest.mark.parametrize(
    ("names", "got"),
    [
        ((), "none"),
        (("it's",), '"it\'s"'),
        (("a\\b",), "'a\\\\b'"),
        (("ok", ""), "'ok', ''"),
        (("a`b",), "'a`b'"),
    ],
)
def test_execution_input_refuses_names_that_no_path_can_hold(names: tuple[str, ...], got: str) -> None:
    """The message names them."""
    with pytest.raises(ValueError, match="must be names") as caught:
        execution_input(*names)

    assert str(caught.value) == f"must be names without quotes and backslashes, got {got}"


def test_execution_input_takes_every_letter() -> None:
    """X too."""
    assert execution_input("XmlX").jsonpath == "$$.Execution.Input['XmlX']"


@given(TEXT)
def test_a_key_can_be_written_in_a_path_of_either_language(name: str) -> None:
    """Whatever a state is called, its result can be referred to."""
    key = key_for(name)
    if not key:
        return

    assert evaluate(member_path(key), {key: 1}) == 1
    assert of_jsonata(f"{{% {Path(member_path(key)).jsonata} %}}", {key: 1}) == 1


def test_members_that_are_none_are_left_out() -> None:
    """So that a request is written without a test for each optional member."""
    assert render({"A": None, "B": {"C": None, "D": 0}}, Language.JSONPATH) == {"B": {"D": 0}}


def test_is_jsonata_is_about_whole_texts() -> None:
    """And about texts only."""
    assert is_jsonata("{% $x %}")
    assert not is_jsonata("a {% $x %}")
    assert not is_jsonata(3)


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (("a", "B_1", "_c"), "$.a.B_1._c"),
        (("a b", "c"), "$['a b'].c"),
        (("1a",), "$['1a']"),
        (("Z", "z"), "$.Z.z"),
        (("né",), "$['né']"),
        ((), "$"),
    ],
)
def test_a_path_has_dots_where_the_name_is_an_identifier(names: tuple[str, ...], path: str) -> None:
    """And brackets elsewhere."""
    assert member_path(*names) == path


def test_a_path_may_begin_elsewhere() -> None:
    """In the context object, or in the middle of another."""
    assert member_path("Execution", "Name", root="$$") == "$$.Execution.Name"
    assert member_path("a b", root="") == "['a b']"


def test_a_key_keeps_what_a_path_can_hold() -> None:
    """Each character that none can is an underscore."""
    assert key_for("a'b\"c`d\\e\tf\x00g\x1fh\x7fi") == "a_b_c_d_e_f_g_h_i"
    assert key_for("Fit model (2), né XX 'X") == "Fit model (2), né XX _X"


@pytest.mark.parametrize("name", ["and", "false", "function", "in", "null", "or", "true", "a b", "né", "1a", ""])
def test_a_name_that_jsonata_would_read_otherwise_is_quoted(name: str) -> None:
    """Its words, and what is no identifier."""
    assert jsonata_name(name) == f"`{name}`"


@pytest.mark.parametrize("name", ["a", "Z", "_", "a_1Z", "android", "True"])
def test_a_name_that_jsonata_reads_as_one_stands_as_it_is(name: str) -> None:
    """Words are words in lower case only."""
    assert jsonata_name(name) == name


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("a", "'a'"),
        ("it's", '"it\'s"'),
        ('say "no"', "'say \"no\"'"),
        ('it\'s "no"', '"it\'s \\"no\\""'),
        ("a\\b\nc", "'a\\\\b\\nc'"),
    ],
)
def test_a_literal_has_the_quotes_that_it_can(text: str, literal: str) -> None:
    """JSONata has no escape for a single quote."""
    assert jsonata_text(text) == literal


def test_the_items_of_an_array_are_written_as_literals() -> None:
    """Quotes and backslashes of texts are escaped, braces are not: an argument is no template."""
    items = ["it's X {b} \\", 3, 1.5, True, False, Path("$.a"), Format(("x", Path("$.n")))]

    assert render({"Items": items}, Language.JSONPATH) == {
        "Items.$": "States.Array('it\\'s X {b} \\\\', 3, 1.5, true, false, $.a, States.Format('x{}', $.n))"
    }
    assert render({"Items": tuple(items[5:6])}, Language.JSONPATH) == {"Items.$": "States.Array($.a)"}


def test_what_an_array_cannot_hold_is_named() -> None:
    """Neither a structure nor nothing."""
    with pytest.raises(TypeError) as caught:
        render({"Items": [Path("$.a"), None]}, Language.JSONPATH)

    problem = "a list with a runtime value in it can otherwise hold only strings, numbers and booleans"
    assert str(caught.value) == f"{problem}, got None"


def test_a_runtime_value_alone_cannot_be_written_in_jsonpath() -> None:
    """Its place is a member, or a list that is one."""
    with pytest.raises(ValueError, match="JSONPath") as caught:
        render([[Path("$.a")]], Language.JSONPATH)

    can = "JSONPath can only write a runtime value as a member, or as an item of a member's list"
    assert str(caught.value) == can
    assert render([[Path("$.a")], (1, "b")], Language.JSONATA) == [["{% $states.input.a %}"], [1, "b"]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Path("$.a"), True),
        (Expression("$a"), True),
        (Format(("x", Path("$.a"))), True),
        ("{% $x %}", True),
        ({"A": {"B": [1, Path("$.a")]}}, True),
        ({"A": 1, "B": "{% $x %}"}, True),
        ([[("x", "{% $x %}")]], True),
        ({"A": ["$.a", None, 3]}, False),
        ([], False),
        ({}, False),
    ],
)
def test_runtime_values_are_seen_anywhere(value: Any, expected: bool) -> None:
    """In members and in items, however deep."""
    assert has_runtime(value) is expected


@pytest.mark.parametrize("text", ["{% $x", "$x %}", "{ % $x %}", ""])
def test_half_an_expression_is_text(text: str) -> None:
    """Both ends belong to it."""
    assert not is_jsonata(text)


def test_expressions_in_a_text_are_joined_in_braces() -> None:
    """So that the operators in them bind no further; the spaces at their ends go."""
    value = parse_jsonata("a{%  $x ? 1\n: 2 %}b{%$y%}")

    assert value == Format(("a", Expression("$x ? 1\n: 2"), "b", Expression("$y")))
    assert render(value, Language.JSONATA) == "{% 'a' & ($x ? 1\n: 2) & 'b' & ($y) %}"


def test_jsonata_has_no_jsonpath() -> None:
    """The message shows the expression as it was written."""
    with pytest.raises(ValueError, match="is JSONata") as caught:
        _ = Expression("$x").jsonpath

    assert str(caught.value) == "{% $x %} is JSONata, and the query language of the state is JSONPath"


def test_only_the_braces_of_tokens_stay() -> None:
    """What looks like one and is none is escaped."""
    value = Format(("${Token[A.1]}${Token}{a}\\'${Token[B.2]}X", Path("$.a")))

    assert value.jsonpath == "States.Format('${Token[A.1]}$\\{Token\\}\\{a\\}\\\\\\'${Token[B.2]}X{}', $.a)"
