"""Calls of the SageMaker API, and how it refuses them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.local.jobs.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.aws.permissions import Need


# The errors that botocore's model lists; all others have no name of their own in an execution's history.
_MODELLED = {"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound", "ConflictException"}


@dataclass(frozen=True)
class Caller:
    """A principal that calls an operation.

    Attributes:
        arn: Its ARN, as a denial names it.
        may: Returns whether its policies allow an action.
    """

    arn: str
    may: Callable[[Need], bool]


@dataclass(frozen=True)
class Call:
    """A call of an operation.

    Attributes:
        caller: The principal that calls.
        execution: The ARN of the execution, empty for a caller that is none.
        state: The name of the state.
        scope: What the task is stopped with.
        template: Whether CloudFormation calls, which cannot look up roles and data meanwhile.
    """

    caller: Caller
    execution: str = ""
    state: str = ""
    scope: Scope = field(default_factory=Scope)
    template: bool = False


class ApiError(Exception):
    """An operation was refused.

    Attributes:
        code: As ``ValidationException`` or ``ResourceInUse``.
        message: What explains it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message

    @property
    def modelled(self) -> str | None:
        """The name of the error's class in an SDK; None if it is the service's general one."""
        if self.code not in _MODELLED:
            return None
        return self.code if self.code.endswith("Exception") else f"{self.code}Exception"


def invalid(message: str) -> ApiError:
    """A ValidationException."""
    return ApiError("ValidationException", message)


class Later:
    """Calls functions later, each in a thread of its own, until it is closed."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def after(self, seconds: float, *steps: Callable[[], None]) -> None:
        """Calls functions one after another, each after the same while.

        Args:
            seconds: How long each waits.
            steps: What to call.
        """

        def run() -> None:
            for step in steps:
                if self._closed.wait(seconds):
                    return
                step()

        threading.Thread(target=run, name="later", daemon=True).start()

    def close(self) -> None:
        """Calls nothing any more."""
        self._closed.set()
