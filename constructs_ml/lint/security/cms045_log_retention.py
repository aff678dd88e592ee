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
    title="The log of a state machine says how long it is kept",
    reason="By default a log group keeps what it has for ever, longer than most rules on records allow, and its bill grows "
    "without end. Source: 'Change log data retention in CloudWatch Logs' of the CloudWatch Logs user guide.",
    controls=("AU-11", "SI-12", "CloudWatch.16"),
    bad=workflow({"KmsKeyId": KEY_ARN}),
    good=workflow(),
)
def log_retention(subject: Subject) -> Iterator[Violation]:
    """Log groups of state machines that keep all for ever."""
    for group in log_groups(subject):
        if not group.resource.get("RetentionInDays"):
            yield group.resource.violation("RetentionInDays", "must be given", "pass retention to the LogGroup")
