"""Writes the image tables of ``constructs_ml/sagemaker/images/tables`` from those of the SageMaker Python SDK.

Run it after an update of sagemaker-core: ``python tools/build_image_tables.py``; ``--check`` only says whether the
tables are up to date. The SDK is found, not imported.

The SDK keeps the parts of a tag (processors, Python versions, container versions, prefixes) and joins them when it is
asked, by rules that differ between frameworks. Here the rules run once and the table holds a template for each
processor, so that looking an image up is reading data. Left out:

- ``sagemaker-base-python``: the SDK's ``retrieve`` does not serve it.
- the training images of ``huggingface-neuronx``: the SDK's tags lack the version of the Neuron SDK.
- a processor that the SDK's table offers, but gives no container version for.

Source: ``sagemaker/core/image_uri_config/*.json`` of sagemaker-core 2.27.0, Apache License 2.0, copyright Amazon.com,
Inc. or its affiliates.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent.parent / "constructs_ml" / "sagemaker" / "images" / "tables"

NOT_FRAMEWORKS = {"instance_gpu_info", "sagemaker-base-python"}
WITHOUT_NEURON_SDK = {("huggingface-neuronx", "training")}
WITH_NEURON_SDK = re.compile(
    r"pytorch-training-neuronx?|huggingface-vllm-inference-neuronx|huggingface-pytorch-inference-neuronx?",
)
# The frameworks whose tag ends in a container version that the caller names.
CALLERS_CONTAINER = {"huggingface", "pytorch-smp", "spark"}
# Training and inference tables of these are nearly the same: training is taken if no scope is named.
DEFAULT_SCOPE = {"sklearn": "training", "xgboost": "training"}
GRAVITON_TAGS = {"sklearn": "{version}-arm64-cpu-py3", "xgboost": "{version}-arm64"}
# What the SDK appends on ml.p4d instances, whose GPUs need CUDA 11, to images that were first built with CUDA 10.
P4D = {
    "mxnet": {"1.8-gpu-py37": "cu110-ubuntu16.04-v1", "1.8.0-gpu-py37": "cu110-ubuntu16.04"},
    "pytorch": {
        "1.6-gpu-py3": "cu110-ubuntu18.04-v3",
        "1.6-gpu-py36": "cu110-ubuntu18.04-v3",
        "1.6.0-gpu-py3": "cu110-ubuntu18.04",
        "1.6.0-gpu-py36": "cu110-ubuntu18.04",
    },
    "tensorflow": {
        "1.15-gpu-py37": "cu110-ubuntu18.04-v8",
        "1.15.4-gpu-py37": "cu110-ubuntu18.04",
        "1.15.5-gpu-py37": "cu110-ubuntu18.04",
        "2.3-gpu-py37": "cu110-ubuntu18.04-v3",
        "2.3.1-gpu-py37": "cu110-ubuntu18.04",
        "2.3.2-gpu-py37": "cu110-ubuntu18.04",
    },
}


def sdk_folder() -> Path:
    """The folder of the SDK's tables."""
    spec = find_spec("sagemaker")
    for root in (spec and spec.submodule_search_locations) or ():
        folder = Path(root) / "core" / "image_uri_config"
        if folder.is_dir():
            return folder
    sys.exit("sagemaker-core is not installed; run pip install sagemaker-core==2.27.0")


@dataclass(frozen=True)
class Place:
    """Where an image stands in the SDK's tables.

    Attributes:
        framework: The framework.
        scope: The scope, such as ``training``.
        part: What the SDK's table holds for the scope.
        accounts: Our tables of accounts, which grow.
    """

    framework: str
    scope: str
    part: dict[str, Any]
    accounts: dict[str, dict[str, str]]


def table(framework: str, config: dict[str, Any]) -> dict[str, Any]:
    """Our table of one framework."""
    accounts: dict[str, dict[str, str]] = {}
    out: dict[str, Any] = {"accounts": accounts, "tables": []}
    if framework in DEFAULT_SCOPE:
        out["default_scope"] = DEFAULT_SCOPE[framework]
    if framework in P4D:
        out["p4d"] = P4D[framework]
    parts = [(config["scope"], config)] if "versions" in config else [([scope], part) for scope, part in config.items()]
    for scopes, part in parts:
        if any((framework, scope) in WITHOUT_NEURON_SDK for scope in scopes):
            continue
        place = Place(framework, scopes[0], part, accounts)
        versions = {name: version(place, name, node) for name, node in part["versions"].items()}
        rows: dict[str, Any] = {"scopes": scopes, "versions": versions}
        if part.get("version_aliases"):
            rows["aliases"] = part["version_aliases"]
        out["tables"].append(rows)
    return out


def version(place: Place, name: str, node: dict[str, Any]) -> dict[str, Any]:
    """One version of a framework: an image, or one for each base framework (Hugging Face) or each Python version."""
    if "repository" in node:
        return image(place, node, "{version}")
    if not place.framework.startswith("huggingface"):
        rows = {python: image(place, {**inner, "py_versions": [python]}, "{version}") for python, inner in node.items()}
        return {"by_python": rows}
    bases = {}
    for base, inner in node.items():
        if base != "version_aliases":
            bases[base] = image(place, inner, hugging_face_prefix(place.framework, name, base))
    return {"bases": bases, "base_aliases": node.get("version_aliases", {})}


def hugging_face_prefix(framework: str, version: str, base: str) -> str:
    """The start of a Hugging Face tag: the version of the base framework, and that of transformers."""
    if framework.endswith("-training-compiler"):
        return "{base}-transformers{version}"
    number = base.removeprefix("pytorch").removeprefix("tensorflow") if "-neuron" in framework else "{base}"
    return f"{number}-transformers{version}"


def image(place: Place, node: dict[str, Any], prefix: str) -> dict[str, Any]:
    """One image: its repository, its accounts, and the template of its tag by processor ("" if there is no choice)."""
    framework = place.framework
    processors = place.part.get("processors") or node.get("processors") or [""]
    containers = node.get("container_version", {})
    prefix = node.get("tag_prefix", prefix)
    tags = {}
    for processor in processors:
        if containers and processor not in containers:
            continue
        if place.scope == "inference_graviton" and framework in GRAVITON_TAGS:
            tags[processor] = GRAVITON_TAGS[framework]
            continue
        in_tag = processor if node.get("processor_in_tag", True) else ""
        if framework == "sagemaker-tritonserver" and processor == "gpu":
            in_tag = ""
        for tool in ("neuronx", "neuron"):
            if framework in (f"pytorch-{tool}", f"huggingface-{tool}"):
                in_tag = tool
        container = container_part(framework, node, containers.get(processor, ""))
        python = "{python}" if node.get("py_versions") else ""
        tags[processor] = "-".join(filter(None, (prefix, in_tag, python, container)))
    out: dict[str, Any] = {
        "accounts": account_key(node["registries"], place.accounts),
        "repository": node["repository"],
        "tags": tags,
    }
    if node.get("py_versions"):
        out["python"] = node["py_versions"]
    if framework in CALLERS_CONTAINER and not containers:
        out["container"] = "with_python" if framework == "spark" else "optional"
    return out


def container_part(framework: str, node: dict[str, Any], container: str) -> str:
    """The end of a tag: versions of CUDA, the system and the Neuron SDK."""
    repository = node["repository"]
    if WITH_NEURON_SDK.fullmatch(repository):
        return f"{max(node['sdk_versions'])}-{container}"
    if repository in (f"{framework}-inference-graviton", f"{framework}-inference-arm64"):
        return f"{container}-sagemaker"
    return container


def account_key(registries: dict[str, str], accounts: dict[str, dict[str, str]]) -> str:
    """The key of a table of accounts, which is added if it is new: a digest, so that it stays when others come."""
    by_account: dict[str, list[str]] = {}
    for region, account in sorted(registries.items()):
        by_account.setdefault(account, []).append(region)
    rows = {account: " ".join(regions) for account, regions in by_account.items()}
    key = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:6]
    accounts[key] = rows
    return key


def written(table: dict[str, Any]) -> str:
    """The text of a table: sorted, with one line for each account and each image."""
    lines = ["{"]
    for key, rows in sorted(table.items()):
        if key == "accounts":
            lines.append('"accounts":{')
            for name, by_account in sorted(rows.items()):
                pairs = sorted(by_account.items(), key=lambda pair: pair[1])
                text = ",\n".join(f"{compact(account)}:{compact(regions)}" for account, regions in pairs)
                lines.append(f"{compact(name)}:{{\n{text}}},")
            lines[-1] = lines[-1].removesuffix(",") + "},"
        elif key == "tables":
            lines.append('"tables":[')
            for part in rows:
                rest = {name: value for name, value in part.items() if name != "versions"}
                text = ",\n".join(
                    f"{compact(name)}:{compact(part['versions'][name])}" for name in sorted(part["versions"])
                )
                lines.append(f'{compact(rest)[:-1]},"versions":{{\n{text}}}}},')
            lines[-1] = lines[-1].removesuffix(",") + "],"
        else:
            lines.append(f"{compact(key)}:{compact(rows)},")
    lines[-1] = lines[-1].removesuffix(",") + "}"
    return "\n".join(lines) + "\n"


def compact(value: object) -> str:
    """JSON without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def main() -> int:
    """Writes or checks the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a table is out of date")
    check = parser.parse_args().check
    texts = {}
    for path in sorted(sdk_folder().glob("*.json")):
        if path.stem not in NOT_FRAMEWORKS:
            texts[path.name] = written(table(path.stem, json.loads(path.read_text(encoding="utf-8"))))
    old = {path.name: path.read_text(encoding="utf-8") for path in TABLES.glob("*.json")}
    if check:
        stale = sorted(name for name in texts.keys() | old.keys() if texts.get(name) != old.get(name))
        print(f"out of date: {', '.join(stale)}" if stale else f"{len(texts)} tables are up to date")
        return 1 if stale else 0
    TABLES.mkdir(parents=True, exist_ok=True)
    for name in old.keys() - texts.keys():
        (TABLES / name).unlink()
    for name, text in texts.items():
        (TABLES / name).write_text(text, encoding="utf-8")
    print(f"{len(texts)} tables, {sum(map(len, texts.values()))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
