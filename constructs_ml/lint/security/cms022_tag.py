"""CMS022."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint import examples
from constructs_ml.lint.security.examples import IMAGE, training
from constructs_ml.lint.security.images import images
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

# SageMaker publishes these under no other tag.
_ONLY_LATEST = frozenset(
    {"sagemaker-debugger-rule-evaluator", "sagemaker-debugger-rules", "sagemaker-model-monitor-analyzer"}
)
_INPUT = examples.TRAINING["AlgorithmSpecification"]["TrainingInputMode"]


@security_rule(
    "CMS022",
    title="Images are named by a digest or a tag other than latest",
    reason="The image under `latest` can change after it was reviewed, and nothing records which one made a model. A "
    "digest always names the same image; so does a tag in a repository with immutable tags. Source: 'Preventing image "
    "tags from being overwritten in Amazon ECR' of the ECR user guide.",
    controls=("CM-2", "SI-7(15)", "SR-11"),
    severity=Severity.WARNING,
    bad=training(
        AlgorithmSpecification={
            "TrainingImage": "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:latest",
            "TrainingInputMode": _INPUT,
        }
    ),
    good=training(AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": _INPUT}),
)
def tag(subject: Subject) -> Iterator[Violation]:
    """Images that may be replaced at any time."""
    for image in images(subject):
        if image.tag == "latest" and image.repository not in _ONLY_LATEST:
            written = "latest" if image.uri.endswith(":latest") else "none, which means latest"
            fix = "name a version: from_ecr_repository(repository, '1.4.2'), or a digest"
            yield image.call.violation(image.member, f"must have a tag other than latest, got {written}", fix)
