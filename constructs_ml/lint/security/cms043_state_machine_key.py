"""CMS043."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint.security.examples import workflow
from constructs_ml.lint.security.machines import state_machines
from constructs_ml.lint.security.rule import security_rule
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_TYPE = "EncryptionConfiguration.Type"
_KEY = "pass encryption_key to the Workflow"
_SAM_KEY = "SAM's state machine does not support a key: make it an AWS::StepFunctions::StateMachine"


@security_rule(
    "CMS043",
    title="A state machine is encrypted with a customer managed KMS key",
    reason="Definitions and executions hold the inputs and outputs of all states. AWS encrypts them with a key of its "
    "own, whose use you can neither restrict nor audit. It is a warning: many workflows pass on only the locations of "
    "data. Source: 'Data at rest encryption' of the Step Functions developer guide.",
    controls=("SC-12", "SC-28(1)"),
    severity=Severity.WARNING,
    bad=workflow(EncryptionConfiguration=None),
    good=workflow(),
)
def state_machine_key(subject: Subject) -> Iterator[Violation]:
    """State machines that AWS's own key encrypts."""
    for machine in state_machines(subject):
        kind = machine.get(_TYPE)
        if kind is not LATER and kind != "CUSTOMER_MANAGED_KMS_KEY":
            problem = (
                "must be CUSTOMER_MANAGED_KMS_KEY, got none"
                if kind is None
                else f"must be CUSTOMER_MANAGED_KMS_KEY, got {kind}"
            )
            yield machine.violation(_TYPE, problem, _SAM_KEY if machine.is_sam else _KEY)
