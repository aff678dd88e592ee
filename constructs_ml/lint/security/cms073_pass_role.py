"""CMS073."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint.security.examples import role
from constructs_ml.lint.security.roles import statements
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.roles import Allowed
    from constructs_ml.lint.security.subject import Subject

_PASS = "iam:PassRole"  # noqa: S105 - an action
_PASSED_TO = "iam:passedtoservice"
_TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@security_rule(
    "CMS073",
    title="A role can be passed only to its intended service",
    reason="Whoever may pass any role to any service can run code under the account's most powerful role. With the "
    "ARN of one role but no condition it is a warning: only the services in that role's trust policy can assume it. "
    "Source: 'Grant a user permissions to pass a role to an AWS service' of the IAM user guide.",
    controls=("AC-6", "AC-6(10)"),
    bad=role({"Effect": "Allow", "Action": _PASS, "Resource": "*"}, service="states"),
    good=role(
        {
            "Effect": "Allow",
            "Action": _PASS,
            "Resource": "arn:aws:iam::111122223333:role/Jobs",
            "Condition": _TO_SAGEMAKER,
        },
        service="states",
    ),
)
def pass_role(subject: Subject) -> Iterator[Violation]:
    """Statements that allow passing roles to any service."""
    for allowed in statements(subject):
        if allowed.allows(_PASS) and not _is_whole(allowed) and _PASSED_TO not in allowed.condition_keys:
            severity = None if any("*" in resource for resource in allowed.resources) else Severity.WARNING
            problem = "allows iam:PassRole without the condition iam:PassedToService"
            fix = "add StringEquals iam:PassedToService sagemaker.amazonaws.com"
            yield allowed.resource.violation(allowed.member, problem, fix, severity)


def _is_whole(allowed: Allowed) -> bool:
    """Return whether CMS071 reports the statement."""
    return any(action in {"*", "iam:*"} for action in allowed.actions)
