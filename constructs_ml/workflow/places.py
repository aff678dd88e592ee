"""Finds states that would use each other's places because they are inside Maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.map_scope import Around, place_faults, registered
from constructs_ml.core.nested_states import first_inside
from constructs_ml.core.task import SageMakerCall
from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator


def wrong_places(definition: sfn.IChainable) -> list[Fault]:
    """What is wrong with the places of the jobs of a definition that was written.

    Args:
        definition: The first state, with what follows.
    """
    found = []
    for call, maps in _calls(definition.start_state, ()):
        found += [Fault(f"{call.node.id}: {fault.member}", fault.problem, fault.fix) for fault in _of(call, maps)]
    return found


def _of(call: SageMakerCall, maps: tuple[Around, ...]) -> Iterator[Fault]:
    return place_faults(call.request, maps)


def _calls(start: sfn.State, maps: tuple[Around, ...]) -> Iterator[tuple[SageMakerCall, tuple[Around, ...]]]:
    """The states of this library that a state leads to, with the Maps around each."""
    for state in sfn.State.find_reachable_states(start, include_error_handlers=True):
        if isinstance(state, SageMakerCall):
            yield state, maps
        else:
            around = (*maps, _around(state)) if isinstance(state, (sfn.Map, sfn.DistributedMap)) else maps
            for inner in first_inside(state):
                yield from _calls(inner, around)


def _around(state: sfn.Map | sfn.DistributedMap) -> Around:
    known = registered(state)
    if known is not None:
        return known
    mode = cast("Any", state)._processor_mode  # noqa: SLF001 - protected in aws-cdk-lib
    return Around(state.node.id, distributed=mode is sfn.ProcessorMode.DISTRIBUTED)
