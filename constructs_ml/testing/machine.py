"""The simulated definition, and the states of it that a test can script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.integration import actions_in, cache_steps, standing_for_one
from constructs_ml.errors import SimulationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.definition import State

_STARTS = re.compile(r"(?:create|start|update)[A-Z]")


@dataclass(frozen=True, slots=True)
class Machine:
    """A definition.

    Attributes:
        definition: The definition, as JSON data.
        states: Its states by name, those inside Parallel and Map too.
        around: The states that stand for one call though they are made of several, by the names of the calls in them:
            Parallels of one branch that poll, classify the failures of a job, or cache its result.
        cached: The cached jobs, by the names of their calls of S3.
        made: The origins of the definition's generated values.
    """

    definition: Mapping[str, Any]
    made: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, State] = field(init=False)
    around: Mapping[str, State] = field(init=False)
    cached: Mapping[str, State] = field(init=False)

    def __post_init__(self) -> None:
        """Read it.

        Raises:
            SimulationError: If it is not a definition.
        """
        if not isinstance(self.definition.get("States"), dict) or "StartAt" not in self.definition:
            got = ", ".join(map(str, self.definition)) or "nothing"
            raise SimulationError(
                f"a definition has StartAt and States, got an object with {got}; pass a state machine"
            )
        scope = read_definition(self.definition)
        states = {state.name: state for state in scope.walk()}
        object.__setattr__(self, "states", states)
        around: dict[str, State] = {}
        cached: dict[str, State] = {}
        for state in standing_for_one(scope):
            steps = cache_steps(state)
            cached |= {step.name: state for step in steps}
            calls = [call.name for call in state.inner[0].walk() if call.resource and call not in steps]
            # A cached job may classify its failures: then it contains another such state.
            around |= {name: state for name in calls if around.get(name) not in cached.values()}
        object.__setattr__(self, "around", around)
        object.__setattr__(self, "cached", cached)

    def starts(self, around: str) -> bool:
        """Return whether a state that stands for one call starts the resource that it polls."""
        return any(is_start(name) for name in actions_in(self.states[around]))


def is_start(action: str) -> bool:
    """Return whether a call starts something that ends later: ``createEndpoint``."""
    return _STARTS.match(action) is not None
