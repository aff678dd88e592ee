"""Declarations of an execution's input: annotations become fields, and what cannot be checked is refused."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, ClassVar, Literal

import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, Lt, MaxLen, MinLen, MultipleOf
from typing_extensions import Doc

import constructs_ml as ml
from constructs_ml.asl.inputs import InputField, InputKind


class Size(Enum):
    """Choices."""

    SMALL = "s"
    LARGE = "l"


class Inputs(ml.ExecutionInput):
    """What to train on.

    More of it.
    """

    day: Annotated[str, Doc("The day"), MinLen(10), MaxLen(10)]
    depth: Annotated[int, Ge(1), Le(32)] = 6
    rate: Annotated[float, Interval(gt=0, lt=1)] = 0.5
    dry: Annotated[bool, "Only look"] = False
    names: Annotated[list[Literal["a", "b"]], Len(0, 3)] = []  # noqa: RUF012 - the default of a field
    weights: dict[str, Annotated[float, Ge(0)]] = {"a": 1}  # noqa: RUF012
    rows: ml.S3Uri
    size: Size = Size.SMALL
    anything: dict[str, Any] = {}  # noqa: RUF012
    NOTE: ClassVar[str] = "not a field"
    _mine = "not a field"


def declared(cls: type[ml.ExecutionInput]) -> dict[str, InputField]:
    return {field.name: field for field in cls.shape.fields}


def test_annotations_become_fields() -> None:
    text, number = InputKind.TEXT, InputKind.NUMBER
    assert list(declared(Inputs).values()) == [
        InputField("day", text, min_length=10, max_length=10, description="The day"),
        InputField("depth", InputKind.WHOLE, default=6, ge=1, le=32),
        InputField("rate", number, default=0.5, gt=0, lt=1),
        InputField("dry", InputKind.FLAG, default=False, description="Only look"),
        InputField(
            "names",
            InputKind.LIST,
            default=[],
            items=InputField("", text, choices=("a", "b")),
            min_length=0,
            max_length=3,
        ),
        InputField("weights", InputKind.OBJECT, default={"a": 1}, items=InputField("", number, ge=0)),
        InputField("rows", text, is_uri=True),
        InputField("size", text, default="s", choices=("s", "l")),
        InputField("anything", InputKind.OBJECT, default={}),
    ]


def test_the_first_line_of_the_docstring_describes_the_schema() -> None:
    schema = Inputs.json_schema()
    assert (schema["title"], schema["description"]) == ("Inputs", "What to train on.")
    assert schema["required"] == ["day", "rows"]
    assert schema["properties"]["depth"] == {"type": "integer", "default": 6, "minimum": 1, "maximum": 32}


def test_faults_are_those_of_an_execution() -> None:
    good = {"day": "2026-01-31", "rows": "s3://bucket/rows/"}
    assert Inputs.faults_of(good) == []
    assert Inputs.faults_of({**good, "depth": 0}) == ["depth must be an integer from 1 to 32, got 0"]


def test_a_subclass_has_the_fields_of_its_bases_and_may_change_them() -> None:
    class Daily(Inputs):
        depth = 8  # type: ignore[assignment]  # a default of another value
        country: str

    class Weekly(Daily):
        country: Literal["at", "de"] = "at"

    assert declared(Daily)["depth"] == InputField("depth", InputKind.WHOLE, default=8, ge=1, le=32)
    assert list(declared(Daily))[-1] == "country"
    assert declared(Inputs)["depth"].default == 6
    assert declared(Weekly)["country"].choices == ("at", "de")
    assert declared(Weekly)["depth"].default == 8


def test_two_bases_give_the_fields_of_both() -> None:
    class Days(ml.ExecutionInput):
        day: str

    class Depths(ml.ExecutionInput, closed=False):
        depth: int = 6

    class Both(Depths, Days):
        pass

    assert sorted(declared(Both)) == ["day", "depth"]
    assert not Both.shape.closed
    assert Days.shape.closed


def test_local_classes_may_use_local_types() -> None:
    class Colour(Enum):
        RED = 1
        BLUE = 2

    most = 5

    class Local(ml.ExecutionInput):
        colour: Colour = Colour.RED
        depth: Annotated[int, Le(most)] = 1

    assert declared(Local)["colour"] == InputField("colour", InputKind.WHOLE, default=1, choices=(1, 2))
    assert declared(Local)["depth"].le == 5


def test_an_attribute_is_the_same_token_each_time() -> None:
    """A token costs a call to Node."""
    assert Inputs.day is Inputs.day
    assert f"{Inputs.depth}".startswith("${Token[")


def test_a_number_is_not_computed_with() -> None:
    """The sum would be of the token, and mean nothing."""
    for compute in (lambda: Inputs.depth + 1, lambda: 2 * Inputs.rate, lambda: 1 / Inputs.depth):
        with pytest.raises(
            TypeError, match=r"^\$workflowInputs\.\w+ is known only when the workflow runs: compute with it"
        ):
            compute()


BAD: dict[str, tuple[Any, Any, str]] = {
    "several types": (
        str | None,
        ...,
        "cannot be one of several types, got str | None; give it one type, and a default",
    ),
    "no type of JSON": (set[str], ..., "must be one of str, int, float, bool, ml.S3Uri, Literal, an Enum"),
    "keys that are no strings": (dict[int, str], ..., "must have strings for keys"),
    "choices of several types": (Literal["a", 1], ..., "must have choices that are all strings, all integers"),
    "choices of booleans": (Literal[True], ..., "must have choices that are all strings"),
    "an unknown bound": (
        Annotated[int, MultipleOf(2)],
        ...,
        "cannot be checked by MultipleOf(multiple_of=2): known are Ge",
    ),
    "a length of a number": (Annotated[int, MinLen(1)], ..., "cannot have min_length, being an integer; got MinLen"),
    "a range of a string": (Annotated[str, Gt(1)], ..., "cannot have gt, being a string; got Gt"),
    "a bound of a boolean": (Annotated[bool, Ge(0)], ..., "cannot have ge, being true or false"),
    "a bound of choices": (Annotated[Literal[1, 2], Le(2)], ..., "cannot have le, being one of 1, 2"),
    "a bound that is no number": (Annotated[int, Ge("1")], ..., "must have bounds that are finite numbers"),
    "an endless bound": (Annotated[float, Lt(float("inf"))], ..., "must have bounds that are finite numbers"),
    "bounds that cross": (Annotated[int, Ge(5), Lt(5)], ..., "has bounds that no value is within"),
    "lengths that cross": (Annotated[str, Len(3, 2)], ..., "has bounds that no value is within"),
    "a default of another type": (int, "6", 'has a default that it does not allow: must be an integer, got "6"'),
    "a default out of range": (
        Annotated[int, Le(5)],
        6,
        "has a default that it does not allow: must be an integer of at",
    ),
    "a default of None": (str, None, "has a default that it does not allow: must be a string, got null"),
    "a default that is no JSON": (dict, {"a": object()}, "must have a default that JSON can hold"),
    "a default that is not a number": (float, float("nan"), "must have a default that JSON can hold, got nan"),
}


@pytest.mark.parametrize(("hint", "default", "fault"), BAD.values(), ids=BAD.keys())
def test_a_declaration_that_cannot_be_checked_is_refused(hint: Any, default: Any, fault: str) -> None:
    members: dict[str, Any] = {"__annotations__": {"field": hint}, "__module__": __name__}
    with pytest.raises(ml.InvalidPropsError) as raised:
        type("Bad", (ml.ExecutionInput,), members if default is ... else {**members, "field": default})
    assert f"Bad: field {fault}" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({}, "has no fields; write one: `day: str`"),
        ({"depth": 6}, "depth has no type; annotate it: `depth: int = ...`"),
        ({"__annotations__": {"shape": str}}, "shape has the name of a member of ml.ExecutionInput"),
        ({"__annotations__": {"_day": str}}, "_day must begin with a letter"),
        ({"__annotations__": {"größe": int}}, "größe must begin with a letter and have only letters"),
        ({"__annotations__": {"day": "Day"}}, "a field has a type that is not known: name 'Day' is not defined"),
    ],
)
def test_a_class_that_declares_no_fields_well_is_refused(members: dict[str, Any], fault: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as raised:
        type("Bad", (ml.ExecutionInput,), {"__module__": __name__, **members})
    assert fault in str(raised.value)


def test_all_faults_of_a_class_are_named_at_once() -> None:
    members = {"__module__": __name__, "__annotations__": {"day": str | None, "depth": set}, "rate": 5}
    with pytest.raises(ml.InvalidPropsError) as raised:
        type("Bad", (ml.ExecutionInput,), members)
    assert [fault.member for fault in raised.value.faults] == ["day", "depth", "rate"]
