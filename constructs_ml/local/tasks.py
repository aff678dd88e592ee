"""The service integrations of Step Functions with SageMaker: ``sagemaker:…``, ``….sync`` and ``aws-sdk:sagemaker:…``."""

from __future__ import annotations

import json
import re
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.access import sync_needs
from constructs_ml.local.api.call import ApiError
from constructs_ml.local.describe import as_json, as_text_times
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from constructs_ml.local.api.call import Call
    from constructs_ml.local.api.service import SageMaker
    from constructs_ml.local.permissions import Need
    from constructs_ml.local.services import Services

_RESOURCE = re.compile(r"arn:[^:]+:states:::(?P<sdk>aws-sdk:)?sagemaker:(?P<action>\w+)(?P<sync>\.sync)?")
_JOBS = {kind.operation: kind for kind in JobKind}
_OPTIMIZED = {*_JOBS, "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint"}


class TaskError(Exception):
    """A task's failure, as the state machine sees it.

    Attributes:
        error: The error's name.
        cause: What explains it.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


class SageMakerTasks:
    """Calls SageMaker for state machines.

    Args:
        api: SageMaker.
        services: The rest of the embedded AWS.
    """

    def __init__(self, api: SageMaker, services: Services) -> None:
        self._api, self._services = api, services
        self._by_lower = {operation.lower(): operation for operation in api.operations}

    def run(self, resource: str, request: dict[str, Any], call: Call) -> Any:  # noqa: ANN401 - any JSON
        """Does what a task's resource names.

        Args:
            resource: The task's Resource.
            request: Its parameters.
            call: Who calls.

        Returns:
            With ``.sync`` the Describe…Job response, times as epoch milliseconds; else the operation's response, times
            as text.

        Raises:
            TaskError: If the request is refused, or with ``.sync`` if the job did not complete.
        """
        call.scope.check()
        found = _RESOURCE.fullmatch(resource)
        if found is None:
            raise TaskError("States.Runtime", f"{resource} is no integration of Step Functions with SageMaker")
        operation = self._by_lower.get(found["action"].lower(), _pascal(found["action"]))
        sync = bool(found["sync"])
        if not found["sdk"] and operation not in _OPTIMIZED:
            hint = f"use arn:aws:states:::aws-sdk:sagemaker:{found['action']}"
            raise TaskError("States.Runtime", f"Step Functions has no optimized integration {resource}; {hint}")
        if sync and (found["sdk"] or operation not in _JOBS):
            raise TaskError("States.Runtime", f"Step Functions cannot wait for {resource}; drop .sync")
        try:
            if sync:
                return self._wait(_JOBS[operation], request, call)
            return as_text_times(self._api.call(operation, request, call))
        except ApiError as error:
            general, cause = (
                ("SageMakerException", _sdk_cause) if found["sdk"] else ("AmazonSageMakerException", _cause)
            )
            raise TaskError(f"SageMaker.{error.modelled or general}", cause(error)) from error

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


def _pascal(action: str) -> str:
    return action[:1].upper() + action[1:]


def _cause(error: ApiError) -> str:
    return (
        f"{error.message} (Service: AmazonSageMaker; Status Code: 400; Error Code: {error.code}; "
        f"Request ID: {uuid.uuid4()}; Proxy: null)"
    )


def _sdk_cause(error: ApiError) -> str:
    # The second version of the Java SDK, which the integrations with the SDK use, does not tell the code.
    return f"{error.message} (Service: SageMaker, Status Code: 400, Request ID: {uuid.uuid4()})"
