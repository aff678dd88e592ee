"""Evaluation of paths on shapes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Wild
from constructs_ml.lint.dataflow.shape import ANYTHING, Anything, Array, Member, Object, Presence

if TYPE_CHECKING:
    from constructs_ml.asl.jsonpath import Step, Steps
    from constructs_ml.lint.dataflow.shape import Shape


class Outcome(Enum):
    """The outcomes of evaluating a path: whether it leads to a value."""

    THERE = "there"
    MAYBE = "maybe"
    UNKNOWN = "unknown"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Found:
    """The result of evaluating a path.

    Attributes:
        outcome: Whether it leads to a value.
        shape: The shape of that value.
        at: The index of the step that decides the outcome.
        around: The shape that this step is evaluated on.
        presence: The presence of a value that may be missing: worse than UNKNOWN.
        lack: The branch on which it is missing, for messages; empty if the service may omit it.
    """

    outcome: Outcome
    shape: Shape = ANYTHING
    at: int = 0
    around: Shape = ANYTHING
    presence: Presence = Presence.ALWAYS
    lack: str = ""


def find(shape: Shape, steps: Steps, *, mapping: bool = False) -> Found:
    """Evaluate a path.

    Args:
        shape: The value that the path starts in.
        steps: Its steps.
        mapping: Whether names map over the items of a list, and ``[0]`` of any other value is the value: JSONata.
    """
    here, doubt, unknown = shape, None, None
    several = loose = settled = False
    for at, step in enumerate(steps):
        member = _step(here, step, mapping=mapping)
        several = several or step is Wild.EACH or (isinstance(here, Array) and isinstance(step, str))
        if member is None:
            if not loose:
                return Found(Outcome.NEVER, ANYTHING, at, here)
            return doubt or Found(Outcome.UNKNOWN, ANYTHING, at, here)
        settled = settled or (isinstance(here, Object) and here.settled)
        lacking = member.presence > (Presence.OPTIONAL if settled else Presence.UNKNOWN) and not several
        if lacking and doubt is None and (not member.given or _leads_on(member.shape, steps[at + 1 :])):
            doubt = Found(Outcome.MAYBE, ANYTHING, at, here, member.presence, member.lack)
        if unknown is None and (several or member.given or member.presence is not Presence.ALWAYS):
            unknown = Found(Outcome.UNKNOWN, ANYTHING, at, here)
        loose = loose or member.given
        here = member.shape
    # The execution's input may have any shape, even where a state creates a similar value on another path.
    end = ANYTHING if several or loose else here
    if doubt is not None:
        return Found(Outcome.MAYBE, end, doubt.at, doubt.around, doubt.presence, doubt.lack)
    if unknown is not None:
        return Found(Outcome.UNKNOWN, end, unknown.at, unknown.around)
    return Found(Outcome.THERE, end, len(steps), here)


def _leads_on(shape: Shape, steps: Steps) -> bool:
    """Return whether steps lead into the known members of a shape, which is then the one that is meant."""
    return bool(steps) and find(shape, steps).outcome in {Outcome.THERE, Outcome.MAYBE}


def _step(here: Shape, step: Step, *, mapping: bool) -> Member | None:
    """Return the member that one step leads to; None if there is never any."""
    if isinstance(here, Anything):
        return _UNKNOWN
    if isinstance(here, Object):
        return _in_object(here, step, mapping=mapping)
    if isinstance(here, Array):
        return _in_array(here, step, mapping=mapping)
    if mapping and not isinstance(step, str):
        return Member(here, Presence.UNKNOWN) if isinstance(step, Wild) else Member(here) if step in (0, -1) else None
    return None


def _in_object(here: Object, step: Step, *, mapping: bool) -> Member | None:
    if isinstance(step, str):
        known = here.members.get(step)
        if known is None and here.partly:
            return Member(ANYTHING, Presence.ON_SOME_PATHS, here.partly)
        return known or (_UNKNOWN if here.open else None)
    if isinstance(step, int) and not here.open:
        return Member(here) if mapping and step in (0, -1) else None
    # The input of an execution may be a list too.
    return _UNKNOWN


def _in_array(here: Array, step: Step, *, mapping: bool) -> Member | None:
    if isinstance(step, int):
        if here.items is None:
            return Member(here.item, Presence.UNKNOWN)
        return Member(here.items[step]) if -len(here.items) <= step < len(here.items) else None
    if isinstance(step, Wild):
        return Member(here.item)
    return _step(here.item, step, mapping=True) if mapping else None


_UNKNOWN = Member(ANYTHING, Presence.UNKNOWN)
