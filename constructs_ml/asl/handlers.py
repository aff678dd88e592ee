"""Retriers and catchers of states, and the errors that they handle.

Source: "Handling errors in Step Functions workflows" of the Step Functions developer guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries, is_later, is_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.definition import State

Json = Any
ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
WITH_HANDLERS = ("Task", "Parallel", "Map")


@dataclass(frozen=True, slots=True)
class Handler:
    """A retrier or a catcher.

    Attributes:
        member: ``Retry[0]``.
        body: Its fields.
        errors: The names of the errors that it handles, as far as they are known.
    """

    member: str
    body: Mapping[str, Json]
    errors: tuple[str, ...]

    @property
    def retries(self) -> bool:
        """True if it retries at all; an entry with no attempts keeps its errors from the entries after it."""
        attempts = self.body.get("MaxAttempts", 3)
        return not is_number(attempts) or attempts > 0

    def path(self, error: str) -> str:
        """Return the place that names an error, as a path from the state."""
        return f"{self.member}.ErrorEquals[{self.body['ErrorEquals'].index(error)}]"


def retriers(state: State) -> tuple[Handler, ...]:
    """Return the entries of a state's ``Retry``."""
    return _handlers(state, "Retry")


def catchers(state: State) -> tuple[Handler, ...]:
    """Return the entries of a state's ``Catch``."""
    return _handlers(state, "Catch")


def retrier_of(state: State, *errors: str) -> Handler | None:
    """Return the retrier that handles an error; None if that one makes no attempts, or there is none.

    Args:
        state: The state.
        errors: The names that match the error.
    """
    for handler in retriers(state):
        if set(errors) & set(handler.errors):
            return handler if handler.retries else None
    return None


def _handlers(state: State, field: str) -> tuple[Handler, ...]:
    if state.type not in WITH_HANDLERS:
        return ()
    return tuple(
        Handler(f"{field}[{at}]", body, _errors(body.get("ErrorEquals"))) for at, body in entries(state.body.get(field))
    )


def _errors(names: Json) -> tuple[str, ...]:
    return (
        tuple(name for name in names if isinstance(name, str) and not is_later(name)) if isinstance(names, list) else ()
    )
