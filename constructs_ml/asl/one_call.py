"""States that stand for one call though they are made of several: they poll what they start, or classify its failures.

Each is a Parallel of one branch: a deployment, a gate, an AutoML job, a pipeline's execution, a job whose failures are told
apart by their cause.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State

_SAGEMAKER = re.compile(r"(?:aws-sdk:)?sagemaker:(\w+)")


def standing_for_one(definition: Scope) -> Iterator[State]:
    """Yields the states of a definition that stand for one call.

    Args:
        definition: The definition.
    """
    return (state for state in definition.walk() if _stands_for_one(state))


def action_of(state: State) -> str:
    """What a Task calls of SageMaker: ``createEndpoint``; empty if it calls something else."""
    found = _SAGEMAKER.match(state.resource)
    return found[1] if found else ""


def actions_in(state: State) -> list[str]:
    """What the Tasks inside a state call of SageMaker; empty texts for those that call something else."""
    return [action_of(inner) for scope in state.inner for inner in scope.walk() if inner.type == "Task"]


def is_poll(state: State) -> bool:
    """Returns whether a state asks how far something is: ``describeEndpoint``."""
    return action_of(state).startswith("describe")


def _stands_for_one(state: State) -> bool:
    if state.type != "Parallel" or len(state.inner) != 1:
        return False
    inner = list(state.inner[0].walk())
    calls = actions_in(state)
    if not calls or not all(calls):
        return False
    if any(found.resource.endswith(".sync") for found in inner):
        return len(calls) == 1
    return any(is_poll(found) for found in inner) and {"Choice", "Wait"} <= {found.type for found in inner}
