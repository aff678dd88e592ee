"""The SageMaker API: dispatch of operations, each checked as the service would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.local.api import access
from constructs_ml.local.api.access import check_trust
from constructs_ml.local.api.automl import AutoML
from constructs_ml.local.api.endpoints import Endpoints
from constructs_ml.local.api.jobs import Jobs
from constructs_ml.local.api.models import Models
from constructs_ml.local.api.packages import Packages
from constructs_ml.local.api.pipelines import Pipelines
from constructs_ml.local.api.records import DelayedCalls
from constructs_ml.local.api.requests import completed, problems, whole_numbers
from constructs_ml.local.jobs.call import ApiError, Call, invalid
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.aws.permissions import Need
    from constructs_ml.local.jobs.services import Services


class SageMaker:
    """SageMaker in memory, its jobs as processes.

    Args:
        services: The rest of the embedded AWS.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._delayed = DelayedCalls()
        packages = Packages(services, self._delayed)
        models = Models(services, packages)
        self.jobs = Jobs(services, models)
        self._operations: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "AddTags": lambda request, _call: {"Tags": request["Tags"]},
            "ListTags": lambda _request, _call: {"Tags": []},
            **self.jobs.operations,
            **models.operations,
            **Endpoints(services, models, self._delayed).operations,
            **packages.operations,
            **AutoML(services, self._delayed).operations,
            **Pipelines(services, self._delayed).operations,
        }

    @property
    def operations(self) -> tuple[str, ...]:
        """The supported operations."""
        return tuple(self._operations)

    def call(
        self, operation: str, request: dict[str, Any], call: Call, *, more: Callable[..., list[Need]] | None = None
    ) -> dict[str, Any]:
        """Execute an operation.

        Args:
            operation: As ``CreateModel``.
            request: Its request.
            call: The caller.
            more: Further permissions that the caller needs for a checked request.

        Returns:
            The response, its times as datetimes.

        Raises:
            ApiError: If the service refuses.
        """
        if operation not in self._operations:
            near = did_you_mean(operation, self._operations)
            raise ApiError("UnknownOperationException", f"a local run has no sagemaker:{operation}{near}")
        request = completed(operation, whole_numbers(request))
        problem = problems(operation, request)
        if problem:
            raise invalid(problem)
        place = {"region": self._services.region, "account": self._services.account}
        foreign = access.foreign_arn(operation, request, **place)
        if foreign:
            raise invalid(f"{foreign} is of another region or account than {place['region']}, {place['account']}")
        self._check_access(operation, request, call, more(request) if more else [])
        return self._operations[operation](request, call)

    def close(self) -> None:
        """End everything that runs."""
        self._delayed.close()
        self.jobs.close()

    def _check_access(self, operation: str, request: dict[str, Any], call: Call, more: list[Need]) -> None:
        services = self._services
        if services.enforce_iam:
            needs = access.needs(operation, request, region=services.region, account=services.account)
            wanted = dict.fromkeys([*needs, *more])
            refused = [need for need in wanted if not call.caller.may(need)]
            if refused:
                raise ApiError("AccessDeniedException", _refusal(refused, call))
        for role in [] if call.template else access.passed_roles(request):
            check_trust(services.role, role, services.account)


def _refusal(refused: list[Need], call: Call) -> str:
    wanted = "; ".join(
        f"{need.action} on resource: {need.resource} because no identity-based policy allows the {need.action} action"
        for need in refused
    )
    return f"User: {call.caller.arn} is not authorized to perform: {wanted}"
