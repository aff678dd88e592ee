"""What the plugins share: they read templates, and report what is wrong with them by construct and line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import jsii
from aws_cdk import PolicyValidationPluginReport, PolicyViolatingResource, PolicyViolation

from constructs_ml.checks import PLUGIN
from constructs_ml.checks.violation import Severity
from constructs_ml.validation.acknowledged import PlainStates
from constructs_ml.validation.origin import traced_in
from constructs_ml.validation.templates import templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_ml.checks.rule import Explained
    from constructs_ml.checks.violation import Violation
    from constructs_ml.validation.origin import Origin, Traced
    from constructs_ml.validation.templates import Template


class TemplateChecks:
    """A plugin that finds violations in templates. Subclasses implement aws-cdk-lib's interface of plugins."""

    _name: ClassVar[str]
    _mark: ClassVar[str]
    """What a template must have in it to be looked at."""

    def _rules(self) -> Sequence[Explained]:
        """Its rules."""
        raise NotImplementedError

    def _check(self, template: Template) -> Iterable[Violation]:
        """What is wrong with a template."""
        raise NotImplementedError

    def _metadata(self, violation: Violation) -> dict[str, str]:  # noqa: ARG002 - for subclasses
        """What the report says of a violation besides."""
        return {}

    @property
    @jsii.member(jsii_name="name")
    def name(self) -> str:
        """What the report calls the checks, and what the ids of acknowledgements start with."""
        return self._name

    @property
    @jsii.member(jsii_name="version")
    def version(self) -> str:
        """The version of the library."""
        from importlib.metadata import version

        return version(PLUGIN)

    @property
    @jsii.member(jsii_name="ruleIds")
    def rule_ids(self) -> list[str]:
        """The ids of all rules."""
        return [rule.id for rule in self._rules()]

    @jsii.member(jsii_name="validate")
    def validate(self, context: Any) -> PolicyValidationPluginReport:  # noqa: ANN401 - jsii's IPolicyValidationContext
        """Checks the templates; called by aws-cdk-lib."""
        found = [
            (template, violation)
            for template in templates(context.template_paths, self._mark)
            for violation in self._check(template)
        ]
        traced = traced_in(context.app_construct) if found else []
        plain = PlainStates(context.app_construct)
        return PolicyValidationPluginReport(
            success=all(violation.severity is not Severity.ERROR for _, violation in found),
            violations=[self._reported(template, violation, traced, plain) for template, violation in found],
            plugin_version=self.version,
        )

    def _reported(
        self, template: Template, violation: Violation, traced: Sequence[Traced], plain: PlainStates
    ) -> PolicyViolation:
        origin = _origin(template, violation, traced)
        rule = f"{self._name}::{violation.rule}"
        path = origin.path if origin else plain.acknowledging(rule, violation, template)
        line = origin.line if origin else ""
        # For `constructs-ml check`, which reads the report of a synthesis.
        told = {"template": Path(template.path).name, "machine": violation.machine, "message": violation.message}
        where: dict[str, Any] = {"construct_path": path} if path else {"resource_logical_id": violation.machine}
        return PolicyViolation(
            rule_name=violation.rule,
            description=f"{violation.message} ({line})" if line else violation.message,
            severity=violation.severity.value if violation.severity else Severity.ERROR.value,
            rule_metadata={**told, **self._metadata(violation), **({"line": line} if line else {})},
            violating_resources=[
                PolicyViolatingResource(locations=_locations(violation), template_path=template.path, **where)
            ],
        )


def _origin(template: Template, violation: Violation, traced: Sequence[Traced]) -> Origin | None:
    for workflow in traced:
        if workflow.is_in(template.path, violation.machine):
            return workflow.origin_of(violation.state)
    return None


def _locations(violation: Violation) -> Sequence[str]:
    resource, dot, property_path = violation.member.partition(".")
    if dot and not violation.state and resource == violation.machine:
        return [f"Properties.{property_path}"]
    return [f"{violation.state}/{violation.member}".strip("/") or "Definition"]
