"""CMS071."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import role
from constructs_ml.lint.security.roles import statements
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.roles import Allowed
    from constructs_ml.lint.security.subject import Subject

_JOBS = "arn:aws:sagemaker:us-east-1:111122223333:training-job/churn-*"


@security_rule(
    "CMS071",
    title="No role of a workflow or its jobs allows all actions of a service",
    reason="A job runs third-party code under its role: with `sagemaker:*` that code may delete every endpoint, with "
    "`iam:*` make itself an administrator. Source: 'Grant least privilege' in 'Security best practices in IAM' of the "
    "IAM user guide.",
    controls=("AC-6", "AC-6(10)", "IAM.1", "IAM.21"),
    bad=role({"Effect": "Allow", "Action": ["sagemaker:*", "s3:GetObject"], "Resource": "*"}),
    good=role({"Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob", "Resource": _JOBS}),
)
def whole_service(subject: Subject) -> Iterator[Violation]:
    """Statements that allow all actions of a service, or all but some."""
    for allowed in statements(subject):
        whole = _whole(allowed)
        if whole:
            fix = "name the actions that are needed"
            yield allowed.resource.violation(allowed.member, f"must not allow {whole}", fix)


def _whole(allowed: Allowed) -> str:
    if "NotAction" in allowed.statement:
        return "all actions but some (NotAction)"
    return ", ".join(action for action in allowed.actions if action == "*" or action.endswith(":*"))
