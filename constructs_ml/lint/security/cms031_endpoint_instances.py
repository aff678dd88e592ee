"""CMS031."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.values import is_number
from constructs_ml.lint.security.examples import endpoint
from constructs_ml.lint.security.rule import security_rule
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_COUNT = "InitialInstanceCount"


@security_rule(
    "CMS031",
    title="A variant of an endpoint starts with more than one instance",
    reason="SageMaker spreads the instances of a variant over availability zones; a single instance is a single point "
    "of failure. Serverless variants have none. Source: 'Security Hub CSPM controls for SageMaker AI' of the Security "
    "Hub user guide.",
    controls=("CP-10", "SC-5", "SageMaker.4"),
    bad=endpoint(InitialInstanceCount=1),
    good=endpoint(),
)
def endpoint_instances(subject: Subject) -> Iterator[Violation]:
    """Production variants on one instance."""
    for call in subject.calls:
        for part in call.parts:
            if part.path.startswith("ProductionVariants[") and part.shape.name == "ProductionVariant":
                count = part.get(_COUNT)
                if count is not LATER and is_number(count) and count < 2:  # noqa: PLR2004 - what the title says
                    problem = f"must be more than 1, got {count}"
                    yield call.violation(part.at(_COUNT), problem, "pass ml.hosting.Variant(instance_count=2, ...)")
