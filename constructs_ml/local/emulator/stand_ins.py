"""Stand-ins for resources and services that have no meaning on one machine.

A resource gets ids and attributes in AWS's form and does nothing. A call to a service with only a stand-in fails, and
names it: an answer that nothing stands behind would let pass here what fails on AWS.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.physical_values import PhysicalValues, Place
from constructs_ml.local.aws.arns import partition_of
from constructs_ml.local.emulator.resource_types import Support, support_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_Handler = dict[str, Any]
# The emulator's services that do here what they do on AWS, by its own names for them.
_REAL_SERVICES = frozenset(
    {
        "apigateway",
        "appconfig",
        "appconfigdata",
        "cloudformation",
        "dynamodb",
        "dynamodbstreams",
        "ecr",
        "events",
        "execute-api",
        "firehose",
        "glue",
        "iam",
        "kinesis",
        "kms",
        "lambda",
        "logs",
        "monitoring",
        "pipes",
        "s3",
        "sagemaker",
        "scheduler",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "states",
        "sts",
        "tagging",
    }
)
# Parts of these that nothing stands behind.
_STOOD_IN_ACTIONS = {
    "glue": ("Crawler", "JobRun", "Trigger", "Workflow", "DevEndpoint", "StatementExecution", "Session", "StartJob"),
    "monitoring": ("Alarm", "Dashboard", "AnomalyDetector", "InsightRule", "MetricStream"),
    "ssm": ("Command", "Session", "Automation", "MaintenanceWindow", "PatchBaseline"),
}
# What Step Functions calls itself; SageMaker is answered before.
_REAL_INTEGRATIONS = {
    "apigateway",
    "dynamodb",
    "events",
    "eventbridge",
    "http",
    "kms",
    "cloudwatchlogs",
    "cloudwatch",
    "ecr",
    "firehose",
    "iam",
    "kinesis",
    "lambda",
    "s3",
    "sagemaker",
    "scheduler",
    "secretsmanager",
    "sfn",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
}


class StandInAttributes(dict[str, Any]):
    """Attributes of a resource that is not created: every attribute exists.

    Args:
        values: The resource's values.
    """

    def __init__(self, values: PhysicalValues | None = None) -> None:
        super().__init__()
        self._values = values

    def __contains__(self, name: object) -> bool:
        """Return True: every attribute exists."""
        return self._values is not None

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - a string or a list of strings
        """Return an attribute's value."""
        if self._values is None:
            raise KeyError(name)
        return self._values.attribute(name)


class ResourceHandlers(dict[str, _Handler]):
    """The emulator's handlers of resource types, including those that have only stand-ins.

    Args:
        handlers: The emulator's own, and this library's.
        stood_in: Further types to stand in for.
    """

    def __init__(self, handlers: dict[str, _Handler], stood_in: Collection[str]) -> None:
        super().__init__(handlers)
        self._stood_in = frozenset(stood_in)

    def __contains__(self, resource_type: object) -> bool:
        """Return whether a type can be created."""
        return self._stands_in(str(resource_type)) or super().__contains__(resource_type)

    def get(self, resource_type: str, default: Any = None) -> Any:  # noqa: ANN401 - as a dict's
        """The handlers of a type."""
        if not self._stands_in(resource_type):
            return super().get(resource_type, default)
        return {"create": self._creating(resource_type), "update": self._update, "delete": lambda *_args: None}

    def __getitem__(self, resource_type: str) -> _Handler:
        """The handlers of a type."""
        found: _Handler | None = self.get(resource_type)
        if found is None:
            raise KeyError(resource_type)
        return found

    def _stands_in(self, resource_type: str) -> bool:
        return support_of(resource_type, self._stood_in) is Support.STOOD_IN

    def _creating(self, resource_type: str) -> Callable[..., tuple[str, dict[str, Any]]]:
        def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
            responses: Any = importlib.import_module("ministack.core.responses")
            region = responses.get_region()
            place = Place(responses.get_account_id(), region, partition_of(region), stack)
            values = PhysicalValues(resource_type, logical_id, place, properties)
            return values.reference, StandInAttributes(values)

        return create

    def _update(self, physical_id: str, *_rest: object) -> tuple[str, dict[str, Any]]:
        return physical_id, {}


def refused_call(service: str, action: str) -> str:
    """Return the reason that a call of a service is refused, or an empty string.

    Args:
        service: The emulator's name of the service, as ``ec2``.
        action: The call, as ``ec2:DescribeVpcs``; empty where it is not known.
    """
    operation = action.partition(":")[2]
    parts = _STOOD_IN_ACTIONS.get(service, ())
    if service in _REAL_SERVICES and not any(part in operation for part in parts):
        return ""
    called = action or service
    return f"{called}: a local run has only a stand-in for it, which cannot answer; see docs/local.md"


def refused_integration(resource: str) -> str:
    """Return the reason that a task of a state machine is refused, or an empty string.

    Args:
        resource: The task's resource, as ``arn:aws:states:::ecs:runTask.sync``.
    """
    _, separator, integration = resource.partition(":states:::")
    if not separator:
        return ""
    service, _, action = integration.removeprefix("aws-sdk:").partition(":")
    name = service.lower()
    parts = _STOOD_IN_ACTIONS.get({"cloudwatch": "monitoring"}.get(name, name), ())
    if name in _REAL_INTEGRATIONS and not any(part.lower() in action.lower() for part in parts):
        return ""
    return f"{integration}: a local run has only a stand-in for {service}, which cannot answer"
