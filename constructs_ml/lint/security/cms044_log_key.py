"""CMS044."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint.security.examples import workflow
from constructs_ml.lint.security.machines import log_groups
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject


def _with_data(log_group: dict[str, object] | None = None) -> dict[str, object]:
    destination = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}
    logging = {"Level": "ALL", "IncludeExecutionData": True, "Destinations": [destination]}
    return workflow(log_group, LoggingConfiguration=logging)


@security_rule(
    "CMS044",
    title="The log of a state machine is encrypted with a KMS key",
    reason="Whoever may read the log group can read all of the log. With execution data it holds the inputs and "
    "outputs of all states; without, only their names, and then it is a warning. Source: 'Encrypt log data in "
    "CloudWatch Logs using AWS Key Management Service' of the CloudWatch Logs user guide; the managed rule "
    "cloudwatch-log-group-encrypted of AWS Config.",
    controls=("AU-9(3)", "SC-12", "SC-28(1)"),
    bad=_with_data({"RetentionInDays": 365}),
    good=_with_data(),
)
def log_key(subject: Subject) -> Iterator[Violation]:
    """Log groups of state machines without a key."""
    for group in log_groups(subject):
        if not group.resource.get("KmsKeyId"):
            problem = (
                "must be a KMS key, because inputs and outputs are logged"
                if group.has_data
                else "must be a KMS key, got none"
            )
            severity = None if group.has_data else Severity.WARNING
            fix = "pass encryption_key to the Workflow or to the LogGroup"
            yield group.resource.violation("KmsKeyId", problem, fix, severity)
