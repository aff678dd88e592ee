"""The cache of a whole workflow: of all its jobs that have none of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.cache import Cache
from constructs_ml.core.job_task import Job
from constructs_ml.core.rendering import all_states
from constructs_ml.core.service_task import ServiceTask
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_stepfunctions as sfn

    from constructs_ml.asl.expressions import Format, Runtime


def cache_states(cache: Cache | bool, starts: Iterable[sfn.State], path: str) -> None:
    """Give a cache to the jobs of a definition that is still to be written.

    The jobs and the states that read their outputs were defined without it, so that the places of outputs are replaced in them.

    Args:
        cache: The cache; True for one whose results never expire.
        starts: The first states.
        path: The workflow.

    Raises:
        InvalidPropsError: If a job cannot be cached, or a state was given a place that cannot be replaced.
    """
    if not cache:
        return
    chosen = cache if isinstance(cache, Cache) else Cache()
    states = list({id(state): state for start in starts for state in all_states(start)}.values())
    calls = [state for state in states if isinstance(state, ServiceTask)]
    jobs = [call for call in calls if isinstance(call, Job) and call.takes_cache]
    moves: dict[Format, str | Runtime] = {}
    for job in jobs:
        moves |= job.take_cache(chosen)
    for call in calls:
        call.move_places(moves)
    for job in jobs:
        job.plan_cache()
    _refuse_old_places(moves, states, path)


def _refuse_old_places(moves: Iterable[Format], states: Iterable[sfn.State], path: str) -> None:
    """Refuse states that have the place of an output in a way in which it cannot be replaced."""
    old = [str(place.parts[0]) for place in moves]
    faults = []
    for state in states if old else ():
        written = repr(state.request) if isinstance(state, ServiceTask) else str(state.to_state_json())
        if any(place in written for place in old):
            problem = f"comes after {state.node.id} was given the place of an output, where a cached job does not write"
            faults.append(Fault("cache", problem, "pass cache= to JobDefaults(...).apply_to(self) before the jobs"))
    if faults:
        raise InvalidPropsError(path, faults)
