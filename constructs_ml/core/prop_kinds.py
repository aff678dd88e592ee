"""The kinds that the annotation of a prop allows."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ALIASES = {
    "App": "str | Path | S3Data",
    "Channels": "Mapping[str, S3Data | TrainingChannel | FileSystem | HubDataset]",
    "Data": "S3Data | str",
    "File": "MetricsFile | S3Data",
    "Place": "S3Data",
    "Inputs": "Mapping[str, S3Data | ProcessingInput]",
    "Outputs": "Sequence[str] | Mapping[str, S3Data | ProcessingOutput]",
    "Runtime": "Path | Expression | Format | Merge",
}
"""What the names of the annotations stand for that are no classes."""
OPEN = ("Any", "Range", "object")
"""Names of what may be anything, or is told by whoever reads it."""
WHOLE = "Whole"
"""The name of what stands for all of a mapping or a list at run time."""
PROTOCOLS = {"NamedModel": ("model_name",)}
"""Names of what no class tells, with the members that do."""
SCALARS = {"bool": (bool,), "float": (int, float), "int": (int, float), "str": (str,)}
LISTS = ("Sequence", "list", "tuple")
MAPPINGS = ("Mapping", "dict")


@dataclass(frozen=True, slots=True)
class Kinds:
    """What an annotation allows.

    Attributes:
        names: The kinds by name.
        of_items: For each, the annotation of what is in it.
        scalars: Whether all are texts, numbers and booleans.
        text: Whether a text is the only one.
    """

    names: tuple[str, ...]
    of_items: tuple[str, ...]
    scalars: bool
    text: bool


@cache
def kinds_of(annotation: str) -> Kinds:
    """What an annotation allows, as a module with ``from __future__ import annotations`` has it."""
    names, of_items = zip(*_alternatives(ast.parse(annotation, mode="eval").body), strict=True)
    return Kinds(names, of_items, scalars=all(name in SCALARS for name in names), text=set(names) == {"str"})


def _alternatives(node: ast.expr) -> Iterator[tuple[str, str]]:
    """The kinds in an annotation, each with the annotation of what is in it."""
    if isinstance(node, ast.BinOp):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    elif isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        head = ast.unparse(node.value)
        yield head, ast.unparse(inner[1 if head in MAPPINGS else 0])
    elif isinstance(node, (ast.Name, ast.Attribute)):
        name = ast.unparse(node)
        if name in ALIASES:
            yield from _alternatives(ast.parse(ALIASES[name], mode="eval").body)
        else:
            yield name, "Any"
