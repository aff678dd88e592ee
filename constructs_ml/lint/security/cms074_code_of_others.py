"""CMS074."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint.security.examples import role
from constructs_ml.lint.security.roles import statements
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_ANY_ASSET = re.compile(r"arn:[^:]*:s3:::(cdk-[^/]+-assets-[^/]+)/\*.*")
_ASSETS = "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-us-east-1"


def _reading(resource: str) -> dict[str, str]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}


@security_rule(
    "CMS074",
    title="Jobs can read only the code of their own stack",
    reason="The bucket of `cdk bootstrap` holds the assets of all stacks of an account and region, under keys that "
    "are hashes. A role has to read the code of every version of its stack, as running executions need the previous "
    "one; unless its keys have a prefix, it can then read the code of the other stacks too. Source: 'Customize CDK "
    "stack synthesis' of the CDK developer guide, on `bucketPrefix`.",
    controls=("AC-6",),
    bad=role(_reading(f"{_ASSETS}/*.py")),
    good=role(_reading(f"{_ASSETS}/churn/*.py")),
    severity=Severity.WARNING,
)
def code_of_others(subject: Subject) -> Iterator[Violation]:
    """Statements that let a job read the assets of every stack."""
    for allowed in statements(subject):
        found = next(filter(None, map(_ANY_ASSET.fullmatch, allowed.resources)), None)
        if found and allowed.allows("s3:GetObject"):
            fix = (
                'pass synthesizer=DefaultStackSynthesizer(bucket_prefix="my-stack/") to the stack, or '
                "JobDefaults(code_bucket=bucket)"
            )
            problem = f"allows the role to read the assets of every stack of the account, in {found[1]}"
            yield allowed.resource.violation(allowed.member, problem, fix)
