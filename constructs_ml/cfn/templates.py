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
    for resource in root["Resources"].members().values():
        if resource.value is None:
            raise resource.must_be("an object")
        resource["Type"].text()
        resource["Properties"].object()
        resource["Metadata"].object()
    for parameter in root["Parameters"].members().values():
        parameter.object()
    return {name: member for name, member in root.object().items() if member is not None}
