"""The lattice of values: what is known of one before anything runs.

``Anything`` is its top. An object is closed if it has no members but those that are named, as what a state selects, and
open if it may have others, as the input of an execution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State


DEEPEST = 12
"""Shapes that are nested deeper are not followed: in a loop they could grow without end."""
LARGEST = 200_000
"""Nor are those with more parts, a part counted each time that it is there."""
ANOTHER_PATH = "another way"
"""A way of which no more is told."""


class Presence(IntEnum):
    """Whether a member is there, from the best to the worst."""

    ALWAYS = 0
    UNKNOWN = 1
    """It may be lacking, but whether it is where it is read cannot be told: a Choice may have seen to it."""
    USUALLY = 2
    """The service does not promise it, but mostly has it."""
    OPTIONAL = 3
    """The service leaves it out more often than not, or where it was not asked for it."""
    ON_SOME_PATHS = 4
    """It is lacking on some of the paths through the workflow."""


OPTIONAL = frozenset({Presence.USUALLY, Presence.OPTIONAL})
"""Of what the service may leave out."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Nothing is known."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without members.

    Attributes:
        type: ``string``, ``number``, ``boolean`` or ``null``; empty if it is not known.
        enum: The values that it may have, as the API says; empty if any.
    """

    type: str = ""
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Array:
    """A list.

    Attributes:
        item: What its items are.
        items: The items one by one, if their number is known.
        depth: How deep it is nested.
        size: How many parts it has, those of its parts too.
        doubts: Whether anything in it is lacking on some ways.
    """

    item: Shape
    items: tuple[Shape, ...] | None = None
    depth: int = field(default=1, compare=False)
    size: int = field(default=1, compare=False)
    doubts: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object.

    Attributes:
        shape: What it is.
        presence: Whether it is there.
        lack: The way on which it is lacking, for messages.
        given: Whether the execution's input may have it where no state has made it: as anything then.
    """

    shape: Shape
    presence: Presence = Presence.ALWAYS
    lack: str = ""
    given: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """An object.

    Attributes:
        members: What is known of its members, by name.
        open: Whether it may have others.
        partly: The way on which it certainly has no others; empty if there is none.
        settled: Whether a Choice has looked at it, so that what the service may leave out may be there for certain.
        source: What made it, for messages: ``the result of Train``.
        depth: How deep it is nested.
        size: How many parts it has, those of its parts too.
        doubts: Whether anything in it is lacking on some ways.
        optional: Whether it has members that the service may leave out.
    """

    members: Mapping[str, Member]
    open: bool = False
    partly: str = ""
    settled: bool = False
    source: str = field(default="", compare=False)
    depth: int = field(default=1, compare=False)
    size: int = field(default=1, compare=False)
    doubts: bool = field(default=False, compare=False)
    optional: bool = field(default=False, compare=False)


Shape = Anything | Scalar | Array | Object
ANYTHING = Anything()
STRING, NUMBER, BOOLEAN, NULL = (Scalar(name) for name in ("string", "number", "boolean", "null"))
OPEN = Object({}, open=True)
"""An object of which no member is known."""
GIVEN = "the execution's input"
"""The source of the input that an execution is started with."""
EMPTY = Object({})


def depth_of(shape: Shape) -> int:
    """How deep a shape is nested: 0 for scalars."""
    return shape.depth if isinstance(shape, (Array, Object)) else 0


def size_of(shape: Shape) -> int:
    """How many parts a shape has: 1 for scalars."""
    return shape.size if isinstance(shape, (Array, Object)) else 1


def doubts_in(shape: Shape) -> bool:
    """Whether anything in a shape is lacking on some ways."""
    return isinstance(shape, (Array, Object)) and shape.doubts


def object_of(members: Mapping[str, Shape | Member], *, open: bool = False, source: str = "") -> Shape:  # noqa: A002
    """An object with these members, which are always there unless they say otherwise."""
    made = {name: item if isinstance(item, Member) else Member(item) for name, item in members.items()}
    return measured(Object(made, open, source=source))


def array_of(item: Shape) -> Shape:
    """A list of any length."""
    return _array(item, None)


def array_with(items: tuple[Shape, ...]) -> Shape:
    """A list of just these items."""
    return _array(join_all(items), items)


def measured(made: Object) -> Shape:
    """An object with what is worked out from its members; anything if it is too large."""
    depth, size, doubts, optional = 0, 1, bool(made.partly), False
    for member in made.members.values():
        shape = member.shape
        if isinstance(shape, (Array, Object)):
            depth, size, doubts = max(depth, shape.depth), size + shape.size, doubts or shape.doubts
        else:
            size += 1
        doubts = doubts or member.presence is Presence.ON_SOME_PATHS
        optional = optional or member.presence in OPTIONAL
    if depth >= DEEPEST or size > LARGEST:
        return ANYTHING
    return Object(made.members, made.open, made.partly, made.settled, made.source, depth + 1, size, doubts, optional)


def _array(item: Shape, items: tuple[Shape, ...] | None) -> Shape:
    inside = (item, *(items or ()))
    depth, size = 1 + max(map(depth_of, inside)), 1 + sum(map(size_of, inside))
    if depth > DEEPEST or size > LARGEST:
        return ANYTHING
    return Array(item, items, depth, size, any(map(doubts_in, inside)))


def doubtful(member: Member) -> bool:
    """Whether a member, or anything in it, is lacking on some ways."""
    return member.presence is Presence.ON_SOME_PATHS or doubts_in(member.shape)


def is_object(shape: Shape) -> bool:
    """Whether a value is an object for certain; what an execution is given may be anything."""
    if not isinstance(shape, Object):
        return False
    made = any(member.presence is Presence.ALWAYS and not member.given for member in shape.members.values())
    return made or not (shape.open and shape.source == GIVEN)


def literal(value: Any) -> Shape:  # noqa: ANN401 - JSON
    """The shape of a JSON value that stands in the definition."""
    if isinstance(value, Mapping):
        return object_of({str(name): literal(item) for name, item in value.items()})
    if isinstance(value, (list, tuple)):
        return array_with(tuple(map(literal, value)))
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, str):
        return STRING
    return NULL if value is None else NUMBER


def join_all(shapes: tuple[Shape, ...]) -> Shape:
    """What any of these is; anything if there are none."""
    joined: Shape | None = None
    for shape in shapes:
        joined = shape if joined is None else join(joined, shape)
    return ANYTHING if joined is None else joined


def join(one: Shape, other: Shape, lacks: MissingFrom | None = None) -> Shape:
    """What a value is that is one or the other.

    Args:
        one: What it may be.
        other: What else it may be.
        lacks: How it is told of members that only one of them has.
    """
    if one is other or one == other:
        return one
    if isinstance(one, Object) and isinstance(other, Object):
        return _join_objects(one, other, lacks or MissingFrom())
    if isinstance(one, Array) and isinstance(other, Array):
        return _join_arrays(one, other)
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        type_ = one.type if one.type == other.type else ""
        return Scalar(type_, tuple(sorted({*one.enum, *other.enum})) if one.enum and other.enum else ())
    return ANYTHING


@dataclass(frozen=True, slots=True)
class MissingFrom:
    """Where a member is missing that only one side of a join has.

    Attributes:
        one: The way on which the first side came, for messages.
        other: Likewise the other.
        one_fails: Whether the first side lacks a member for certain that it may have from the execution's input only.
        other_fails: Likewise the other.
    """

    one: str = ""
    other: str = ""
    one_fails: bool = False
    other_fails: bool = False


def _join_objects(one: Object, other: Object, lacks: MissingFrom) -> Shape:
    members: dict[str, Member] = {}
    for name, member in one.members.items():
        opposite = other.members.get(name)
        if opposite is None:
            members[name] = _lacking(member, other, lacks.other, fails=lacks.other_fails)
        else:
            members[name] = member if opposite is member else _join_members(member, opposite)
    for name, member in other.members.items():
        if name not in one.members:
            members[name] = _lacking(member, one, lacks.one, fails=lacks.one_fails)
    partly = one.partly or other.partly
    if one.open != other.open:
        partly = partly or (lacks.other if one.open else lacks.one) or ANOTHER_PATH
    source = one.source if one.source == other.source else ""
    return measured(Object(members, one.open or other.open, partly, one.settled and other.settled, source))


def _lacking(member: Member, where: Object, way: str, *, fails: bool) -> Member:
    """A member that an object lacks on one way."""
    given = member.given or where.open
    if where.open and not fails:
        presence, lack = max(Presence.UNKNOWN, member.presence), member.lack
    else:
        presence, lack = Presence.ON_SOME_PATHS, member.lack or way or ANOTHER_PATH
    if presence is member.presence and given is member.given:
        return member
    return Member(member.shape, presence, lack, given)


def _join_members(one: Member, other: Member) -> Member:
    worse = one if one.presence >= other.presence else other
    shape = join(one.shape, other.shape)
    lack, given = one.lack or other.lack, one.given or other.given
    if shape is worse.shape and lack == worse.lack and given is worse.given:
        return worse
    return Member(shape, worse.presence, lack, given)


def _join_arrays(one: Array, other: Array) -> Shape:
    items: tuple[Shape, ...] | None = None
    if one.items is not None and other.items is not None and len(one.items) == len(other.items):
        items = tuple(join(*pair) for pair in zip(one.items, other.items, strict=True))
    return _array(join(one.item, other.item), items)


_NULL = {"", "null"}


def type_of(shape: Shape | None) -> str:
    """What a value certainly is: ``string``, ``number``, ``boolean``, ``list`` or ``object``; empty if that is not known."""
    if isinstance(shape, Scalar):
        return "" if shape.type in _NULL else shape.type
    if isinstance(shape, Array):
        return "list"
    return "object" if isinstance(shape, Object) and is_object(shape) else ""


def named(type_: str) -> str:
    """A type as messages say it."""
    return "an object" if type_ == "object" else f"a {'text' if type_ == 'string' else type_}"


def cast_to(wanted: str, got: str, state: State) -> str:
    """How a state makes one type of another; empty if there is no way that is likely meant."""
    jsonata = state.language is Language.JSONATA
    if wanted == "string" and got in {"number", "boolean"}:
        return "write $string(…) around it" if jsonata else "write States.Format('{}', …) around it"
    if wanted == "number" and got == "string":
        return "write $number(…) around it" if jsonata else "write States.StringToJson(…) around it"
    if wanted == "boolean" and got == "string":
        return "compare it with a text" if jsonata else "write States.StringToJson(…) around it"
    if wanted == "boolean" and jsonata:
        return "write a comparison, or $boolean(…) around it"
    return ""
