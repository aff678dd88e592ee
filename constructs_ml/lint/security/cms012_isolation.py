"""CMS012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint.security.examples import model
from constructs_ml.lint.security.network import networked
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject


@security_rule(
    "CMS012",
    title="Models, and the jobs that monitor them, run in network isolation",
    reason="A VPC keeps them from the internet only as far as its routes do, and Security Hub requires isolation. It "
    "is a warning, as some containers load their code from S3 themselves and need a network. Source: 'Security Hub "
    "CSPM controls for SageMaker AI' of the Security Hub user guide.",
    controls=("SC-7(21)", "SageMaker.5", *(f"SageMaker.{number}" for number in (11, 12, 14, 20, 25))),
    severity=Severity.WARNING,
    bad=model(VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}),
    good=model(EnableNetworkIsolation=True),
)
def isolation(subject: Subject) -> Iterator[Violation]:
    """Models and monitoring jobs in a VPC that are not isolated."""
    for call, part, places in networked(subject):
        if places.hosted and places.is_private(part) and not places.is_isolated(part):
            yield call.violation(part.at(places.isolation), "must be true", "pass network_isolation=True")
