"""Registries that SageMaker pulls images from: ECR, and private ones if the request says so.

Sources: "Pushing a Docker image" and "Using dual-stack endpoints" of the ECR user guide, the patterns of ``repositoryName`` and
``imageTag`` in the ECR API; "Use a Private Docker Registry for Real-Time Inference Containers" and "Use a Private Docker Registry for training" of
the SageMaker developer guide; issue 2605 of aws/sagemaker-python-sdk on ECR's public gallery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Format
from constructs_ml.errors import Finding, FindingKind, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = {
    "AlgorithmSpecification": ("TrainingImageConfig", "TrainingRepositoryAccessMode"),
    "ContainerDefinition": ("ImageConfig", "RepositoryAccessMode"),
}
"""The member of a structure with an image that marks a private registry."""
IMAGES = {
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
_NAME = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_URI = re.compile(
    rf"\d{{12}}\.dkr[.-]ecr(?:-fips)?\.[a-z]+(?:-[a-z]+)+-\d+\.[a-z0-9.-]+/(?:{_NAME}/)*{_NAME}(?::\w[\w.-]{{0,127}})?(?:@sha\d+:[0-9a-f]+)?",
    re.ASCII,
)
"""The URI of an image in ECR without runtime parts."""
_FORM = "ACCOUNT.dkr.ecr.REGION.amazonaws.com/repository:tag"
_OF_ACCOUNT = re.compile(r"\d{12}\.dkr[.-]ecr")
_BARE = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
IMAGE_MEMBERS = frozenset(IMAGES.values())
_LATER = re.compile(r"\$\{|\{%|\{\{resolve:")


def check_image(structure: str, value: Mapping[Any, Any], path: str) -> Iterator[Finding]:
    """Yield the finding that SageMaker does not pull from the registry of a structure's image.

    A bare name, without tag or folder, is not judged, because drafts and tests use one for an image that does not exist yet;
    :func:`bare_image` finds those.
    """
    name = IMAGES.get(structure)
    image = value.get(name) if name is not None else None
    start = image.parts[0] if isinstance(image, Format) else image
    if name is None or not isinstance(start, str) or _is_private(structure, value):
        return
    known = _LATER.split(start, maxsplit=1)[0]
    registry, slash, _ = known.partition("/")
    if known == start and image is start and _ECR.search(known):
        yield from _misspelt(known, f"{path}.{name}" if path else name)
        return
    if not known:
        return
    if _ECR.search(registry):
        if slash and not _OF_ACCOUNT.match(registry):
            problem = f"must begin with an account of 12 digits, got {shown(start)}"
            yield Finding(f"{path}.{name}" if path else name, problem, f"write it as {_FORM}", FindingKind.IMAGE)
        return
    if not slash and ":" not in known:
        return
    if (known != start or image is not start) and not (slash and _is_host(registry)):
        return  # what is known only later may be the rest of the registry's name
    fix = "copy it to a repository of ECR"
    if structure in _PRIVATE:
        fix += f", or set {_PRIVATE[structure][0]} for a private registry"
    yield Finding(
        f"{path}.{name}" if path else name,
        f"must be in ECR, got {shown(start)}",
        fix,
        FindingKind.IMAGE,
    )


def bare_image(structure: str, value: Mapping[Any, Any]) -> str | None:
    """Return the image member that is a bare name, without registry, folder or tag; None if there is none."""
    name = IMAGES.get(structure)
    image = value.get(name) if name is not None else None
    is_bare = isinstance(image, str) and _BARE.fullmatch(image) is not None
    return name if is_bare and not _is_private(structure, value) else None


def _misspelt(uri: str, member: str) -> Iterator[Finding]:
    """Yield the finding that an ECR image URI is malformed."""
    if _URI.fullmatch(uri):
        return
    plain = uri.strip().removeprefix("https://").removeprefix("http://")
    repository = re.split("[:@]", plain, maxsplit=1)[0]
    near = f"{repository.lower()}{plain[len(repository) :]}"
    fix = f"write {near}" if _URI.fullmatch(near) else f"write it as {_FORM}, with the repository in lower case"
    yield Finding(member, f"must be the URI of an image in ECR, got {shown(uri)}", fix, FindingKind.IMAGE)


def _is_private(structure: str, value: Mapping[Any, Any]) -> bool:
    config, mode = _PRIVATE.get(structure, ("", ""))
    given = value.get(config)
    if not isinstance(given, Mapping) or is_dynamic(given):
        return given is not None or f"{config}.$" in value
    return given.get(mode, "Platform") != "Platform" or f"{mode}.$" in given


def _is_host(text: str) -> bool:
    """Return whether the first part of an image's name is a registry's host, by Docker's rule."""
    return "." in text or ":" in text or text == "localhost"
