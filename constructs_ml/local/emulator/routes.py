"""Routing of requests: the service that answers, and the requests that a run refuses."""

from __future__ import annotations

import importlib
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.permissions import Need
from constructs_ml.local.emulator.authentication import RefusedRequestError, query_of
from constructs_ml.local.emulator.stand_ins import refused_call

if TYPE_CHECKING:
    from constructs_ml.local.emulator.disk.content import Content
    from constructs_ml.local.emulator.principals import Principals

# What the emulator hands to its functions: it ships no types.
_Data = Any
# A protocol whose operations the emulator does not read for its permissions.
_RPC = re.compile(r"/service/(?P<service>\w+)/operation/(?P<operation>\w+)")
_RPC_SERVICES = {"GraniteServiceVersion20100801": "cloudwatch"}


@dataclass(frozen=True)
class Route:
    """The service and the action that a request is for.

    Attributes:
        service: The service, by its name in the emulator.
        action: The call, as ``ec2:DescribeVpcs``; empty where it is not known.
        unread: True if the emulator does not check that the caller is allowed the action.
    """

    service: str
    action: str = ""
    unread: bool = False

    @property
    def stood_in(self) -> str:
        """The reason that it is refused because its service has only a stand-in, in whole or part; empty if it is real."""
        return refused_call(self.service, self.action)


SAGEMAKER = Route("sagemaker", "sagemaker:")
"""The way to the SageMaker API of this library."""


class Routes:
    """The routes of requests.

    Args:
        principals: The callers of the run.
        enforce_iam: Whether they need permissions.
    """

    def __init__(self, principals: Principals, *, enforce_iam: bool) -> None:
        self._principals, self._enforce_iam = principals, enforce_iam
        self._actions: Any = importlib.import_module("ministack.core.iam_actions")
        self._app: Any = importlib.import_module("ministack.app")
        self._router: Any = importlib.import_module("ministack.core.router")
        self._responses: Any = importlib.import_module("ministack.core.responses")

    def find(self, scope: _Data, headers: dict[str, str], body: Content | bytes) -> Route:
        """Find the route of a request.

        Raises:
            RefusedRequestError: If it says twice what is to be done.
        """
        method, path, query = scope["method"], scope["path"], query_of(scope)
        if body and "Action" in query:
            # The emulator would read permissions from the one, and do the other.
            raise RefusedRequestError(
                "InvalidParameterCombination", "Action must be in the query or the body, not both"
            )
        if path.startswith("/_aws/execute-api/"):
            return Route("execute-api")
        form = body if isinstance(body, bytes) else b""  # an object says nothing about the way
        parameters = self._app._routing_params(method, path, headers, form, query)  # noqa: SLF001 - in PRIVATE_NAMES
        service = self._router.detect_service(method, path, headers, parameters)
        remote = _RPC.match(path)
        if remote:
            action = f"{_RPC_SERVICES.get(remote['service'], service)}:{remote['operation']}"
            return Route("monitoring" if remote["service"] in _RPC_SERVICES else service, action, unread=True)
        action = self._actions.extract_iam_action(service, method, path, headers, form, parameters)
        return Route(service, action or "")

    def check(self, route: Route, principal: _Data) -> None:
        """Check that a service has more than a stand-in, and the permissions that the emulator does not check itself.

        Raises:
            RefusedRequestError: If not.
        """
        if route.stood_in:
            raise RefusedRequestError("StoodIn", route.stood_in)
        if route.unread and self._enforce_iam and not self._principals.may(principal, Need(route.action, "*")):
            message = (
                f"User: {principal.arn} is not authorized to perform: {route.action} because no identity-based policy "
                f"allows the {route.action} action"
            )
            raise RefusedRequestError("AccessDenied", message)

    def is_capability(self, method: str, path: str) -> bool:
        """Return whether a URL was issued for unsigned calls: a custom resource's response, or a signal.

        On AWS these are presigned URLs; here a token in the path, which nobody can guess, stands for the signature.
        """
        folder, _, token = path.rpartition("/")
        if method != "PUT" or not token:
            return False
        if folder == "/_ministack/cfn-response":
            resources: Any = importlib.import_module("ministack.services.cloudformation.custom_resource")
            return token in resources._pending  # noqa: SLF001 - in PRIVATE_NAMES
        conditions: Any = importlib.import_module("ministack.services.cloudformation.wait_conditions")
        return f"{folder}/" == conditions.SIGNAL_PATH and bool(conditions.has_handle(token))

    def refusal(
        self, scope: _Data, headers: dict[str, str], error: RefusedRequestError
    ) -> tuple[int, dict[str, str], bytes]:
        """An authentication error as the service that was called would answer it."""
        service = self._router.detect_service(scope["method"], scope["path"], headers, query_of(scope))
        status, answered, body = self._actions.access_denied_response(
            service, "", "", str(uuid.uuid4()), error_code=error.code, message=error.message, headers=headers
        )
        self._responses.fix_error_content_type(service, status, answered)
        return status, answered, body
