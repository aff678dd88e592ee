"""The exits of states in both query languages: their targets, and the abstract states there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.jsonpath import Root
from constructs_ml.lint.dataflow.api import result_of
from constructs_ml.lint.dataflow.change import assume_present, clear_unsure, refine_tested
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
    from constructs_ml.lint.dataflow.abstract_state import AbstractState
    from constructs_ml.lint.dataflow.reads import Facts, Places
    from constructs_ml.lint.dataflow.shape import Shape

    Inner = Callable[[Scope, AbstractState], Shape | None]
    """Computes the output of a scope inside a state; None if it never ends successfully."""


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit of a state.

    Attributes:
        target: The next state; empty for the end.
        frame: The abstract state there.
    """

    target: str
    frame: AbstractState


def target_of(body: Mapping[str, object]) -> str:
    """Return the next state of a state or a rule; empty for the end."""
    target = body.get("Next")
    return target if isinstance(target, str) else ""


def error_of(state: State, at: int) -> Shape:
    """Return the error that a catcher passes on."""
    cause = Member(STRING, Presence.UNKNOWN)
    return object_of({"Error": STRING, "Cause": cause}, source=f"the error of Catch[{at}] of {state.name}")


def task_result(state: State, frame: AbstractState, facts: Facts) -> Shape:
    """Return the result of a Task. Whoever receives its token may complete it with any result."""
    handed = any(read.root is Root.CONTEXT and read.steps[:1] == ("Task",) for read in facts.reads)
    if handed or not state.resource:
        return ANYTHING
    payload = state.payload
    request = frozenset(str(key).removesuffix(".$") for key in payload) if isinstance(payload, Mapping) else None
    return result_of(state.resource, request, decided=bool(frame.branch.label))


def of_branches(made: list[Shape | None]) -> Shape:
    """Return the result of a Parallel from its branches' outputs; anything if a branch never ends successfully."""
    ended = [shape for shape in made if shape is not None]
    return array_with(tuple(ended)) if ended and len(ended) == len(made) else ANYTHING


def of_iterations(made: list[Shape | None], body: Mapping[str, Any]) -> Shape:
    """Return the result of a Map from its iterations' output."""
    if not made or made[0] is None or "ResultWriter" in body:
        return ANYTHING
    return array_of(made[0])


def assigned(variables: Shape, made: Shape) -> Shape:
    """Return the variables after an ``Assign`` of these values."""
    if not isinstance(variables, Object) or not isinstance(made, Object) or not made.members:
        return variables
    return measured(replace(variables, members={**variables.members, **made.members}))


def proven(shape: Shape, facts: Facts, root: Root) -> Shape:
    """Refine a value by a state's required reads: they led to something, or the state has failed."""
    for read in facts.reads:
        if read.root is root and read.needed and read.found.outcome is not Outcome.THERE:
            shape = assume_present(shape, read.steps)
    return shape


def decided(frame: AbstractState, tested: Places, there: Places) -> AbstractState:
    """Refine the abstract state past a Choice.

    Args:
        frame: The abstract state before it.
        tested: The paths that it tested.
        there: Those that are proven to lead to something.
    """
    given, variables = frame.input, frame.variables
    for root, steps in tested:
        if root is Root.INPUT:
            given = refine_tested(given, steps)
        elif root is Root.VARIABLE:
            variables = refine_tested(variables, steps)
    given, variables = clear_unsure(given), clear_unsure(variables)
    for root, steps in there:
        if root is Root.INPUT:
            given = assume_present(given, steps)
        elif root is Root.VARIABLE:
            variables = assume_present(variables, steps)
    return replace(frame, input=given, variables=variables)
