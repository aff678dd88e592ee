"""Shapes after a change: written into, merged, seen to be there, looked at by a Choice."""

from __future__ import annotations

from typing import Any

from flow_programs import NAMES, OBJECTS, fits
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.lint.dataflow.change import assume_present, clear_unsure, merged, refine_tested, write_at
from constructs_ml.lint.dataflow.lookup import Outcome, find
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    GIVEN,
    NUMBER,
    OPEN,
    STRING,
    Member,
    MissingFrom,
    Object,
    Presence,
    array_with,
    join,
    literal,
    object_of,
)

OPTIONAL = Member(STRING, Presence.OPTIONAL)


@given(one=OBJECTS, steps=st.lists(NAMES, min_size=1, max_size=2), value=OBJECTS)
def test_what_is_written_is_there(one: dict[str, Any], steps: list[str], value: dict[str, Any]) -> None:
    """Where it was written, and the rest stays as it was."""
    here: Any = one
    for step in steps[:-1]:
        here = here.setdefault(step, {}) if isinstance(here, dict) else None
    shape = write_at(literal(one), tuple(steps), literal(value))
    if isinstance(here, dict):
        here[steps[-1]] = value
        assert fits(shape, one)
        assert find(shape, tuple(steps)).outcome is Outcome.THERE


def test_what_is_unknown_has_what_is_written_into_it() -> None:
    """It is an object then."""
    assert write_at(ANYTHING, ("a", "b"), STRING) == object_of({"a": object_of({"b": STRING}, open=True)}, open=True)


@given(one=OBJECTS, other=OBJECTS)
def test_a_merge_has_the_members_of_both(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Those of the second go over those of the first."""
    assert fits(merged(literal(one), literal(other)), one | other)


def test_what_is_merged_may_go_over_what_is_there() -> None:
    """What the execution is given does not, other objects that are not known do."""
    made = object_of({"a": object_of({"b": STRING})})
    given_ = Object({}, open=True, source=GIVEN)
    assert find(merged(made, OPEN), ("a", "x")).outcome is Outcome.UNKNOWN
    assert find(merged(made, given_), ("a", "x")).outcome is Outcome.NEVER
    assert find(merged(made, ANYTHING), ("a",)).outcome is Outcome.THERE
    optional = merged(object_of({"a": NUMBER}), object_of({"a": OPTIONAL, "b": OPTIONAL}))
    assert find(optional, ("a",)).outcome is Outcome.THERE
    assert find(optional, ("b",)).outcome is Outcome.MAYBE


def test_what_was_read_is_there() -> None:
    """Else the state had failed."""
    shape = object_of({"job": object_of({"said": OPTIONAL}), "items": array_with((object_of({"a": OPTIONAL}),))})
    assert find(assume_present(shape, ("job", "said")), ("job", "said")).outcome is Outcome.THERE
    assert find(assume_present(shape, ("items", 0, "a")), ("items", 0, "a")).outcome is Outcome.THERE


def test_what_was_never_there_is_not_judged_again() -> None:
    """One mistake is told once."""
    shape = object_of({"a": STRING, "items": array_with((STRING,))})
    for steps in (("b", "c"), ("a", "c"), ("items", 3)):
        after = assume_present(shape, steps)
        assert find(shape, steps).outcome is Outcome.NEVER
        assert find(after, steps).outcome is Outcome.UNKNOWN
    assert assume_present(OPEN, ("b",)) is OPEN


def test_a_choice_takes_the_doubts_of_ways() -> None:
    """It may have been made for that; what a service leaves out has nothing to do with it."""
    response = object_of({"said": OPTIONAL})
    lost = join(object_of({"a": STRING, "job": response}), object_of({"job": response}), MissingFrom(other="a way"))
    assert find(lost, ("a",)).outcome is Outcome.MAYBE
    assert find(clear_unsure(lost), ("a",)).outcome is Outcome.UNKNOWN
    assert find(clear_unsure(lost), ("job", "said")).outcome is Outcome.MAYBE
    listed = array_with((lost,))
    assert find(clear_unsure(listed), (0, "a")).outcome is Outcome.UNKNOWN
    partly = join(OPEN, object_of({}), MissingFrom(other="a way"))
    assert find(clear_unsure(partly), ("x",)).outcome is Outcome.UNKNOWN


def test_a_choice_settles_the_response_that_it_looked_at() -> None:
    """A failure's reason goes with the status; another response has its own."""
    shape = object_of({name: object_of({"status": STRING, "said": OPTIONAL}) for name in ("one", "other")})
    settled = refine_tested(shape, ("one", "status"))
    assert find(settled, ("one", "said")).outcome is Outcome.UNKNOWN
    assert find(settled, ("other", "said")).outcome is Outcome.MAYBE
