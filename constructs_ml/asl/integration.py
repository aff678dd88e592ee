"""Service integrations of Tasks, read from their resources, and states that stand for one call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import catchers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State


SDK = "aws-sdk:"
S3 = f"{SDK}s3:"
NO_OBJECT = "S3.NoSuchKeyException"
"""The error of ``getObject`` if there is no object."""


@dataclass(frozen=True, slots=True)
class Integration:
    """A call of a service.

    Attributes:
        service: ``sagemaker`` or ``aws-sdk:sagemaker``, as the resource names it.
        action: ``createTrainingJob``.
        pattern: The integration pattern: ``sync``, ``sync:2``, ``waitForTaskToken``; empty if the state does not wait.
    """

    service: str
    action: str
    pattern: str

    @property
    def name(self) -> str:
        """The call without its integration pattern: ``lambda:invoke``."""
        return f"{self.service}:{self.action}"

    @property
    def operation(self) -> str:
        """The operation of the API: ``CreateTrainingJob``."""
        return self.action[:1].upper() + self.action[1:]

    @property
    def is_sagemaker(self) -> bool:
        """True for a call of SageMaker, by its optimized or its SDK integration."""
        return self.service.removeprefix(SDK) == "sagemaker"

    @property
    def waits(self) -> bool:
        """True if the state waits for a job to end."""
        return self.pattern.startswith("sync")


def integration_of(state: State) -> Integration | None:
    """Return the service call of a state; None if its resource is not a service integration."""
    return _integration(state.resource)


@lru_cache(maxsize=4096)
def _integration(resource: str) -> Integration | None:
    call, _, pattern = resource.partition(".")
    service, _, action = call.rpartition(":")
    return Integration(service, action, pattern) if service and action else None


# States that stand for one call though they consist of several: they poll a resource that they start, or classify its failures.
#
# Each is a Parallel of one branch: a deployment, a gate, an AutoML job, a pipeline's execution, a job whose failures are
# classified by their cause, a cached job.


def standing_for_one(definition: Scope) -> Iterator[State]:
    """Yield the states of a definition that stand for one call.

    Args:
        definition: The definition.
    """
    return (state for state in definition.walk() if _stands_for_one(state))


def cache_steps(state: State) -> list[State]:
    """Return the states of a cached job that call S3: they list its inputs, look up its result and record it.

    A cached job is a Parallel of one branch that reads an object, goes on if there is none, waits for one job and writes an object;
    it calls nothing else.

    Args:
        state: Any state.

    Returns:
        These states; none if the state is not a cached job.
    """
    if state.type != "Parallel" or len(state.inner) != 1:
        return []
    calls = [inner for inner in state.inner[0].walk() if inner.type == "Task"]
    others = [call for call in calls if not call.resource.startswith(S3)]
    if len(others) != 1 or not action_of(others[0]) or not others[0].resource.endswith(".sync"):
        return []
    steps = list(state.inner[0].states.values())
    looks_up = any(step.resource == f"{S3}getObject" and _goes_on_without(step) for step in steps)
    records = any(step.resource == f"{S3}putObject" for step in steps)
    return [call for call in calls if call is not others[0]] if looks_up and records else []


def _goes_on_without(step: State) -> bool:
    return any(NO_OBJECT in (catcher.get("ErrorEquals") or ()) for _, catcher in catchers_of(step.body))


def action_of(state: State) -> str:
    """Return the SageMaker action that a Task calls: ``createEndpoint``; empty if it calls another service."""
    call = integration_of(state)
    return call.action if call and call.is_sagemaker else ""


def actions_in(state: State) -> list[str]:
    """Return the SageMaker actions of the Tasks inside a state; an empty string for each that calls another service."""
    return [action_of(inner) for scope in state.inner for inner in scope.walk() if inner.type == "Task"]


def is_poll(state: State) -> bool:
    """Return whether a state asks for a resource's status: ``describeEndpoint``."""
    return action_of(state).startswith("describe")


def _stands_for_one(state: State) -> bool:
    if state.type != "Parallel" or len(state.inner) != 1:
        return False
    if cache_steps(state):
        return True
    inner = list(state.inner[0].walk())
    calls = actions_in(state)
    if not calls or not all(calls):
        return False
    if any(found.resource.endswith(".sync") for found in inner):
        return len(calls) == 1
    return any(is_poll(found) for found in inner) and {"Choice", "Wait"} <= {found.type for found in inner}
