"""CMS041."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.values import shown
from constructs_ml.lint.security.examples import workflow
from constructs_ml.lint.security.machines import state_machines
from constructs_ml.lint.security.rule import security_rule
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_LEVEL = "LoggingConfiguration.Level"
_LOGS = "pass logs with level ALL, as ml.Workflow does"
_SAM_LOGS = "write Logging: {Level: ALL, Destinations: …}"


@security_rule(
    "CMS041",
    title="A state machine logs all events",
    reason="The history of an execution is deleted after 90 days, and that of an Express workflow is never kept: then "
    "only a log shows which job ran, with what input, and how it ended. You decide whether inputs and outputs are "
    "logged too. Source: 'Using CloudWatch Logs to log execution history in Step Functions' of the Step Functions "
    "developer guide.",
    controls=("AU-2", "AU-12", "StepFunctions.1"),
    bad=workflow(LoggingConfiguration=None),
    good=workflow(),
)
def logs(subject: Subject) -> Iterator[Violation]:
    """State machines that log less than all events."""
    for machine in state_machines(subject):
        level = machine.get(_LEVEL)
        if level is not LATER and level != "ALL":
            got = "none" if level is None else shown(level)
            yield machine.violation(_LEVEL, f"must be ALL, got {got}", _SAM_LOGS if machine.is_sam else _LOGS)
