"""The lattice of values: the facts known about one before the workflow runs.

``Anything`` is its top. A closed object has no members but the named ones, as the result of a selector; an open one may
have others, as the input of an execution.
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
"""The greatest nesting of a shape; deeper parts are widened, since they could grow without end in a loop."""
LARGEST = 200_000
"""The greatest number of parts of a shape; a part counts each time that it occurs."""
ANOTHER_PATH = "another path"
"""An unnamed path, for messages."""


class Presence(IntEnum):
    """The presence of a member, from the best to the worst."""

    ALWAYS = 0
    UNKNOWN = 1
    """It may be missing, but not provably where it is read: a Choice may have ruled that out."""
    USUALLY = 2
    """The service does not guarantee it, but mostly includes it."""
    OPTIONAL = 3
    """The service omits it more often than not, or unless it was requested."""
    ON_SOME_PATHS = 4
    """It is missing on some paths through the workflow."""


OPTIONAL = frozenset({Presence.USUALLY, Presence.OPTIONAL})
"""The presences of members that a service may omit."""


@dataclass(frozen=True, slots=True)
class Anything:
    """The top of the lattice: nothing is known."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without members.

    Attributes:
        type: ``string``, ``number``, ``boolean`` or ``null``; empty if it is not known.
        enum: The values that it may have, according to the API; empty for any.
    """

    type: str = ""
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Array:
    """A list.

    Attributes:
        item: The join of its items.
        items: The items one by one, if their number is known.
        depth: Its nesting depth.
        size: The number of its parts, including nested ones.
        doubts: Whether any part is missing on some paths.
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
        shape: The shape of its value.
        presence: Whether it is there.
        lack: The branch on which it is missing, for messages.
        given: Whether the execution's input may supply it where no state has written it: as any value then.
    """

    shape: Shape
    presence: Presence = Presence.ALWAYS
    lack: str = ""
    given: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """An object.

    Attributes:
        members: The known members, by name.
        open: Whether it may have others.
        partly: A branch on which it certainly has no others; empty if there is none.
        settled: Whether a Choice has tested it, so that optional members of a response may be known to be there.
        source: Its origin, for messages: ``the result of Train``.
        depth: Its nesting depth.
        size: The number of its parts, including nested ones.
        doubts: Whether any part is missing on some paths.
        optional: Whether it has members that the service may omit.
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
"""An object without known members."""
GIVEN = "the execution's input"
"""The source of an execution's input."""
EMPTY = Object({})


def depth_of(shape: Shape) -> int:
    """Return the nesting depth of a shape: 0 for scalars."""
    return shape.depth if isinstance(shape, (Array, Object)) else 0


def size_of(shape: Shape) -> int:
    """Return the number of parts of a shape: 1 for scalars."""
    return shape.size if isinstance(shape, (Array, Object)) else 1


def doubts_in(shape: Shape) -> bool:
    """Return whether any part of a shape is missing on some paths."""
    return isinstance(shape, (Array, Object)) and shape.doubts


def object_of(members: Mapping[str, Shape | Member], *, open: bool = False, source: str = "") -> Shape:  # noqa: A002
    """Return an object with these members, which are always there unless they say otherwise."""
    made = {name: item if isinstance(item, Member) else Member(item) for name, item in members.items()}
    return measured(Object(made, open, source=source))


def array_of(item: Shape) -> Shape:
    """Return a list of any length."""
    return _array(item, None)


def array_with(items: tuple[Shape, ...]) -> Shape:
    """Return a list of exactly these items."""
    return _array(join_all(items), items)


def measured(made: Object) -> Shape:
    """Return an object with the attributes derived from its members; anything if it is too large."""
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
    """Return whether a member, or any part of it, is missing on some paths."""
    return member.presence is Presence.ON_SOME_PATHS or doubts_in(member.shape)


def is_object(shape: Shape) -> bool:
    """Return whether a value is certainly an object; the execution's input may be anything."""
    if not isinstance(shape, Object):
        return False
    made = any(member.presence is Presence.ALWAYS and not member.given for member in shape.members.values())
    return made or not (shape.open and shape.source == GIVEN)


def literal(value: Any) -> Shape:  # noqa: ANN401 - JSON
    """Return the shape of a JSON literal in a definition."""
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
    """Return the join of shapes; anything if there are none."""
    joined: Shape | None = None
    for shape in shapes:
        joined = shape if joined is None else join(joined, shape)
    return ANYTHING if joined is None else joined


def join(one: Shape, other: Shape, lacks: MissingFrom | None = None) -> Shape:
    """Return the join of two shapes.

    Args:
        one: The first shape.
        other: The second shape.
        lacks: The reason for members being missing that only one of them has.
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
    """The reason why a member that only one side of a join has is missing.

    Attributes:
        one: The branch by which the first side arrives, for messages.
        other: The branch of the second side.
        one_fails: Whether the first side certainly lacks members that only the execution's input could supply.
        other_fails: The same for the second side.
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
    """Return a member that an object lacks on one path."""
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
    """Return ``string``, ``number``, ``boolean``, ``list`` or ``object`` if a value certainly is one, else nothing."""
    if isinstance(shape, Scalar):
        return "" if shape.type in _NULL else shape.type
    if isinstance(shape, Array):
        return "list"
    return "object" if isinstance(shape, Object) and is_object(shape) else ""


def named(type_: str) -> str:
    """Return a type as messages name it."""
    return "an object" if type_ == "object" else f"a {type_}"


def cast_to(wanted: str, got: str, state: State) -> str:
    """Return the hint that converts one type to another; empty if no conversion is likely meant."""
    jsonata = state.language is Language.JSONATA
    if wanted == "string" and got in {"number", "boolean"}:
        return "wrap it in $string(…)" if jsonata else "wrap it in States.Format('{}', …)"
    if wanted == "number" and got == "string":
        return "wrap it in $number(…)" if jsonata else "wrap it in States.StringToJson(…)"
    if wanted == "boolean" and got == "string":
        return "compare it with a string" if jsonata else "wrap it in States.StringToJson(…)"
    if wanted == "boolean" and jsonata:
        return "write a comparison, or wrap it in $boolean(…)"
    return ""
