"""Reads the templates of an assembly, those of nested stacks too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Template:
    """A template.

    Attributes:
        path: Its file.
        body: What it says, with the definitions that it has in files.
        written: The bytes of the file.
    """

    path: str
    body: Mapping[str, Any]
    written: int


def templates(paths: Iterable[str], marks: Iterable[str]) -> Iterator[Template]:
    """Reads templates and those of their nested stacks, which aws-cdk-lib does not name to plugins.

    Args:
        paths: Their files.
        marks: Texts; templates with none of them are left out.
    """
    # The rules' rooms are imported when an app is synthesized: most of an import would be theirs.
    from constructs_ml.cfn.definition_files import with_definitions
    from constructs_ml.cfn.stack_templates import nested_in
    from constructs_ml.documents.files import read_text
    from constructs_ml.documents.json_text import parse_json

    given = [Path(path) for path in paths]
    nested = {file for path in given for file in nested_in(path)}
    for path in [*given, *sorted(nested - set(given))]:
        text = read_text(path)
        if any(mark in text for mark in marks):
            yield Template(str(path), with_definitions(parse_json(text), path), len(text.encode()))
