"""Who calls the SageMaker API, and what the API refuses."""

from __future__ import annotations

from dataclasses import dataclass, field

from constructs_ml.local.scope import Scope

# The errors that botocore's model lists; all others have no name of their own in an execution's history.
_MODELLED = {"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound", "ConflictException"}


@dataclass(frozen=True)
class Call:
    """Who calls an operation.

    Attributes:
        execution: The ARN of the execution, empty for a caller that is none.
        state: The name of the state.
        role_arn: The role that calls; empty for the account's root, who may do all.
        scope: What the task is stopped with.
        session: The name of the role's session, seen in denials.
        template: Whether CloudFormation calls, which cannot look up roles and data meanwhile.
    """

    execution: str = ""
    state: str = ""
    role_arn: str = ""
    scope: Scope = field(default_factory=Scope)
    session: str = "local"
    template: bool = False

    @property
    def user(self) -> str:
        """The caller, as a denial names it."""
        _, partition, _, _, account, role = self.role_arn.split(":", 5)
        session = self.execution.rpartition(":")[2] or self.session
        return f"arn:{partition}:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{session}"


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
