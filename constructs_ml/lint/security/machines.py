"""The state machines of a template, CloudFormation's and SAM's, whose property names differ."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.intrinsics import later
from constructs_ml.cfn.template import SAM_STATE_MACHINE, STATE_MACHINE
from constructs_ml.lint.security.call import each
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Resource, Subject


_CLOUDFORMATION: Mapping[str, str] = MappingProxyType({})
_SAM: Mapping[str, str] = MappingProxyType({"LoggingConfiguration": "Logging", "TracingConfiguration": "Tracing"})
"""Source: "AWS::Serverless::StateMachine" of the SAM developer guide; the values of these properties are the same."""


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine, with properties under CloudFormation's names.

    Attributes:
        resource: The resource.
        names: The resource's own names of properties that it names differently.
    """

    resource: Resource
    names: Mapping[str, str]

    @property
    def is_sam(self) -> bool:
        """Return whether it is SAM's resource."""
        return self.names is _SAM

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return the property at a path; ``LATER`` if it is known only later, None if it is missing."""
        return self.resource.get(self._own(path))

    def violation(self, path: str, problem: str, fix: str) -> Violation:
        """Return a violation at a property, under the resource's own name for it."""
        return self.resource.violation(self._own(path), problem, fix)

    def _own(self, path: str) -> str:
        name, dot, inside = path.partition(".")
        return f"{self.names.get(name, name)}{dot}{inside}"


def state_machines(subject: Subject) -> Iterator[StateMachine]:
    """Yield all state machines of the template."""
    for kind, names in ((STATE_MACHINE, _CLOUDFORMATION), (SAM_STATE_MACHINE, _SAM)):
        for resource in subject.resources(kind):
            yield StateMachine(resource, names)


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group of the template that state machines write to.

    Attributes:
        resource: The log group.
        has_data: Whether one of them writes inputs and outputs to it.
    """

    resource: Resource
    has_data: bool


def log_groups(subject: Subject) -> list[LogGroup]:
    """Return the log groups of the template that state machines write to, each once."""
    groups = {later(f"{group.name}.Arn"): group for group in subject.resources("AWS::Logs::LogGroup")}
    found: dict[str, LogGroup] = {}
    for machine in state_machines(subject):
        logging = machine.get("LoggingConfiguration")
        has_data = machine.get("LoggingConfiguration.IncludeExecutionData") not in (None, False, LATER)
        for arn in _destinations(logging):
            if arn in groups:
                earlier = found.get(arn)
                found[arn] = LogGroup(groups[arn], has_data or (earlier is not None and earlier.has_data))
    return list(found.values())


def _destinations(logging: object) -> list[str]:
    """Return the ARNs as written: most are known only at deployment."""
    groups = [*each(logging, "Destinations", "CloudWatchLogsLogGroup")]
    arns = [group.get("LogGroupArn") for group in groups if isinstance(group, dict)]
    return [arn for arn in arns if isinstance(arn, str)]
