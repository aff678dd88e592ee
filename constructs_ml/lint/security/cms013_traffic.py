"""CMS013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint.security.examples import cluster, training
from constructs_ml.lint.security.instances import are_several
from constructs_ml.lint.security.network import networked
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject


@security_rule(
    "CMS013",
    title="The traffic between a job's instances is encrypted",
    reason="The instances of a distributed job send each other data and weights, unencrypted unless the request says "
    "otherwise. A job on one instance has no such traffic. SageMaker chooses the number of instances of AutoML jobs: "
    "for these it is a warning. Source: 'Protect Communications Between ML Compute Instances in a Distributed "
    "Training Job' of the SageMaker developer guide.",
    controls=("SC-8", "SC-8(1)", *(f"SageMaker.{number}" for number in (9, 10, 13, 15, 22))),
    bad=training(ResourceConfig=cluster(InstanceCount=2)),
    good=training(ResourceConfig=cluster(InstanceCount=2), EnableInterContainerTrafficEncryption=True),
)
def traffic(subject: Subject) -> Iterator[Violation]:
    """Jobs on several instances whose traffic is not encrypted."""
    for call, part, places in networked(subject):
        if not places.encryption or part.is_on(places.encryption):
            continue
        severity = None if places.instances else Severity.WARNING
        if severity or any(are_several(part, *where.split(".")) for where in places.instances):
            problem = "must be true" if severity else "must be true for more than one instance"
            fix = "pass encrypt_inter_container_traffic=True to the job or to JobDefaults"
            yield call.violation(part.at(places.encryption), problem, fix, severity)
