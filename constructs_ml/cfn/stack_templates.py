"""Which files of an assembly are templates of its stacks: an old assembly's may still lie beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.cfn.manifests import stacks_of
from constructs_ml.documents.files import read_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDS = ".template.json"


def templates_of(assembly: Path) -> Iterator[Path]:
    """The templates of all stacks, those of stages and nested stacks too.

    Args:
        assembly: The folder with the ``manifest.json``.

    Raises:
        UnreadableFileError: If a manifest cannot be read, or is not what it should be.
    """
    for stack in stacks_of(assembly):
        yield from (stack.template, *nested_in(stack.template))


def nested_in(template: Path) -> list[Path]:
    """The templates of a stack's nested stacks, which are assets of the stack.

    Args:
        template: The stack's template.

    Raises:
        UnreadableFileError: If the manifest of its assets cannot be read, or is not what it should be.
    """
    manifest = template.with_name(template.name.removesuffix(_ENDS) + ".assets.json")
    assets = read_object(manifest)["files"].members().values() if manifest.is_file() else ()
    names = {asset["source"]["path"].text("") for asset in assets}
    return [template.parent / name for name in sorted(names) if name.endswith(f".nested{_ENDS}")]
