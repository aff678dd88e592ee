"""Service integrations of Tasks, read from their resources, and states that stand for one call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State


SDK = "aws-sdk:"


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
# classified by their cause.


def standing_for_one(definition: Scope) -> Iterator[State]:
    """Yield the states of a definition that stand for one call.

    Args:
        definition: The definition.
    """
    return (state for state in definition.walk() if _stands_for_one(state))


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
    inner = list(state.inner[0].walk())
    calls = actions_in(state)
    if not calls or not all(calls):
        return False
    if any(found.resource.endswith(".sync") for found in inner):
        return len(calls) == 1
    return any(is_poll(found) for found in inner) and {"Choice", "Wait"} <= {found.type for found in inner}
