"""The states inside a state of aws-cdk-lib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_stepfunctions as sfn

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    """All states that a state leads to, those inside Parallel and Map too."""
    for state in sfn.State.find_reachable_states(start, include_error_handlers=True):
        yield state
        for inner in first_inside(state):
            yield from all_states(inner)
