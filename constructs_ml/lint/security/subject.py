"""The subject of the pack's rules: the requests of a template's state machines, and its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from constructs_ml.asl.machine import Machine
from constructs_ml.cfn.intrinsics import Resolver
from constructs_ml.cfn.resources import Resource
from constructs_ml.cfn.template import machines_of
from constructs_ml.lint.security.call import Call
from constructs_ml.sagemaker.task_requests import requests_of

__all__ = ["SENT_BY_CLOUDFORMATION", "Resource", "Subject"]

SENT_BY_CLOUDFORMATION = (
    "DataQualityJobDefinition",
    "EndpointConfig",
    "Model",
    "ModelBiasJobDefinition",
    "ModelExplainabilityJobDefinition",
    "ModelQualityJobDefinition",
    "MonitoringSchedule",
)
"""The resources of ``AWS::SageMaker`` that workflows use or that monitor their results; their properties are the
members of the API's request."""


@dataclass(frozen=True)
class Subject:
    """A template, or a definition alone.

    Attributes:
        template: The template; empty for a definition.
        machines: The state machines.
    """

    template: Mapping[str, Any]
    machines: tuple[Machine, ...]

    @classmethod
    def of_template(cls, template: Mapping[str, Any]) -> Subject:
        """Read a template."""
        return cls(template, tuple(machines_of(template)))

    @classmethod
    def of_definition(cls, definition: Mapping[str, Any]) -> Subject:
        """Read a definition in the Amazon States Language."""
        return cls({}, (Machine(definition),))

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """All requests to SageMaker that can be read."""
        sent = [
            Call(request.operation, request.body, machine.name, request.state.name, request.root)
            for machine in self.machines
            for request in requests_of(machine)
        ]
        for kind in SENT_BY_CLOUDFORMATION:
            made = self.resources(f"AWS::SageMaker::{kind}")
            sent += [Call(f"Create{kind}", resource.properties, resource.name) for resource in made]
        return tuple(sent)

    def resources(self, kind: str) -> tuple[Resource, ...]:
        """Return the resources of a type such as ``AWS::S3::Bucket``."""
        if kind not in self._read:
            self._read[kind] = tuple(self._of_kind(kind))
        return self._read[kind]

    def resource(self, kind: str, name: str) -> Resource | None:
        """Return the resource of this type and logical id; None if the template has none."""
        return next((resource for resource in self.resources(kind) if resource.name == name), None)

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(self.template)

    @cached_property
    def _read(self) -> dict[str, tuple[Resource, ...]]:
        return {}

    def _of_kind(self, kind: str) -> Iterator[Resource]:
        resources = self.template.get("Resources")
        for name, resource in resources.items() if isinstance(resources, Mapping) else ():
            if isinstance(resource, Mapping) and resource.get("Type") == kind:
                properties = self._resolver.resolve(resource.get("Properties", {}))
                yield Resource(name, properties if isinstance(properties, Mapping) else {})
