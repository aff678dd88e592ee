"""What states of both languages leave behind: where they lead, and what is known there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.jsonpath import Root
from constructs_ml.lint.dataflow.api import result_of
from constructs_ml.lint.dataflow.change import doubts_taken, known_there, looked_at
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    STRING,
    Member,
    Object,
    Presence,
    array_of,
    array_with,
    measured,
    object_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.lint.dataflow.frame import Frame
    from constructs_ml.lint.dataflow.reads import Notes, Places
    from constructs_ml.lint.dataflow.shape import Shape

    Inner = Callable[[Scope, Frame], Shape | None]
    """Works out what the states inside a state give; None if they never end well."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a state.

    Attributes:
        target: The state that it leads to; empty for the end.
        frame: What is known there.
    """

    target: str
    frame: Frame


def target_of(body: Mapping[str, object]) -> str:
    """Where a state or a rule leads; empty for the end."""
    target = body.get("Next")
    return target if isinstance(target, str) else ""


def error_of(state: State, at: int) -> Shape:
    """The error that a catcher hands on."""
    cause = Member(STRING, Presence.UNSURE)
    return object_of({"Error": STRING, "Cause": cause}, source=f"the error of Catch[{at}] of {state.name}")


def task_result(state: State, frame: Frame, notes: Notes) -> Shape:
    """What a Task gives. Who is handed its token may end it with anything."""
    handed = any(read.root is Root.CONTEXT and read.steps[:1] == ("Task",) for read in notes.reads)
    if handed or not state.resource:
        return ANYTHING
    payload = state.payload
    request = frozenset(str(key).removesuffix(".$") for key in payload) if isinstance(payload, Mapping) else None
    return result_of(state.resource, request, decided=bool(frame.way.label))


def of_branches(made: list[Shape | None]) -> Shape:
    """What a Parallel gives whose branches give these; nothing is known of one that never ends well."""
    ended = [shape for shape in made if shape is not None]
    return array_with(tuple(ended)) if ended and len(ended) == len(made) else ANYTHING


def of_iterations(made: list[Shape | None], body: Mapping[str, Any]) -> Shape:
    """What a Map gives whose iterations give this."""
    if not made or made[0] is None or "ResultWriter" in body:
        return ANYTHING
    return array_of(made[0])


def assigned(variables: Shape, made: Shape) -> Shape:
    """The variables after an ``Assign`` that makes this."""
    if not isinstance(variables, Object) or not isinstance(made, Object) or not made.members:
        return variables
    return measured(replace(variables, members={**variables.members, **made.members}))


def proven(shape: Shape, notes: Notes, root: Root) -> Shape:
    """What a value is of which a state has read what it needs: that was there, or the state has failed."""
    for read in notes.reads:
        if read.root is root and read.needed and read.found.outcome is not Outcome.THERE:
            shape = known_there(shape, read.steps)
    return shape


def decided(frame: Frame, looked: Places, there: Places) -> Frame:
    """What is known behind a Choice.

    Args:
        frame: What was known before.
        looked: The paths that it looked at.
        there: Those that turned out to lead to something.
    """
    given, variables = frame.input, frame.variables
    for root, steps in looked:
        if root is Root.INPUT:
            given = looked_at(given, steps)
        elif root is Root.VARIABLE:
            variables = looked_at(variables, steps)
    given, variables = doubts_taken(given), doubts_taken(variables)
    for root, steps in there:
        if root is Root.INPUT:
            given = known_there(given, steps)
        elif root is Root.VARIABLE:
            variables = known_there(variables, steps)
    return replace(frame, input=given, variables=variables)
