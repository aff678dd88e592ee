"""The service integrations ``sagemaker:createProcessingJob`` and ``sagemaker:createTrainingJob``, with and without .sync."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.local.describe import as_json
from constructs_ml.local.kinds import Kind
from constructs_ml.local.permissions import Need, workflow_needs
from constructs_ml.local.processing import ProcessingJob
from constructs_ml.local.requests import problems, whole_numbers
from constructs_ml.local.training import TrainingJob

if TYPE_CHECKING:
    from constructs_ml.local.job import Job
    from constructs_ml.local.scope import Scope
    from constructs_ml.local.services import Services

_JOBS: dict[Kind, type[Job]] = {Kind.PROCESSING: ProcessingJob, Kind.TRAINING: TrainingJob}
# Whoever ends the run does not wait as long as a job that is stopped may take.
_CLOSE_SECONDS = 2
_ERROR = "SageMaker.AmazonSageMakerException"


class TaskError(Exception):
    """A task's failure, as the state machine sees it.

    Attributes:
        error: The error's name.
        cause: What explains it.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass(frozen=True)
class Call:
    """Who calls an integration.

    Attributes:
        execution: The ARN of the execution.
        state: The name of the state.
        role_arn: The state machine's role.
        scope: What the task is stopped with.
    """

    execution: str
    state: str
    role_arn: str
    scope: Scope


class SageMakerTasks:
    """Creates jobs for state machines.

    Args:
        services: The embedded AWS.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def create(self, kind: Kind, request: dict[str, Any], call: Call, *, sync: bool) -> dict[str, Any]:
        """Creates a job and, with ``.sync``, waits for it.

        Args:
            kind: The kind of job.
            request: The task's parameters.
            call: Who calls.
            sync: Whether to wait.

        Returns:
            The Describe…Job response with ``.sync``, else the job's ARN.

        Raises:
            TaskError: If the request is refused, or with ``.sync`` if the job did not complete.
        """
        call.scope.check()
        request = whole_numbers(request)
        problem = problems(kind, request)
        if problem:
            raise TaskError(_ERROR, _cause(problem, "ValidationException"))
        self._check_access(kind, request, call, sync=sync)
        job = self._created(kind, request, call)
        if not sync:
            job.start()
            return {f"{kind.job}Arn": job.arn}
        call.scope.add(job)
        job.start()
        job.ended.wait()
        call.scope.check()
        response: dict[str, Any] = as_json(job.response)
        if not job.completed:
            raise TaskError("States.TaskFailed", json.dumps(response))
        return response

    def close(self) -> None:
        """Stops every job, and waits for all of them."""
        jobs = list(self._jobs.values())
        for job in jobs:
            job.stop()
        until = time.monotonic() + min(self._services.stop_grace, _CLOSE_SECONDS)
        for job in jobs:
            job.ended.wait(max(0.0, until - time.monotonic()))
        for job in jobs:
            job.kill()
        for job in jobs:
            job.ended.wait(_CLOSE_SECONDS)

    def _created(self, kind: Kind, request: dict[str, Any], call: Call) -> Job:
        with self._lock:
            name = request[f"{kind.job}Name"]
            arn = kind.arn(name, region=self._services.region, account=self._services.account)
            if arn in self._jobs:
                message = _cause(
                    f"Job name must be unique within an AWS account and region, and {arn} exists", "ResourceInUse"
                )
                raise TaskError("SageMaker.ResourceInUseException", message)
            job = _JOBS[kind](request, self._services, execution=call.execution, state=call.state)
            self._jobs[arn] = job
            return job

    def _check_access(self, kind: Kind, request: dict[str, Any], call: Call, *, sync: bool) -> None:
        services, role = self._services, request["RoleArn"]
        if services.enforce_iam:
            needs, passing = workflow_needs(kind, request, region=services.region, account=services.account, sync=sync)
            refused = [need for need in (*needs, passing) if not services.allowed(call.role_arn, need)]
            if refused:
                raise TaskError(_ERROR, _cause(_refusal(refused, call), "AccessDeniedException"))
        if not self._trusts_sagemaker(role):
            message = (
                f"Could not assume role {role}. Please ensure that the role exists and allows principal "
                "'sagemaker.amazonaws.com' to assume the role."
            )
            raise TaskError(_ERROR, _cause(message, "ValidationException"))

    def _trusts_sagemaker(self, role_arn: str) -> bool:
        iam = self._services.clients.client("iam")
        try:
            role = iam.get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
        except iam.exceptions.NoSuchEntityException:
            return False
        statements = role["AssumeRolePolicyDocument"]["Statement"]
        return any(
            _lets_sagemaker(statement) for statement in (statements if isinstance(statements, list) else [statements])
        )


def _lets_sagemaker(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    actions = statement.get("Action", [])
    return (
        statement.get("Effect") == "Allow"
        and "sagemaker.amazonaws.com" in ([services] if isinstance(services, str) else services)
        and "sts:AssumeRole" in ([actions] if isinstance(actions, str) else actions)
    )


def _refusal(refused: list[Need], call: Call) -> str:
    _, _, _, _, account, role = call.role_arn.split(":", 5)
    session = call.execution.rpartition(":")[2]
    partition = call.role_arn.split(":")[1]
    user = f"arn:{partition}:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{session}"
    wanted = "; ".join(
        f"{need.action} on resource: {need.resource} because no identity-based policy allows the {need.action} action"
        for need in refused
    )
    return f"User: {user} is not authorized to perform: {wanted}"


def _cause(message: str, code: str) -> str:
    return (
        f"{message} (Service: AmazonSageMaker; Status Code: 400; Error Code: {code}; "
        f"Request ID: {uuid.uuid4()}; Proxy: null)"
    )
