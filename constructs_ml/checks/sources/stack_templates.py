"""Which files of an assembly are templates of its stacks: an old assembly's may still lie beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.checks.reading.values import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDS = ".template.json"


def templates_of(assembly: Path) -> Iterator[Path]:
    """The templates of all stacks, those of stages and nested stacks too.

    Args:
        assembly: The folder with the ``manifest.json``.
    """
    for artifact in fields_of(_read(assembly / "manifest.json").get("artifacts")).values():
        properties = fields_of(artifact.get("properties"))
        if artifact.get("type") == "cdk:cloud-assembly":
            yield from templates_of(assembly / properties["directoryName"])
        elif artifact.get("type") == "aws:cloudformation:stack":
            template = assembly / properties["templateFile"]
            yield from (template, *nested_in(template))


def nested_in(template: Path) -> list[Path]:
    """The templates of a stack's nested stacks, which are assets of the stack.

    Args:
        template: The stack's template.
    """
    manifest = template.with_name(template.name.removesuffix(_ENDS) + ".assets.json")
    assets = fields_of(_read(manifest).get("files")).values() if manifest.is_file() else ()
    names = {str(fields_of(asset.get("source")).get("path")) for asset in assets}
    return [template.parent / name for name in sorted(names) if name.endswith(f".nested{_ENDS}")]


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
