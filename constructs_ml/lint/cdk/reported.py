"""Findings as reports show them, of aws-cdk-lib's plugins or of our own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import PolicyViolation

    from constructs_ml.errors import Violation
    from constructs_ml.lint.cdk.origin import Origin
    from constructs_ml.lint.cdk.templates import Template


@dataclass(frozen=True, slots=True)
class Reported:
    """A violation, the construct and the line of code that it is about.

    Attributes:
        violation: The violation.
        template: Where it was found.
        origin: The construct and the line, as far as they are known; the path may be empty.
        extra: What else the plugin has to say of it.
    """

    violation: Violation
    template: Template
    origin: Origin
    extra: Mapping[str, str]

    @property
    def severity(self) -> Severity:
        """The rule's severity, or the violation's own."""
        return self.violation.severity or Severity.ERROR

    @property
    def fails(self) -> bool:
        """Whether it is more than a warning."""
        return self.severity is Severity.ERROR

    @property
    def description(self) -> str:
        """The message, with the line of code if it is known: ``Prepare: is never reached; … (app.py:6)``."""
        return f"{self.violation.message} ({self.origin.line})" if self.origin.line else self.violation.message

    @property
    def metadata(self) -> dict[str, str]:
        """The members that ``constructs-ml check`` reads from the report of a synthesis."""
        told = {
            "template": Path(self.template.path).name,
            "machine": self.violation.machine,
            "message": self.violation.message,
        }
        return {**told, **self.extra, **({"line": self.origin.line} if self.origin.line else {})}

    @property
    def locations(self) -> Sequence[str]:
        """The properties of the resource, or the members of the definition, at fault."""
        violation = self.violation
        resource, dot, property_path = violation.member.partition(".")
        if dot and not violation.state and resource == violation.machine:
            return [f"Properties.{property_path}"]
        return [f"{violation.state}/{violation.member}".strip("/") or "Definition"]

    def to_cdk(self) -> PolicyViolation:
        """The violation for aws-cdk-lib."""
        from aws_cdk import PolicyViolatingResource, PolicyViolation

        path = self.origin.path
        where: dict[str, Any] = {"construct_path": path} if path else {"resource_logical_id": self.violation.machine}
        return PolicyViolation(
            rule_name=self.violation.rule,
            description=self.description,
            severity=self.severity.value,
            rule_metadata=self.metadata,
            violating_resources=[
                PolicyViolatingResource(locations=self.locations, template_path=self.template.path, **where)
            ],
        )

    def to_json(self, path: str) -> dict[str, Any]:
        """The violation in the form of aws-cdk-lib's ``validation-report.json``.

        Args:
            path: The path of the construct.
        """
        resource = {
            "templatePath": Path(self.template.path).name,
            "logicalId": self.violation.machine,
            "propertyPaths": list(self.locations),
        }
        by_resource = {} if self.origin.path else {"cloudFormationResource": resource}
        return {
            "ruleName": self.violation.rule,
            "description": self.description,
            "severity": self.severity.value,
            "ruleMetadata": self.metadata,
            "violatingConstructs": [{"constructPath": path, **by_resource}],
        }
