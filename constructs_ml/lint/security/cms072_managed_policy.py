"""CMS072."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import role
from constructs_ml.lint.security.roles import workflow_roles
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_BROAD = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(.*/)?(AdministratorAccess|PowerUserAccess|\w*FullAccess)")
_READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::churn/*"}


@security_rule(
    "CMS072",
    title="No role of a workflow or its jobs has a managed policy that allows all actions of a service",
    reason="AmazonSageMakerFullAccess, for example, allows nearly every action of SageMaker, and all objects of every "
    "bucket with sagemaker in its name; AWS extends it as services grow. Source: 'AmazonSageMakerFullAccess' of the "
    "AWS managed policy reference.",
    controls=("AC-6", "AC-6(10)", "IAM.1"),
    bad=role(_READS, ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]),
    good=role(_READS),
)
def managed_policy(subject: Subject) -> Iterator[Violation]:
    """Roles with such a policy."""
    for found in workflow_roles(subject):
        arns = found.properties.get("ManagedPolicyArns")
        for at, arn in enumerate(arns if isinstance(arns, list) else ()):
            broad = _BROAD.fullmatch(arn) if isinstance(arn, str) else None
            if broad:
                fix = "omit the role: the library creates one that allows what the jobs declare"
                yield found.violation(f"ManagedPolicyArns[{at}]", f"must not be {broad[2]}", fix)
