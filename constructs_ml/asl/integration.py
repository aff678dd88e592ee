"""What a Task calls, as its resource says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State

SDK = "aws-sdk:"


@dataclass(frozen=True, slots=True)
class Integration:
    """A call of a service.

    Attributes:
        service: ``sagemaker`` or ``aws-sdk:sagemaker``, as the resource names it.
        action: ``createTrainingJob``.
        pattern: How the state waits: ``sync``, ``sync:2``, ``waitForTaskToken``; empty if it does not.
    """

    service: str
    action: str
    pattern: str

    @property
    def name(self) -> str:
        """The call without how it waits: ``lambda:invoke``."""
        return f"{self.service}:{self.action}"

    @property
    def operation(self) -> str:
        """The operation of the API: ``CreateTrainingJob``."""
        return self.action[:1].upper() + self.action[1:]

    @property
    def waits(self) -> bool:
        """Whether the state waits for a job to end."""
        return self.pattern.startswith("sync")


def integration_of(state: State) -> Integration | None:
    """What a state calls; None if it calls no service by an integration."""
    call, _, pattern = state.resource.partition(".")
    service, _, action = call.rpartition(":")
    return Integration(service, action, pattern) if service and action else None
