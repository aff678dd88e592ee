"""The targets of EventBridge rules in the same template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.cfn.resources import Resource, Resources

_TOKEN = re.compile(r"\$\{Token\[(\w+)(?:\.(?:Arn|TopicArn|QueueArn))?\]\}")


@dataclass(frozen=True, slots=True)
class Target:
    """A target of a rule.

    Attributes:
        rule: The rule.
        member: Its path in the rule.
        arn: Its ARN.
        body: The target.
        name: The logical id of its resource; empty if that is outside the template.
        kind: The type of that resource.
    """

    rule: Resource
    member: str
    arn: str
    body: Mapping[str, Any]
    name: str
    kind: str


def targets_of(resources: Resources) -> Iterator[Target]:
    """Yield the targets of all rules of a template."""
    for rule in resources.of("AWS::Events::Rule"):
        for at, body in entries(rule.properties.get("Targets")):
            arn = str(body.get("Arn"))
            name, kind = resource_of(resources, arn)
            yield Target(rule, f"Targets[{at}]", arn, body, name, kind)


def dead_letters_of(resources: Resources) -> Iterator[Target]:
    """Yield the dead-letter queues of all targets."""
    for target in targets_of(resources):
        arn = fields_of(target.body.get("DeadLetterConfig")).get("Arn")
        if arn is not None:
            name, kind = resource_of(resources, str(arn))
            yield Target(target.rule, f"{target.member}.DeadLetterConfig", str(arn), target.body, name, kind)


def resource_of(resources: Resources, value: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """Return the logical id and the type of the resource whose ARN a value is; empty if it is outside the template."""
    found = _TOKEN.fullmatch(value) if isinstance(value, str) else None
    kind = resources.kinds.get(found[1], "") if found else ""
    return (found[1], kind) if found and kind else ("", "")
