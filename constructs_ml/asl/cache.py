"""Works something out of a state machine once, however many rules ask for it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.asl.machine import Machine

T = TypeVar("T")


def once(look: Callable[[Machine], T]) -> Callable[[Machine], T]:
    """Keeps what a function makes of a machine with the machine."""
    key = f"{look.__module__}.{look.__qualname__}"

    @wraps(look)
    def kept(machine: Machine) -> T:
        if key not in machine.shared:
            machine.shared[key] = look(machine)
        found: T = machine.shared[key]
        return found

    return kept
