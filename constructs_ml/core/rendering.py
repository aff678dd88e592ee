"""The state that a workflow and the states in it share while aws-cdk-lib writes the definition.

aws-cdk-lib asks each state for its fields by a callback, which has no place for more: it names neither the state machine
nor, inside Parallel and Map, the query language; and an exception in a callback comes back as its text only.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_stepfunctions as sfn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.expressions import Language
    from constructs_ml.core.execution_inputs import ExecutionInput
    from constructs_ml.core.native_task import NativeTask
    from constructs_ml.errors import InvalidPropsError


@dataclass(slots=True)
class Rendering:
    """A definition that is being written.

    Attributes:
        language: The query language of the state machine; None for aws-cdk-lib's default.
        calls: The states of this library that were asked for their fields.
        error: The error of one of them.
        inputs: The fields of the execution's input, if they are declared.
    """

    language: Language | None = None
    inputs: type[ExecutionInput] | None = None
    calls: list[NativeTask] = field(default_factory=list)
    error: InvalidPropsError | None = None


_open: list[Rendering] = []


@contextmanager
def rendering(language: Language | None, inputs: type[ExecutionInput] | None = None) -> Iterator[Rendering]:
    """Record the states of the definition that is being rendered.

    Raises:
        InvalidPropsError: What a state raised.
    """
    _open.append(Rendering(language, inputs))
    try:
        yield _open[-1]
    except RuntimeError:
        if _open[-1].error is not None:
            raise _open[-1].error from None
        raise
    finally:
        _open.pop()


def current_rendering() -> Rendering:
    """The definition that is being written; an empty one for a plain ``sfn.StateMachine``."""
    return _open[-1] if _open else Rendering()


def first_inside(state: sfn.State) -> list[sfn.State]:
    """The first states of a Parallel's branches or of a Map's processor; none for other states."""
    protected = cast("Any", state)
    if isinstance(state, (sfn.Map, sfn.DistributedMap)):
        inner = protected._processor  # noqa: SLF001 - protected in aws-cdk-lib
        return [] if inner is None else [inner.start_state]
    if isinstance(state, sfn.Parallel):
        return [branch.start_state for branch in protected._branches]  # noqa: SLF001 - likewise
    return []


def all_states(start: sfn.State) -> Iterator[sfn.State]:
    """Yield all states that a state leads to, those inside Parallel and Map too."""
    for state in sfn.State.find_reachable_states(start, include_error_handlers=True):
        yield state
        for inner in first_inside(state):
            yield from all_states(inner)
