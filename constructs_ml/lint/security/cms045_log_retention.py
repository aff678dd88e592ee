"""CMS045."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import KEY_ARN, workflow
from constructs_ml.lint.security.machines import log_groups
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject


@security_rule(
    "CMS045",
    title="The log of a state machine has a retention period",
    reason="By default a log group keeps its data for ever, longer than most record retention rules allow, and its "
    "cost grows without bound. Source: 'Change log data retention in CloudWatch Logs' of the CloudWatch Logs user "
    "guide.",
    controls=("AU-11", "SI-12", "CloudWatch.16"),
    bad=workflow({"KmsKeyId": KEY_ARN}),
    good=workflow(),
)
def log_retention(subject: Subject) -> Iterator[Violation]:
    """Log groups of state machines without a retention period."""
    for group in log_groups(subject):
        if not group.resource.get("RetentionInDays"):
            yield group.resource.violation("RetentionInDays", "is missing", "pass retention to the LogGroup")
