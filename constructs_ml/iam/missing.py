"""What a machine's role is certainly not allowed that its states need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.cache import once
from constructs_ml.iam.policy import grants_of
from constructs_ml.iam.required_by_state import needs_of

if TYPE_CHECKING:
    from constructs_ml.asl.machine import Machine
    from constructs_ml.iam.required import Need


@once
def lacking_of(machine: Machine) -> tuple[tuple[Need, tuple[str, ...]], ...]:
    """Each need with the actions that are lacking; nothing if it is not known what the role is allowed."""
    if machine.granted is None:
        return ()
    grants = grants_of(machine)
    found = ((need, tuple(grants.lacking(need))) for need in needs_of(machine).known if need.required)
    return tuple((need, actions) for need, actions in found if actions)
