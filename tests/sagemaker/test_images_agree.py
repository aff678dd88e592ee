"""Every image URI is the one that the SageMaker SDK gives.

What is asked comes from the SDK's own tables, not from ours: every framework, version and alias, scope, Python version,
region, and an instance type of each kind.
"""

from __future__ import annotations

import json
import logging
import warnings
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from constructs_ml.sagemaker.images import UnknownImageError, find_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# One region of the table is asked for each of them; all regions for the first that the SDK answers with a new tag.
INSTANCE_TYPES = (
    None,
    "ml.m5.xlarge",
    "ml.g5.xlarge",
    "ml.p3.2xlarge",
    "ml.p4d.24xlarge",
    "ml.c5.xlarge",
    "ml.inf1.xlarge",
    "ml.inf2.xlarge",
    "ml.trn1.2xlarge",
    "ml.c7g.xlarge",
    "local",
    "local_gpu",
)
# The tool writes no table of these and says why.
LEFT_OUT = {("sagemaker-base-python", None), ("huggingface-neuronx", "training")}


class Question(NamedTuple):
    """One image, as both sides are asked for it; ``sdk`` holds what only the SDK has to be told."""

    framework: str
    scope: str
    version: str
    python: str | None
    container_version: str | None
    base: str | None
    regions: tuple[str, ...]
    sdk: dict[str, Any]


@pytest.fixture(scope="module")
def sdk() -> Iterator[ModuleType]:
    """The SDK's image_uris, with its files read once instead of at each question."""
    if find_spec("sagemaker") is None:
        pytest.skip("sagemaker-core is not installed")
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image_uris = pytest.importorskip("sagemaker.core.image_uris", exc_type=ImportError)
    patch.setattr(image_uris, "config_for_framework", cache(image_uris.config_for_framework))
    patch.setattr(image_uris.utils, "_botocore_resolver", cache(image_uris.utils._botocore_resolver))
    logging.getLogger("sagemaker").setLevel(logging.ERROR)
    yield image_uris
    patch.undo()


def questions(folder: Path) -> Iterator[Question]:
    """All that the SDK's tables hold."""
    for path in sorted(folder.glob("*.json")):
        config = json.loads(path.read_text(encoding="utf-8"))
        if path.stem == "instance_gpu_info" or (path.stem, None) in LEFT_OUT:
            continue
        parts = (
            [(config["scope"], config)] if "versions" in config else [([name], part) for name, part in config.items()]
        )
        for scopes, part in parts:
            for scope in scopes:
                if (path.stem, scope) not in LEFT_OUT:
                    yield from of_part(path.stem, scope, part)


def of_part(framework: str, scope: str, part: dict[str, Any]) -> Iterator[Question]:
    """The questions about one scope of a framework."""
    name, sdk = as_sdk_calls_it(framework)
    aliases = part.get("version_aliases", {})
    for version in [*part["versions"], *aliases]:
        node = part["versions"][aliases.get(version, version)]
        if "repository" not in node and not framework.startswith("huggingface"):
            for python, row in node.items():
                told = {**sdk, "framework": name}
                yield Question(framework, scope, version, python, None, None, tuple(row["registries"]), told)
            continue
        base_aliases = node.get("version_aliases", {})
        bases = (
            [None] if "repository" in node else [base for base in [*node, *base_aliases] if base != "version_aliases"]
        )
        for base in bases:
            row = node if base is None else node[base_aliases.get(base, base)]
            for python in row.get("py_versions") or [None]:
                for container in containers(framework, row):
                    told = {**sdk, "framework": name, "base_framework_version": base}
                    regions = tuple(row["registries"])
                    yield Question(framework, scope, version, python, container, base, regions, told)
            if framework == "spark":
                yield Question(
                    framework, scope, version, None, None, base, tuple(row["registries"]), {"framework": name}
                )


def as_sdk_calls_it(framework: str) -> tuple[str, dict[str, Any]]:
    """The framework's name to the SDK, and what else it is told to reach the same table."""
    for tool in ("neuron", "neuronx"):
        if framework in (f"pytorch-{tool}", f"huggingface-{tool}"):
            return framework.removesuffix(f"-{tool}"), {"inference_tool": tool}
    if framework.endswith("-training-compiler"):
        return framework.removesuffix("-training-compiler"), {"training_compiler_config": True}
    return framework, {}


def containers(framework: str, row: dict[str, Any]) -> list[str | None]:
    """The container versions to ask for."""
    if framework == "spark":
        return ["v1", "v1.2"]
    if framework in ("huggingface", "pytorch-smp") and "container_version" not in row:
        return [None, "cu124"]
    return [None]


def from_sdk(sdk: ModuleType, question: Question, instance_type: str | None, region: str) -> str | None:
    """The SDK's answer; None if it has none."""
    try:
        uri: str = sdk.retrieve(
            region=region,
            version=question.version,
            py_version=question.python,
            instance_type=instance_type,
            image_scope=question.scope,
            container_version=question.container_version,
            **question.sdk,
        )
    except (ValueError, KeyError, TypeError):  # "unsupported", and a tag or part of one that the tables lack
        return None
    return uri


def test_every_image_is_the_sdks(sdk: ModuleType, record_property: pytest.RecordProperty) -> None:
    compared = 0
    refused: set[tuple[str, str, str | None]] = set()
    for question in questions(Path(sdk.__file__ or "").parent / "image_uri_config"):
        swept: set[str] = set()
        for instance_type in INSTANCE_TYPES:
            first = from_sdk(sdk, question, instance_type, question.regions[0])
            if first is None:
                continue
            try:
                image = find_image(
                    question.framework,
                    question.version,
                    scope=question.scope,
                    python=question.python,
                    instance_type=instance_type,
                    container_version=question.container_version,
                    base=question.base,
                )
            except UnknownImageError:
                refused.add((question.framework, question.scope, instance_type))
                continue
            # The SDK goes to the table for Graviton from that for inference: what it offers is in another set of regions.
            elsewhere = instance_type == "ml.c7g.xlarge" and question.scope != "inference_graviton"
            assert elsewhere or set(image.accounts) == set(question.regions), question
            tag = first.partition("/")[2]
            regions = list(image.accounts)[:1] if tag in swept else list(image.accounts)
            swept.add(tag)
            for region in regions:
                assert image.uri(region) == from_sdk(sdk, question, instance_type, region), (question, instance_type)
                compared += 1
    record_property("compared", compared)
    # On Graviton the SDK answers with an inference image even if training was asked for, and with scikit-learn 1.0-1
    # whatever version was.
    on_graviton = {
        ("pytorch", "training"),
        ("tensorflow", "training"),
        ("sklearn", "training"),
        ("xgboost", "training"),
    }
    assert refused == {(*pair, "ml.c7g.xlarge") for pair in (*on_graviton, ("sklearn", "inference"))}
    assert compared > 70_000
