"""The service integrations of Step Functions with SageMaker: ``sagemaker:…``, ``….sync`` and ``aws-sdk:sagemaker:…``."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from constructs_ml.local.jobs.call import ApiError

_RESOURCE = re.compile(r"arn:[^:]+:states:::(?P<sdk>aws-sdk:)?sagemaker:(?P<action>\w+)(?P<sync>\.sync)?")
JOBS = {kind.operation: kind for kind in JobKind.ALL}
"""The kinds of jobs that Step Functions waits for, by the operation that creates them."""
_OPTIMIZED = {*JOBS, "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint"}


class TaskError(Exception):
    """A task's failure, as the state machine sees it.

    Attributes:
        error: The error's name.
        cause: Its cause.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass(frozen=True, slots=True)
class Integration:
    """An integration of Step Functions with SageMaker, as a task's resource names it.

    Attributes:
        operation: The operation: ``CreateProcessingJob``.
        sync: Whether the state waits for the job.
        sdk: Whether it goes through the AWS SDK.
    """

    operation: str
    sync: bool
    sdk: bool

    @classmethod
    def of(cls, resource: str, operations: tuple[str, ...]) -> Integration:
        """Parse a resource.

        Args:
            resource: The task's ``Resource``.
            operations: The operations of SageMaker's API.

        Raises:
            TaskError: If Step Functions has no such integration.
        """
        found = _RESOURCE.fullmatch(resource)
        if found is None:
            raise TaskError("States.Runtime", f"{resource} is not an integration of Step Functions with SageMaker")
        action = found["action"]
        # The SDK's names are not always written as the API's: createAutoMlJobV2.
        operation = _by_lower(operations).get(action.lower(), action[:1].upper() + action[1:])
        sync, sdk = bool(found["sync"]), bool(found["sdk"])
        if not sdk and operation not in _OPTIMIZED:
            hint = f"use arn:aws:states:::aws-sdk:sagemaker:{action}"
            raise TaskError("States.Runtime", f"Step Functions has no optimized integration {resource}; {hint}")
        if sync and (sdk or operation not in JOBS):
            raise TaskError("States.Runtime", f"Step Functions cannot wait for {resource}; drop .sync")
        return cls(operation, sync, sdk)

    def refusal(self, error: ApiError) -> TaskError:
        """Return the task's error if the service refuses.

        Args:
            error: The service's error.
        """
        general = "SageMakerException" if self.sdk else "AmazonSageMakerException"
        return TaskError(f"SageMaker.{error.modelled or general}", self._cause(error))

    def _cause(self, error: ApiError) -> str:
        if self.sdk:
            # The second version of the Java SDK, which the integrations with the SDK use, does not tell the code.
            return f"{error.message} (Service: SageMaker, Status Code: 400, Request ID: {uuid.uuid4()})"
        return (
            f"{error.message} (Service: AmazonSageMaker; Status Code: 400; Error Code: {error.code}; "
            f"Request ID: {uuid.uuid4()}; Proxy: null)"
        )


@cache
def _by_lower(operations: tuple[str, ...]) -> dict[str, str]:
    return {operation.lower(): operation for operation in operations}
