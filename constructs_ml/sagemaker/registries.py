"""Registries that SageMaker pulls images from: ECR, and private ones where a request says how.

Sources: "Use a Private Docker Registry for Real-Time Inference Containers" and "Use a Private Docker Registry for training" of
the SageMaker developer guide; issue 2605 of aws/sagemaker-python-sdk on ECR's public gallery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Format
from constructs_ml.sagemaker.finding import Finding, Rule, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = {
    "AlgorithmSpecification": ("TrainingImageConfig", "TrainingRepositoryAccessMode"),
    "ContainerDefinition": ("ImageConfig", "RepositoryAccessMode"),
}
"""Where a structure with an image says that it is in a private registry."""
_IMAGES = {
    "AlgorithmSpecification": "TrainingImage",
    "AppSpecification": "ImageUri",
    "ContainerDefinition": "Image",
    "DataQualityAppSpecification": "ImageUri",
    "DebugRuleConfiguration": "RuleEvaluatorImage",
    "HyperParameterAlgorithmSpecification": "TrainingImage",
    "InferenceComponentContainerSpecification": "Image",
    "ModelBiasAppSpecification": "ImageUri",
    "ModelExplainabilityAppSpecification": "ImageUri",
    "ModelPackageContainerDefinition": "Image",
    "ModelQualityAppSpecification": "ImageUri",
    "MonitoringAppSpecification": "ImageUri",
    "ProfilerRuleConfiguration": "RuleEvaluatorImage",
    "TrainingSpecification": "TrainingImage",
}
"""The member that holds the image of a structure."""
_ECR = re.compile(r"\.dkr[.-]ecr")
_OF_ACCOUNT = re.compile(r"\d{12}\.dkr[.-]ecr")
IMAGE_MEMBERS = frozenset(_IMAGES.values())
_LATER = re.compile(r"\$\{|\{%|\{\{resolve:")


def check_image(structure: str, value: Mapping[Any, Any], path: str) -> Iterator[Finding]:
    """The finding that the image of a structure is in no registry that SageMaker pulls from, if so.

    A name alone, without a tag or a folder, says too little: drafts and tests have it for an image that is still to come.
    """
    name = _IMAGES.get(structure)
    image = value.get(name) if name is not None else None
    start = image.parts[0] if isinstance(image, Format) else image
    if name is None or not isinstance(start, str) or _is_private(structure, value):
        return
    known = _LATER.split(start, maxsplit=1)[0]
    registry, slash, _ = known.partition("/")
    if not known:
        return
    if _ECR.search(registry):
        whole = slash or known == image
        if whole and not (slash and _OF_ACCOUNT.match(registry)):
            must = "have its repository after the registry" if not slash else "begin with an account of 12 digits"
            yield Finding(f"{path}.{name}" if path else name, f"must {must}, got {shown(start)}", "", Rule.IMAGE)
        return
    if not slash and ":" not in known:
        return
    if (known != start or image is not start) and not (slash and _is_host(registry)):
        return  # what is known only later may be the rest of the registry's name
    fix = "copy it to a repository of ECR"
    if structure in _PRIVATE:
        fix += f", or say by {_PRIVATE[structure][0]} how the registry is reached"
    yield Finding(
        f"{path}.{name}" if path else name,
        f"must be in ECR, got {shown(start)}",
        fix,
        Rule.IMAGE,
    )


def _is_private(structure: str, value: Mapping[Any, Any]) -> bool:
    config, mode = _PRIVATE.get(structure, ("", ""))
    given = value.get(config)
    if not isinstance(given, Mapping):
        return given is not None or f"{config}.$" in value
    return given.get(mode, "Platform") != "Platform" or f"{mode}.$" in given


def _is_host(text: str) -> bool:
    """Whether the first part of an image's name is a registry's, as Docker tells them from folders."""
    return "." in text or ":" in text or text == "localhost"
