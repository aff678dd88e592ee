"""Makes Markdown of the docstrings: an extension of griffe, which reads the sources for the site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import griffe

# griffe loads this file by its path.
sys.path.insert(0, str(Path(__file__).parent))

from site_markdown import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator


class Markdown(griffe.Extension):
    """Rewrites each docstring of the package when its sources have been read."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:  # noqa: ANN401 - griffe's signature
        """Rewrites the docstrings of a package.

        Args:
            pkg: The package.
        """
        for found in _documented(pkg):
            if found.docstring:
                found.docstring.value = markdown(found.docstring.value)
            elif isinstance(found, griffe.Attribute) and _is_choice(found):
                found.docstring = griffe.Docstring(f"The API's `{str(found.value).strip(chr(39))}`.", parent=found)


def _documented(parent: griffe.Object) -> Iterator[griffe.Object]:
    yield parent
    for member in parent.members.values():
        if not member.is_alias and isinstance(member, griffe.Object):
            yield from _documented(member)


def _is_choice(found: griffe.Attribute) -> bool:
    """Return whether an attribute is a member of an enum, which says all by its value."""
    parent = found.parent
    return isinstance(parent, griffe.Class) and any(str(base).endswith("Enum") for base in parent.bases)
