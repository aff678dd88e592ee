"""The event patterns of a template."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of, is_later
from constructs_ml.sagemaker.events import DETAIL_TYPES

if TYPE_CHECKING:
    from constructs_ml.cfn.resources import Resource, Resources

Json = Any
_SAM = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_SAM_EVENTS = {"CloudWatchEvent", "EventBridgeRule"}
EITHER = "$or"


@dataclass(frozen=True, slots=True)
class Pattern:
    """An event pattern.

    Attributes:
        resource: The resource that holds it.
        member: The path of the property.
        body: The pattern.
    """

    resource: Resource
    member: str
    body: Mapping[str, Json]

    @property
    def sources(self) -> frozenset[str]:
        """The sources of AWS's events that it may match; all of them if it names none."""
        if "source" not in self.body:
            return frozenset(DETAIL_TYPES)
        given = self.body["source"]
        listed = given if isinstance(given, list) else []
        texts = literals(given)
        unsure = len(texts) < len(listed) or is_later(given) or EITHER in self.body
        return frozenset(DETAIL_TYPES) if unsure else frozenset(texts) & frozenset(DETAIL_TYPES)

    @property
    def is_of_aws(self) -> bool:
        """Return whether it matches only events of SageMaker and Step Functions."""
        given = self.body.get("source")
        texts = literals(given)
        return isinstance(given, list) and len(given) == len(texts) > 0 and set(texts) <= set(DETAIL_TYPES)

    @property
    def types(self) -> list[str]:
        """The detail-types that it names, without filters."""
        return literals(self.body.get("detail-type"))

    @property
    def has_types_only(self) -> bool:
        """Return whether it names every detail-type in full."""
        given = self.body.get("detail-type")
        return isinstance(given, list) and len(given) == len(self.types) > 0 and EITHER not in self.body

    @property
    def details(self) -> Iterator[tuple[str, Mapping[str, Json]]]:
        """The constraints on the detail, and on each alternative of it, with the path of the property."""
        detail = fields_of(self.body.get("detail"))
        yield f"{self.member}.detail", detail
        either = detail.get(EITHER)
        for at, one in enumerate(either if isinstance(either, list) else ()):
            yield f"{self.member}.detail.{EITHER}[{at}]", fields_of(one)


def patterns_of(resources: Resources) -> Iterator[Pattern]:
    """Yield the patterns of rules, and of events from which SAM makes rules."""
    for rule in resources.of("AWS::Events::Rule"):
        yield from _pattern(rule, "EventPattern", rule.properties.get("EventPattern"))
    for resource in resources.of(*_SAM):
        for name, event in fields_of(resource.properties.get("Events")).items():
            if fields_of(event).get("Type") in _SAM_EVENTS:
                given = fields_of(fields_of(event).get("Properties"))
                for key in ("Pattern", "EventPattern"):
                    yield from _pattern(resource, f"Events.{name}.Properties.{key}", given.get(key))


def literals(value: Json) -> list[str]:
    """Return the known strings of a list, without content filters."""
    return [item for item in value if isinstance(item, str) and not is_later(item)] if isinstance(value, list) else []


def _pattern(resource: Resource, member: str, given: Json) -> Iterator[Pattern]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (json.JSONDecodeError, RecursionError):
            return
    if isinstance(given, Mapping):
        yield Pattern(resource, member, given)
