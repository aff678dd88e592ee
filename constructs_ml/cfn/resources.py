"""The resources of a template, without intrinsic functions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import Grants
from constructs_ml.cfn.intrinsics import Resolver
from constructs_ml.errors import Severity, Violation
from constructs_ml.sagemaker.task_requests import get

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a template.

    Attributes:
        name: Its logical id.
        properties: Its properties, without intrinsic functions.
    """

    name: str
    properties: Mapping[str, Any]

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return the property at a path; ``LATER`` if it is known only later, None if it is absent."""
        return get(self.properties, *path.split("."))

    def violation(self, member: str, problem: str, fix: str = "", severity: Severity | None = None) -> Violation:
        """Return a violation about a property."""
        return Violation("", f"{self.name}.{member}", problem, fix, severity, machine=self.name)


@dataclass(frozen=True)
class Resources:
    """The resources of a template.

    Attributes:
        template: The template, as JSON data.
    """

    template: Mapping[str, Any]

    @cached_property
    def resolver(self) -> Resolver:
        """The resolver of the template's intrinsic functions."""
        return Resolver(self.template)

    @cached_property
    def grants(self) -> Grants:
        """The permissions of the template's roles."""
        return Grants(self.resolver)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The type of each resource, by logical id."""
        found = fields_of(self.template.get("Resources"))
        return {str(name): str(fields_of(resource).get("Type")) for name, resource in found.items()}

    def of(self, *kinds: str) -> Iterator[Resource]:
        """Yield the resources of these types."""
        for name, kind in self.kinds.items():
            if kind in kinds:
                yield self[name]

    def __getitem__(self, name: str) -> Resource:
        """Return the resource of a logical id."""
        if name not in self._read:
            given = fields_of(self.template["Resources"][name]).get("Properties", {})
            self._read[name] = Resource(name, fields_of(self.resolver.resolve(given)))
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, Resource]:
        return {}
