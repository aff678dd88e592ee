"""CMS021."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.lint import examples
from constructs_ml.lint.security.examples import IMAGE, training
from constructs_ml.lint.security.images import images
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.images import Image
    from constructs_ml.lint.security.subject import Subject

_ECR = re.compile(r"\d{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.[a-z0-9.-]+")
_PUBLIC = re.compile(
    r"(.+\.)?(docker\.(com|io|elastic\.co)|public\.ecr\.aws|ghcr\.io|quay\.io|gcr\.io|registry\.k8s\.io|mcr\.microsoft\.com"
    r"|nvcr\.io|registry\.gitlab\.com|lscr\.io)"
)
_INPUT = examples.TRAINING["AlgorithmSpecification"]["TrainingInputMode"]


@security_rule(
    "CMS021",
    title="Images come from Amazon ECR, or from a registry in your VPC",
    reason="Others can change or remove an image in a public registry, and your scans do not cover it. SageMaker "
    "pulls from other registries only through a VPC (TrainingRepositoryAccessMode and RepositoryAccessMode Vpc). "
    "Source: 'Use a Private Docker Registry for Real-Time Inference Containers' of the SageMaker developer guide; "
    "TrainingImage of the API.",
    controls=("CM-7(5)", "SR-3", "SR-11"),
    bad=training(
        AlgorithmSpecification={"TrainingImage": "docker.io/pytorch/pytorch:2.4.1", "TrainingInputMode": _INPUT}
    ),
    good=training(AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": _INPUT}),
)
def registry(subject: Subject) -> Iterator[Violation]:
    """Images from registries that anyone may write to."""
    for image in images(subject):
        if _is_foreign(image):
            problem = f"must be an image in Amazon ECR, got one from {image.host}"
            fix = "copy it into your own repository, or set up a pull-through cache, and pass that image's URI"
            yield image.call.violation(image.member, problem, fix)


def _is_foreign(image: Image) -> bool:
    if not image.host or _ECR.fullmatch(image.host):
        return False
    return _PUBLIC.fullmatch(image.host) is not None or not image.in_vpc
