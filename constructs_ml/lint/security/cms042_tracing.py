"""CMS042."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import workflow
from constructs_ml.lint.security.machines import state_machines
from constructs_ml.lint.security.rule import security_rule
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_ENABLED = "TracingConfiguration.Enabled"
_TRACING = "pass tracing_enabled=True, as ml.Workflow does"
_SAM_TRACING = "write Tracing: {Enabled: true}"


@security_rule(
    "CMS042",
    title="A state machine is traced with X-Ray",
    reason="A trace shows the callers of the workflow and its own calls, across services and accounts. Source: 'Trace "
    "Step Functions request data in AWS X-Ray' of the Step Functions developer guide.",
    controls=("CA-7", "SI-4", "CT.STEPFUNCTIONS.PR.2"),
    bad=workflow(TracingConfiguration=None),
    good=workflow(),
)
def tracing(subject: Subject) -> Iterator[Violation]:
    """State machines that are not traced."""
    for machine in state_machines(subject):
        enabled = machine.get(_ENABLED)
        if enabled is not LATER and str(enabled).lower() != "true":
            yield machine.violation(_ENABLED, "must be true", _SAM_TRACING if machine.is_sam else _TRACING)
