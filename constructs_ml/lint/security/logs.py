"""The log groups that state machines write to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.cfn.intrinsics import later
from constructs_ml.lint.security.call import each
from constructs_ml.lint.security.machines import state_machines
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from constructs_ml.lint.security.subject import Resource, Subject


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
    """The log groups of the template that state machines write to, each once."""
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
    """The ARNs as they stand: most are known only when the template is deployed."""
    groups = [*each(logging, "Destinations", "CloudWatchLogsLogGroup")]
    arns = [group.get("LogGroupArn") for group in groups if isinstance(group, dict)]
    return [arn for arn in arns if isinstance(arn, str)]
