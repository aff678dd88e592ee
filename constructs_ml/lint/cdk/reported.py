"""Findings in the form of aws-cdk-lib's reports, and of our own."""

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
    """A violation, with the construct and the line of code that it concerns.

    Attributes:
        violation: The violation.
        template: The template that contains it.
        origin: The construct and the line, as far as known; the path may be empty.
        extra: Further members that the plugin reports with it.
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
        """Return whether it is an error rather than a warning."""
        return self.severity is Severity.ERROR

    @property
    def description(self) -> str:
        """The message, followed by the line of code if known: ``Prepare: is never reached; … (app.py:6)``."""
        return f"{self.violation.message} ({self.origin.line})" if self.origin.line else self.violation.message

    @property
    def metadata(self) -> dict[str, str]:
        """The members that ``constructs-ml check`` reads from a synthesis report."""
        base = {
            "template": Path(self.template.path).name,
            "machine": self.violation.machine,
            "message": self.violation.message,
        }
        return {**base, **self.extra, **({"line": self.origin.line} if self.origin.line else {})}

    @property
    def locations(self) -> Sequence[str]:
        """The resource properties, or the members of the definition, at fault."""
        violation = self.violation
        resource, dot, property_path = violation.member.partition(".")
        if dot and not violation.state and resource == violation.machine:
            return [f"Properties.{property_path}"]
        return [f"{violation.state}/{violation.member}".strip("/") or "Definition"]

    def to_cdk(self) -> PolicyViolation:
        """Return the violation as aws-cdk-lib's own type."""
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
        """Return the violation in the format of aws-cdk-lib's ``validation-report.json``.

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
