"""The lattice: what is known of a value, and of one that is this or that."""

from __future__ import annotations

from flow_programs import JSON, fits
from hypothesis import given

from constructs_ml.asl.jsonpath import Wild
from constructs_ml.lint.dataflow.lookup import Outcome, find
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    DEEPEST,
    LARGEST,
    NUMBER,
    OPEN,
    STRING,
    Member,
    MissingFrom,
    Object,
    Presence,
    Scalar,
    array_of,
    array_with,
    join,
    literal,
    object_of,
)


@given(value=JSON)
def test_a_value_is_of_its_shape(value: object) -> None:
    """What stands in a definition fits what is known of it."""
    assert fits(literal(value), value)


@given(one=JSON, other=JSON)
def test_a_join_has_both(one: object, other: object) -> None:
    """What is one or the other may be either, whichever comes first."""
    for shape in (join(literal(one), literal(other)), join(literal(other), literal(one))):
        assert fits(shape, one)
        assert fits(shape, other)


@given(one=JSON, other=JSON)
def test_a_join_with_what_is_in_it_changes_nothing(one: object, other: object) -> None:
    """So a loop comes to its end."""
    joined = join(literal(one), literal(other))
    assert join(joined, literal(other)) == joined
    assert join(joined, literal(one)) == joined
    assert join(joined, joined) is joined


def test_a_member_of_one_side_is_there_on_some_ways() -> None:
    """It is told which way lacks it."""
    joined = join(
        object_of({"a": STRING, "b": NUMBER}), object_of({"a": STRING}), MissingFrom(other="Catch[0] of Train")
    )
    assert isinstance(joined, Object)
    assert joined.members["a"] == Member(STRING)
    assert joined.members["b"] == Member(NUMBER, Presence.ON_SOME_PATHS, "Catch[0] of Train")


def test_a_member_may_be_given_where_the_other_side_is_open() -> None:
    """The input of an execution may have it, unless an error led past what makes it."""
    made = object_of({"a": STRING}, open=True)
    unsure = join(made, OPEN)
    assert isinstance(unsure, Object)
    assert unsure.members["a"] == Member(STRING, Presence.UNKNOWN, given=True)
    lost = join(made, OPEN, MissingFrom(other="Catch[0] of Train", other_fails=True))
    assert isinstance(lost, Object)
    assert lost.members["a"] == Member(STRING, Presence.ON_SOME_PATHS, "Catch[0] of Train", given=True)


def test_what_is_read_may_be_what_the_execution_was_given() -> None:
    """A copy of it is of any shape: on the other way it is a number."""
    found = find(join(object_of({"b": NUMBER}), OPEN), ("b",))
    assert (found.outcome, found.shape) == (Outcome.UNKNOWN, ANYTHING)


def test_what_is_not_named_is_lacking_where_one_side_is_closed() -> None:
    """An error that replaces the input loses what the execution was given."""
    joined = join(OPEN, object_of({"Error": STRING}), MissingFrom(other="Catch[0] of Train"))
    assert find(joined, ("bucket",)).lack == "Catch[0] of Train"
    assert find(joined, ("bucket",)).outcome is Outcome.MAYBE
    assert find(OPEN, ("bucket",)).outcome is Outcome.UNKNOWN


def test_enumerations_are_joined() -> None:
    """A value of either is one of both; one without an enumeration may be any text."""
    assert join(Scalar("string", ("a",)), Scalar("string", ("b",))) == Scalar("string", ("a", "b"))
    assert join(Scalar("string", ("a",)), STRING) == STRING
    assert join(STRING, NUMBER) == Scalar()
    assert join(STRING, OPEN) == ANYTHING


def test_lists_of_one_length_are_joined_item_by_item() -> None:
    """Others only as a whole."""
    assert join(array_with((STRING, NUMBER)), array_with((STRING, STRING))) == array_with((STRING, Scalar()))
    assert join(array_with((STRING,)), array_of(STRING)) == array_of(STRING)


def test_what_is_too_deep_or_too_large_is_anything() -> None:
    """So no shape grows without end."""
    deep = STRING
    for _ in range(DEEPEST + 1):
        deep = object_of({"inner": deep})  # type: ignore[assignment]
    assert deep == ANYTHING
    wide = object_of({str(at): STRING for at in range(LARGEST + 1)})
    assert wide == ANYTHING


def test_steps_are_looked_up_one_by_one() -> None:
    """Names in objects, indices in lists; what is neither has no members."""
    shape = object_of({"a": object_of({"b": STRING}), "items": array_with((object_of({"c": NUMBER}),))})
    assert find(shape, ("a", "b")).shape == STRING
    assert find(shape, ("items", 0, "c")).outcome is Outcome.THERE
    assert find(shape, ("items", -1, "c")).outcome is Outcome.THERE
    assert find(shape, ("items", 1)).outcome is Outcome.NEVER
    assert find(shape, ("items", "c")).outcome is Outcome.NEVER
    assert find(shape, ("a", 0)).outcome is Outcome.NEVER
    assert find(shape, ("a", "b", "c")).at == 2
    assert find(shape, ("a", "x")).around == object_of({"b": STRING})
    assert find(shape, ("items", Wild.EACH, "x")).outcome is Outcome.NEVER
    assert find(shape, ("items", Wild.EACH, "c")).outcome is Outcome.UNKNOWN


def test_jsonata_looks_into_the_items_of_lists() -> None:
    """A name is looked up in each item, and what is no list has itself as its first item."""
    shape = object_of({"items": array_of(object_of({"c": NUMBER}))})
    assert find(shape, ("items", "c"), mapping=True).outcome is Outcome.UNKNOWN
    assert find(shape, ("items", "x"), mapping=True).outcome is Outcome.NEVER
    assert find(shape, (0, "items"), mapping=True).outcome is Outcome.THERE
    assert find(shape, (1,), mapping=True).outcome is Outcome.NEVER


def test_what_may_be_lacking_is_told_of_the_first_step() -> None:
    """What is below it depends on it."""
    inner = object_of({"b": Member(STRING, Presence.OPTIONAL)})
    found = find(object_of({"a": Member(inner, Presence.ON_SOME_PATHS, "Default of Enough?")}), ("a", "b"))
    assert (found.outcome, found.at, found.lack) == (Outcome.MAYBE, 0, "Default of Enough?")


def test_nothing_is_said_of_what_the_input_may_have_instead() -> None:
    """A member that may be given may be anything there."""
    member = Member(object_of({"b": STRING}), Presence.UNKNOWN, given=True)
    assert find(object_of({"a": member}), ("a", "x")).outcome is Outcome.UNKNOWN
    lost = Member(object_of({"b": STRING}), Presence.ON_SOME_PATHS, "Catch[0] of Train", given=True)
    assert find(object_of({"a": lost}), ("a", "b")).outcome is Outcome.MAYBE
    assert find(object_of({"a": lost}), ("a",)).outcome is Outcome.UNKNOWN
