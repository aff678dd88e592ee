"""Typed access to the members of a document; errors name the file and the place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

Json = Any
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document.

    Attributes:
        value: The value; None if there is none.
        file: The document's file.
        place: Its path: ``artifacts.Census.properties``; empty for the whole document.
    """

    value: Json
    file: Path
    place: str = ""

    def __getitem__(self, name: str) -> Node:
        """Return a member of an object; a node of None if there is no such member.

        Raises:
            UnreadableFileError: If it is not an object.
        """
        return Node(self.object().get(name), self.file, self._below(name))

    def object(self) -> dict[str, Json]:
        """Return an object; an empty one if there is none.

        Raises:
            UnreadableFileError: If it is something else.
        """
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.must_be("an object")
        return self.value

    def members(self) -> dict[str, Node]:
        """Return the members of an object; none if there is none.

        Raises:
            UnreadableFileError: If it is something else.
        """
        return {name: Node(value, self.file, self._below(name)) for name, value in self.object().items()}

    def items(self) -> list[Node]:
        """Return the items of a list; none if there is none.

        Raises:
            UnreadableFileError: If it is something else.
        """
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.must_be("a list")
        return [Node(item, self.file, f"{self.place}[{at}]") for at, item in enumerate(self.value)]

    def text(self, default: str | None = None) -> str:
        """Return a string.

        Args:
            default: The value if there is none; without a default, a value is required.

        Raises:
            UnreadableFileError: If it is something else.
        """
        if self.value is None and default is not None:
            return default
        if not isinstance(self.value, str):
            raise self.must_be("a string")
        return self.value

    def must_be(self, wanted: str) -> UnreadableFileError:
        """Return the error for a value of another type.

        Args:
            wanted: The expected type, in words.
        """
        shown = json.dumps(self.value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
        return UnreadableFileError(f"{self.file}: {self.place or 'it'} must be {wanted}, got {shown}")

    def _below(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name
