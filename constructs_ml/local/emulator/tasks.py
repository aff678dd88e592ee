"""The tasks of state machines: calls of SageMaker, and of other services under the state machine's role."""

from __future__ import annotations

import json
import re
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.access import sync_needs
from constructs_ml.local.aws import arns
from constructs_ml.local.aws.clients import RoleSession
from constructs_ml.local.aws.describe import as_json, as_text_times
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.aws.permissions import Need
from constructs_ml.local.emulator import sdk_integrations
from constructs_ml.local.emulator.integrations import JOBS, Integration, TaskError
from constructs_ml.local.emulator.stand_ins import refused_integration
from constructs_ml.local.jobs.call import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.api.service import SageMaker
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services
    from constructs_ml.sagemaker.kinds import JobKind

_PARTITION = re.compile(r"^arn:aws-[a-z-]+(?=:states:::)")
_SDK = ":states:::aws-sdk:"
_SESSION_NAME = 64
_NO_OBJECT = "S3.NoSuchKeyException"
_PREFIXES = {"dynamodb": "DynamoDB", "events": "EventBridge", "lambda": "Lambda", "states": "StepFunctions"}


class SageMakerTasks:
    """Calls of SageMaker for state machines.

    Args:
        api: SageMaker.
        services: The rest of the embedded AWS.
    """

    def __init__(self, api: SageMaker, services: Services) -> None:
        self._api, self._services = api, services

    def run(self, resource: str, request: dict[str, Any], call: Call) -> Any:  # noqa: ANN401 - any JSON
        """Execute a task.

        Args:
            resource: The task's Resource.
            request: Its parameters.
            call: The caller.

        Returns:
            With ``.sync`` the Describe…Job response, times as epoch milliseconds; else the operation's response, times
            as strings.

        Raises:
            TaskError: If the request is refused, or with ``.sync`` if the job did not complete.
        """
        call.scope.check()
        integration = Integration.of(resource, self._api.operations)
        try:
            if integration.sync:
                return self._wait(JOBS[integration.operation], request, call)
            return as_text_times(self._api.call(integration.operation, request, call))
        except ApiError as error:
            raise integration.refusal(error) from error

    def _wait(self, kind: JobKind, request: dict[str, Any], call: Call) -> Any:  # noqa: ANN401 - any JSON
        self._api.call(kind.operation, request, call, more=partial(self._needs, kind))
        job = self._api.jobs.find(kind, request[kind.name_member])
        call.scope.add(job)
        job.ended.wait()
        call.scope.check()
        response = as_json(job.response)
        if not job.completed:
            raise TaskError("States.TaskFailed", json.dumps(response))
        return response

    def _needs(self, kind: JobKind, request: dict[str, Any]) -> list[Need]:
        name = request[kind.name_member]
        return sync_needs(kind, name, region=self._services.region, account=self._services.account)


class ServiceTasks:
    """Calls of other services for state machines.

    Args:
        services: The embedded AWS.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._roles: dict[tuple[str, str], RoleSession] = {}
        self._lock = threading.Lock()

    def run(
        self,
        resource: str,
        request: Any,  # noqa: ANN401 - any JSON
        *,
        role_arn: str,
        session: str,
        original: Callable[[str, Any], Any],
    ) -> Any:  # noqa: ANN401 - any JSON
        """Execute a task.

        Args:
            resource: The task's Resource.
            request: Its parameters.
            role_arn: The state machine's role.
            session: The name of the role's session.
            original: The emulator's own integrations.

        Raises:
            TaskError: If nothing stands behind the service, the role may not, or the service refuses.
        """
        refused = refused_integration(resource)
        if refused:
            raise TaskError("States.Runtime", refused)
        if _SDK in resource and ":aws-sdk:sagemaker:" not in resource and not resource.endswith(".waitForTaskToken"):
            try:
                return sdk_integrations.call(resource, request, self._role(role_arn, session))
            except JobError as error:
                raise TaskError("States.Runtime", str(error)) from error
            except TaskError as error:
                if error.error == _NO_OBJECT and not self._may_list(request, role_arn):
                    # S3 tells who may not list a bucket nothing of what is in it.
                    raise TaskError("S3.S3Exception", "Access Denied (Service: S3, Status Code: 403)") from error
                raise
        if isinstance(request, dict):
            self._check(resource, request, role_arn)
        return original(_PARTITION.sub("arn:aws", resource), request)

    def over(self, role_arn: str, session: str) -> None:
        """Close the connections of an execution that has ended.

        Args:
            role_arn: The state machine's role.
            session: The name of the role's session.
        """
        with self._lock:
            role = self._roles.pop((role_arn, session), None)
        if role:
            role.close()

    def _check(self, resource: str, request: dict[str, Any], role_arn: str) -> None:
        services = self._services
        if not services.enforce_iam:
            return
        for action, place in sdk_integrations.needs_of(resource, request, self._arn):
            if not services.allowed(role_arn, Need(action, place)):
                service = action.partition(":")[0]
                prefix = _PREFIXES.get(service, service.upper())
                message = (
                    f"User: {role_arn} is not authorized to perform: {action} on resource: {place} because no "
                    f"identity-based policy allows the {action} action"
                )
                raise TaskError(f"{prefix}.AccessDeniedException", message)

    def _may_list(self, request: Any, role_arn: str) -> bool:  # noqa: ANN401 - any JSON
        bucket = str(request.get("Bucket", "")) if isinstance(request, dict) else ""
        place = bucket if bucket.startswith("arn:") else f"arn:aws:s3:::{bucket}"
        services = self._services
        return not services.enforce_iam or services.allowed(role_arn, Need("s3:ListBucket", place))

    def _role(self, role_arn: str, session: str) -> RoleSession:
        with self._lock:
            key = (role_arn, session)
            if key not in self._roles:
                self._roles[key] = RoleSession(self._services.clients, role_arn, session[:_SESSION_NAME] or "local")
            return self._roles[key]

    def _arn(self, service: str, resource: str) -> str:
        return arns.arn(resource, region=self._services.region, account=self._services.account, service=service)
