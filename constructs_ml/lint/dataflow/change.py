"""Transfer and refinement of shapes: writing a member, proving that one is there, clearing doubts after a Choice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    DEEPEST,
    EMPTY,
    GIVEN,
    LARGEST,
    OPEN,
    OPTIONAL,
    Anything,
    Array,
    Member,
    Object,
    Presence,
    Scalar,
    array_of,
    array_with,
    depth_of,
    doubtful,
    join,
    measured,
    size_of,
)

if TYPE_CHECKING:
    from constructs_ml.asl.jsonpath import Steps
    from constructs_ml.lint.dataflow.shape import Shape


def write_at(shape: Shape, steps: Steps, value: Shape) -> Shape:
    """Return a value after a write, as by a ``ResultPath``; missing objects on the path are created.

    Args:
        shape: The value that is written into.
        steps: The path: names, and indices of lists.
        value: The value to write.
    """
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(shape, Anything):
        shape = OPEN
    if not isinstance(first, str) or not isinstance(shape, Object):
        return ANYTHING
    inner = shape.members.get(first)
    start: Shape = ANYTHING
    if inner is None:
        start = ANYTHING if shape.open else EMPTY
    elif inner.presence is Presence.ALWAYS and not inner.given:
        start = inner.shape
    return with_member(shape, first, Member(write_at(start, rest, value)))


def with_member(shape: Object, name: str, member: Member) -> Object:
    """Return an object with a member added or replaced."""
    before = shape.members.get(name)
    size = shape.size + size_of(member.shape) - (0 if before is None else size_of(before.shape))
    depth = max(shape.depth, 1 + depth_of(member.shape))
    if depth > DEEPEST or size > LARGEST:
        member, size, depth = replace(member, shape=ANYTHING), shape.size + 1, shape.depth
    doubts = shape.doubts or doubtful(member)
    optional = shape.optional or member.presence in OPTIONAL
    members = {**shape.members, name: member}
    return Object(members, shape.open, shape.partly, shape.settled, shape.source, depth, size, doubts, optional)


def assume_present(shape: Shape, steps: Steps) -> Shape:
    """Return a value in which a path is proven to lead to something."""
    if not steps:
        return shape
    first, rest = steps[0], steps[1:]
    if isinstance(shape, Object) and isinstance(first, str):
        return _member_there(shape, first, rest)
    if isinstance(shape, Array) and isinstance(first, int) and shape.items is not None:
        return _item_there(shape.items, first, rest)
    # A scalar has no members: if the path leads to something, the value must be of another type.
    return ANYTHING if isinstance(shape, Scalar) else shape


def _item_there(items: tuple[Shape, ...], at: int, rest: Steps) -> Shape:
    if not -len(items) <= at < len(items):
        return array_of(ANYTHING)
    place = at % len(items)
    return array_with((*items[:place], assume_present(items[place], rest), *items[place + 1 :]))


def _member_there(shape: Object, name: str, rest: Steps) -> Object:
    member = shape.members.get(name)
    if member is None:
        # Where a member cannot be, something must be unknown: later states are not judged by it again.
        unnamed = shape.open and not shape.partly
        return shape if unnamed else with_member(shape, name, Member(ANYTHING, given=True))
    inner = assume_present(member.shape, rest)
    if member.presence is Presence.ALWAYS and inner is member.shape:
        return shape
    return with_member(shape, name, replace(member, shape=inner, presence=Presence.ALWAYS, lack=""))


def clear_unsure(shape: Shape) -> Shape:
    """Return a value past a Choice: a member that is missing on some paths only may have been tested for."""
    if isinstance(shape, Object) and shape.doubts:
        members = {name: _without_doubt(member) for name, member in shape.members.items()}
        return replace(shape, members=members, partly="", doubts=False)
    if isinstance(shape, Array) and shape.doubts:
        if shape.items is None:
            return array_of(clear_unsure(shape.item))
        return array_with(tuple(map(clear_unsure, shape.items)))
    return shape


def _without_doubt(member: Member) -> Member:
    if not doubtful(member):
        return member
    inner = clear_unsure(member.shape)
    if member.presence is not Presence.ON_SOME_PATHS:
        return replace(member, shape=inner)
    return replace(member, shape=inner, presence=Presence.UNKNOWN, lack="")


def refine_tested(shape: Shape, steps: Steps) -> Shape:
    """Return a value past a Choice that tested a path in it.

    Members that a service may omit depend on the rest of its response, as a failure's reason does on the status: so the
    objects on the path are no longer said to lack optional members.
    """
    if not steps or not isinstance(shape, Object):
        return shape
    settled = replace(shape, settled=True) if shape.optional and not shape.settled else shape
    first = steps[0]
    member = settled.members.get(first) if isinstance(first, str) else None
    if member is None:
        return settled
    inner = refine_tested(member.shape, steps[1:])
    return settled if inner is member.shape else with_member(settled, str(first), replace(member, shape=inner))


def merged(one: Shape, other: Shape) -> Shape:
    """Return two objects merged: members of the second override those of the first."""
    below = one if isinstance(one, Object) else OPEN
    if not isinstance(other, Object):
        other = OPEN
    members = dict(below.members)
    if other.open and other.source != GIVEN:
        # The execution's input is assumed not to override members that states write.
        members = {name: replace(member, shape=ANYTHING) for name, member in members.items()}
    for name, member in other.members.items():
        members[name] = _over(below, name, member)
    partly = other.partly if not below.open else below.partly if not other.open or other.partly else ""
    # What is missing in both may be of the other, unless both are the execution's input.
    source = other.source if other.open and not (below.open and other.source == GIVEN) else below.source
    return measured(Object(members, below.open or other.open, partly, below.settled, source))


def _over(below: Object, name: str, member: Member) -> Member:
    """Return a member that overrides the one below it, if it is there itself."""
    if member.presence is Presence.ALWAYS:
        return member
    under = below.members.get(name)
    if under is None:
        return replace(member, presence=Presence.UNKNOWN, lack="") if below.open else member
    better = under if under.presence <= member.presence else member
    return replace(better, shape=join(under.shape, member.shape))
