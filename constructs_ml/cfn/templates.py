"""Reads templates in JSON, as whoever deploys them relies on them: resources are objects that have a type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.documents.files import read_object

if TYPE_CHECKING:
    from pathlib import Path


def read_template(file: Path) -> dict[str, Any]:
    """A template.

    Args:
        file: Its file.

    Raises:
        UnreadableFileError: If it cannot be read, or is not what CloudFormation takes.
    """
    root = read_object(file)
    entries = [*root["Resources"].members().values(), *root["Parameters"].members().values()]
    for entry in entries:
        if not isinstance(entry.value, dict):
            raise entry.must_be("an object")
    for resource in root["Resources"].members().values():
        resource["Type"].text()
        resource["Properties"].object()
        resource["Metadata"]["aws:cdk:path"].text("")
    return {name: member for name, member in root.object().items() if member is not None}
