"""CMS011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import training
from constructs_ml.lint.security.network import networked
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject


@security_rule(
    "CMS011",
    title="Jobs and models run in a VPC or without a network",
    reason="Otherwise their containers can reach the whole internet: a compromised dependency or script can send data "
    "and credentials anywhere. Source: 'Give SageMaker Access to Resources in your Amazon VPC' and 'Run Training and "
    "Inference Containers in Internet-Free Mode' of the SageMaker developer guide.",
    controls=("AC-4", "SC-7", "SC-7(21)"),
    bad=training(EnableNetworkIsolation=None),
    good=training(EnableNetworkIsolation=None, VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}),
)
def network(subject: Subject) -> Iterator[Violation]:
    """Containers that can reach the internet."""
    for call, part, places in networked(subject):
        if not places.is_private(part):
            problem, fix = "is missing", "pass vpc to the construct or to JobDefaults"
            if places.isolation:
                problem = f"is missing, and {places.isolation.rpartition('.')[2]} is not true"
                fix = "pass vpc or network_isolation=True to the construct or to JobDefaults"
            yield call.violation(part.at(places.vpc), problem, fix)
