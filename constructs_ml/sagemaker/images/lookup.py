"""Finds an image by framework, version, region and instance type."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.sagemaker.images.image import Image, UnknownImageError
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


_FOLDER = Path(__file__).parent / "tables"


@cache
def frameworks() -> tuple[str, ...]:
    """Return the frameworks and algorithms that have images, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def load(framework: str) -> dict[str, Any]:
    """Return the table of a framework; ``tables/README.md`` describes it."""
    table: dict[str, Any] = json.loads((_FOLDER / f"{framework}.json").read_bytes())
    return table


def by_region(table: dict[str, Any], key: str) -> dict[str, str]:
    """Return a table of accounts as region -> account, sorted by region."""
    rows: dict[str, str] = table["accounts"][key]
    return dict(sorted((region, account) for account, regions in rows.items() for region in regions.split()))


def in_order(versions: list[str]) -> list[str]:
    """Sort versions as people do: 1.9 before 1.10."""
    return sorted(versions, key=_natural)


def _natural(text: str) -> list[tuple[bool, int | str]]:
    return [(False, int(part)) if part.isdigit() else (True, part) for part in re.split(r"(\d+)", text) if part]


_FAMILY = re.compile(r"ml[._]([a-z][a-z\d-]*)(\.[a-z\d-]+)?")
_LOCAL = {"local": "cpu", "local_gpu": "gpu"}
# Families of AWS's own Arm processors: a letter, a generation, a g (m6g, c7gn); g5g is a GPU.
_GRAVITON = re.compile(r"[cmrtx]\d+g[a-z]*")
_ON_GRAVITON = "inference_graviton"


def find_image(
    framework: str,
    version: str | None = None,
    *,
    scope: str | None = None,
    python: str | None = None,
    processor: str | None = None,
    instance_type: str | None = None,
    container_version: str | None = None,
    base: str | None = None,
) -> Image:
    """Find the image that AWS publishes for a framework or a built-in algorithm.

    An instance type picks the image as the SageMaker SDK does: families that begin with ``g`` or ``p`` have GPUs, ``inf``
    and ``trn`` are AWS's accelerators (for ``pytorch`` and ``huggingface`` their images are other ones), a family that
    has an image of its own gets it, Graviton families (``m6g``, ``c7gn``) get the image for Arm, and all others the one
    for the CPU. If one image serves all, neither instance type nor processor is needed.

    Args:
        framework: Such as ``sklearn``, ``xgboost``, ``pytorch``, ``spark``, ``kmeans``.
        version: Its version, or an alias of one (``2.0`` for ``2.0.1``). By default the only one, if there is one only.
        scope: ``training``, ``inference``, ``processing``, ... By default the only one; ``training`` for sklearn and
            xgboost. ``processing`` means the training image of a framework that has none for processing.
        python: Such as ``py310``. By default the only one.
        processor: ``cpu``, ``gpu``, ... By default what the instance type has, or the only one.
        instance_type: Such as ``ml.m5.xlarge``. A token or a runtime value is as good as none.
        container_version: The end of the tag, for the frameworks that leave it to the caller: ``v1`` for spark, which
            then needs ``python`` too, and ``cu124`` for pytorch-smp.
        base: The base framework of a Hugging Face image, such as ``pytorch2.1``. By default the only one.

    Returns:
        The image, for all regions.

    Raises:
        UnknownImageError: If there is no such image, or more than one. The message lists what there is.

    Examples:
        >>> find_image("sklearn", "1.2-1").uri("eu-west-1")
        '141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3'
    """
    if framework not in frameworks():
        raise UnknownImageError(f"there are no images of {framework!r}{did_you_mean(framework, frameworks())}")
    family = _family(instance_type)
    if family.startswith(("inf", "trn")) and f"{framework}-neuron" in frameworks():
        framework = f"{framework}-neuron"
    table = load(framework)
    part = _pick_scope(framework, table, scope, family)
    asked = f"{framework} on Graviton" if _ON_GRAVITON in part["scopes"] else framework
    version = _pick(asked, "version", version, list(part["versions"]), aliases=part.get("aliases", {}))
    label = f"{framework} {version}"
    row = part["versions"][part.get("aliases", {}).get(version, version)]
    if "bases" in row:
        base = _pick(label, "base", base, list(row["bases"]), aliases=row["base_aliases"])
        row = row["bases"][row["base_aliases"].get(base, base)]
    if "by_python" in row:
        python = _pick(label, "python", python, list(row["by_python"]))
        row = row["by_python"][python]
    chosen_python = _pick_python(label, row, python, container_version)
    tag = row["tags"][_pick_processor(label, row["tags"], processor, instance_type)]
    tag = tag.replace("{python}", chosen_python) if chosen_python else tag.replace("-{python}", "")
    number = (base or "").removeprefix("pytorch").removeprefix("tensorflow")
    tag = tag.replace("{version}", version).replace("{base}", number)
    end = _end_of_tag(label, row, container_version) or (table.get("p4d", {}).get(tag) if family == "p4d" else None)
    return Image(
        framework=framework,
        version=version,
        repository=row["repository"],
        tag=f"{tag}-{end}" if end else tag,
        accounts=by_region(table, row["accounts"]),
    )


def _family(instance_type: str | None) -> str:
    """Return the family of an instance type (``m5``); empty if it is unknown."""
    if instance_type is None or is_dynamic(instance_type) or instance_type in _LOCAL:
        return ""
    found = _FAMILY.fullmatch(instance_type)
    if found is None:
        raise UnknownImageError(f"{instance_type!r} is not an instance type; write it as 'ml.m5.xlarge'")
    return found[1]


def _pick_scope(framework: str, table: dict[str, Any], scope: str | None, family: str) -> dict[str, Any]:
    parts: dict[str, dict[str, Any]] = {name: part for part in table["tables"] for name in part["scopes"]}
    arm = _GRAVITON.fullmatch(family) and not framework.endswith("-arm64")
    if arm and (_ON_GRAVITON not in parts or scope not in (None, "inference", _ON_GRAVITON)):
        raise UnknownImageError(f"{framework} has no {scope or 'such'} image for Graviton ({family}) instances")
    if arm:
        return parts[_ON_GRAVITON]
    if scope == "processing" and scope not in parts:
        scope = "training"
    if scope is None:
        first: dict[str, Any] = table["tables"][0]
        if len(table["tables"]) == 1:
            return first
        scope = table.get("default_scope")
    return parts[_pick(framework, "scope", scope, list(parts))]


def _pick_python(label: str, row: dict[str, Any], python: str | None, container_version: str | None) -> str | None:
    if "python" not in row:
        if python is not None:
            raise UnknownImageError(f"{label} has no choice of Python; leave out python={python!r}")
        return None
    if row.get("container") == "with_python":
        if (python is None) != (container_version is None):
            raise UnknownImageError(
                f"{label} takes python and container_version together or neither, "
                f"got python={python!r}, container_version={container_version!r}; python: {', '.join(row['python'])}"
            )
        if python is None:
            return None
    return _pick(label, "python", python, row["python"])


def _pick_processor(label: str, tags: dict[str, str], processor: str | None, instance_type: str | None) -> str:
    if "" in tags:
        return ""
    if processor is not None or instance_type is None or is_dynamic(instance_type):
        return _pick(label, "processor", processor, list(tags), how="pass processor or instance_type")
    for candidate in _processors(instance_type):
        if candidate in tags:
            return candidate
    wanted = _processors(instance_type)[-1]
    raise UnknownImageError(f"{label} has no {wanted} image for {instance_type}; processors: {', '.join(sorted(tags))}")


def _processors(instance_type: str) -> list[str]:
    """Return the processors of an instance type, the most specialised first."""
    if instance_type in _LOCAL:
        return [_LOCAL[instance_type]]
    family = _family(instance_type)
    if family.startswith(("inf", "trn")):
        return [family, "neuronx", family[:3]]
    return [family, "gpu" if family[0] in "gp" else "cpu"]


def _end_of_tag(label: str, row: dict[str, Any], container_version: str | None) -> str | None:
    if container_version is not None and "container" not in row:
        raise UnknownImageError(f"the tag of {label} has no container version; leave out {container_version!r}")
    return container_version


def _pick(
    label: str, what: str, asked: str | None, known: list[str], *, aliases: Iterable[str] = (), how: str = ""
) -> str:
    """Return the requested entry if it is known, or the only one if none was requested."""
    if asked is None and len(known) == 1:
        return known[0]
    if asked is not None and (asked in known or asked in aliases):
        return asked
    plural = what if what == "python" else f"{what}s"
    listed = f"{plural}: {', '.join(in_order(known))}"
    if asked is None:
        raise UnknownImageError(f"{label} has more than one {what}; {how or f'pass {what}'}; {listed}")
    raise UnknownImageError(f"{label} has no {what} {asked}; {listed}")
