"""botocore's model of a service, with names in Step Functions' spelling.

Source: ``botocore/data/*/*/service-2.json.gz``, the newest version of each service.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.services.catalogue import services
from constructs_ml.services.naming import action_of, spellings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_UNJUDGED = {"blob", "timestamp"}
"""They are written in more than one way."""


@dataclass(frozen=True, eq=False)
class Shape:
    """A type of a service's API.

    Attributes:
        service: The model that it is of.
        name: Its name there.
        free: The members that take any JSON, wherever they stand.
    """

    service: Service
    name: str
    free: frozenset[str] = frozenset()

    @property
    def raw(self) -> Mapping[str, Any]:
        """The shape's entry in the model."""
        found: Mapping[str, Any] = self.service.raw["shapes"][self.name]
        return found

    @cached_property
    def type(self) -> str:
        """``structure``, ``list``, ``map``, ``string``, ``integer``, …; ``any`` if it takes more than one type."""
        raw = self.raw
        if raw["type"] in _UNJUDGED or raw.get("document") or raw.get("eventstream") or raw.get("jsonvalue"):
            return "any"
        return str(raw["type"])

    @cached_property
    def enum(self) -> tuple[str, ...]:
        """The values that a string may have; empty if any."""
        return tuple(self.raw.get("enum", ()))

    @cached_property
    def members(self) -> Mapping[str, Shape]:
        """The members of a structure by their likely spelling, and by any other that may be right."""
        return {
            spelling: self._of(part, spellings(name)[0])
            for name, part in self.raw.get("members", {}).items()
            for spelling in spellings(name)
        }

    @cached_property
    def native(self) -> Mapping[str, str]:
        """The likely spelling of each member, by its name in the API."""
        return {name: spellings(name)[0] for name in self.raw.get("members", {})}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The required members, by their likely spelling, except those that an SDK fills in."""
        members = self.raw.get("members", {})
        return tuple(
            spellings(name)[0] for name in self.raw.get("required", ()) if not members[name].get("idempotencyToken")
        )

    @cached_property
    def member(self) -> Shape:
        """The type of a list's items."""
        return self._of(self.raw["member"])

    @cached_property
    def value(self) -> Shape:
        """The type of a map's values."""
        return self._of(self.raw["value"])

    def _of(self, part: Mapping[str, Any], spelling: str = "") -> Shape:
        if spelling in self.free or part.get("jsonvalue"):
            return _Any(self.service, part["shape"])
        return Shape(self.service, part["shape"], self.free)


class _Any(Shape):
    """A type that takes any JSON."""

    @property
    def type(self) -> str:
        """``any``."""
        return "any"


@dataclass(frozen=True, eq=False)
class Service:
    """A service.

    Attributes:
        raw: Its model.
    """

    raw: Mapping[str, Any]

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """The operations, by the action in a resource."""
        return {action_of(name): name for name in self.raw["operations"]}

    @cached_property
    def errors(self) -> frozenset[str]:
        """The names and codes of the errors of its operations."""
        found = {name: shape.get("error", {}) for name, shape in self.raw["shapes"].items() if shape.get("exception")}
        return frozenset(found) | {str(error["code"]) for error in found.values() if "code" in error}

    def input(self, operation: str, free: frozenset[str] = frozenset()) -> Shape | None:
        """Return the input of an operation; None if it has none.

        Args:
            operation: Its name in the API.
            free: The members that take any JSON.
        """
        given = self.raw["operations"][operation].get("input")
        return Shape(self, given["shape"], free) if given else None


def service(name: str) -> Service | None:
    """Return the model of a service, read on first use; None if the installed botocore has none.

    Args:
        name: The service in a resource: ``cloudwatchlogs``.
    """
    place = services().get(name)
    return None if place is None else _read(place)


@cache
def _read(place: Path) -> Service | None:
    for suffix in ("service-2.json.gz", "service-2.json"):
        files = sorted(place.glob(f"*/{suffix}"))
        if files:
            content = files[-1].read_bytes()
            return Service(json.loads(gzip.decompress(content) if suffix.endswith(".gz") else content))
    return None
