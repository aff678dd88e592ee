"""Reads what presets make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping


def assets(stack: Stack) -> dict[str, Path]:
    """The files that the stack ships, by their keys."""
    stage = Stage.of(stack)
    assert stage is not None
    folder = Path(stage.synth().directory)
    files: dict[str, Any] = json.loads((folder / f"{stack.artifact_id}.assets.json").read_text())["files"]
    return {
        place["objectKey"]: folder / file["source"]["path"]
        for file in files.values()
        for place in file["destinations"].values()
    }


def inputs(state: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Where the inputs come from and go to, by name."""
    found = {item["InputName"]: item["S3Input"] for item in state["Parameters"]["ProcessingInputs"]}
    return {name: (item.get("S3Uri", item.get("S3Uri.$")), item["LocalPath"]) for name, item in found.items()}


BIAS: dict[str, Any] = {
    "dataset_type": "text/csv",
    "label": "income",
    "facet": [{"name_or_index": "age"}],
    "methods": {"pre_training_bias": {"methods": "all"}},
}
