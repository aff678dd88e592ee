"""What the tasks of a state machine ask of SageMaker."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.access import sync_needs
from constructs_ml.local.aws.describe import as_json, as_text_times
from constructs_ml.local.emulator.integrations import JOBS, Integration, TaskError
from constructs_ml.local.jobs.call import ApiError

if TYPE_CHECKING:
    from constructs_ml.local.api.service import SageMaker
    from constructs_ml.local.aws.permissions import Need
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services
    from constructs_ml.sagemaker.kinds import JobKind


class SageMakerTasks:
    """Calls SageMaker for state machines.

    Args:
        api: SageMaker.
        services: The rest of the embedded AWS.
    """

    def __init__(self, api: SageMaker, services: Services) -> None:
        self._api, self._services = api, services

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
