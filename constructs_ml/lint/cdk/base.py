"""The base of the plugins: reads templates, and reports violations by construct and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import aws_cdk
import jsii

from constructs_ml.core.app_context import app_context
from constructs_ml.core.suppressions import plugins_hold
from constructs_ml.errors import PLUGIN
from constructs_ml.lint.cdk.origin import Origin, traced_in
from constructs_ml.lint.cdk.reported import Reported
from constructs_ml.lint.cdk.templates import PlainStates, templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import PolicyValidationPluginReport
    from constructs import Construct, IConstruct
    from typing_extensions import Self

    from constructs_ml.errors import Violation
    from constructs_ml.lint.cdk.origin import Traced
    from constructs_ml.lint.cdk.templates import Template
    from constructs_ml.lint.rule import RuleInfo

_Class = TypeVar("_Class", bound=type)


def plugin(cls: _Class) -> _Class:
    """Declare that a class implements aws-cdk-lib's plugin interface, which versions up to 2.250 lack."""
    interface: Any = getattr(aws_cdk, "IPolicyValidationPlugin", None)
    return jsii.implements(interface)(cls) if interface else cls


class TemplateChecks:
    """A plugin that finds violations in templates. Subclasses are decorated with :func:`plugin`."""

    _name: ClassVar[str]
    _marks: ClassVar[tuple[str, ...]]
    """A template that contains none of these strings is skipped."""

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """Return the checks of the app that a construct belongs to, adding them if it has none yet.

        With aws-cdk-lib 2.271 and newer they are a plugin of its ``Validations``. With older versions, their findings
        are errors of the app's ``node.add_validation`` and warnings of ``Annotations``.

        Args:
            scope: The app, or anything in it. Outside of an app nothing is checked: aws-cdk-lib has no validation there.
        """
        app = scope.node.root
        checks = app_context([app]).checks
        found: Self | None = checks.get(cls)
        if found is None:
            found = checks[cls] = cls()
            if aws_cdk.Stage.is_stage(app):
                found._add_to(app)
        return found

    def _add_to(self, app: IConstruct) -> None:
        if plugins_hold():
            aws_cdk.Validations.of(app).add_plugins(cast("Any", self))
            return
        from constructs_ml.lint.cdk.tree import TreeChecks

        TreeChecks.of(cast("Any", app)).add(self)

    def _rules(self) -> Sequence[RuleInfo]:
        """Return the plugin's rules."""
        raise NotImplementedError

    def _check(self, template: Template) -> Iterable[Violation]:
        """Return the violations in a template."""
        raise NotImplementedError

    def _metadata(self, violation: Violation) -> Mapping[str, str]:  # noqa: ARG002 - for subclasses
        """Return further members for the report of a violation."""
        return {}

    @property
    @jsii.member(jsii_name="name")
    def name(self) -> str:
        """The name of the checks in the report, which is also the prefix of acknowledged ids."""
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
        """Check the templates; called by aws-cdk-lib."""
        found = self.findings(context.template_paths, context.app_construct)
        return aws_cdk.PolicyValidationPluginReport(
            success=not any(item.fails for item in found),
            violations=[item.to_cdk() for item in found],
            plugin_version=self.version,
        )

    def findings(self, paths: Iterable[str], app: IConstruct) -> Sequence[Reported]:
        """Check templates.

        Args:
            paths: Their files; their nested stacks are read too.
            app: The app that made them.
        """
        found = [
            (template, violation) for template in templates(paths, self._marks) for violation in self._check(template)
        ]
        traced = traced_in(app) if found else ()
        plain = PlainStates(app)
        return [
            Reported(violation, template, self._origin(template, violation, traced, plain), self._metadata(violation))
            for template, violation in found
        ]

    def _origin(self, template: Template, violation: Violation, traced: Sequence[Traced], plain: PlainStates) -> Origin:
        rule = f"{self._name}::{violation.rule}"
        for workflow in traced:
            if workflow.is_in(template.path, violation.machine):
                # If the state at fault acknowledges it, name that state: aws-cdk-lib looks for
                # acknowledgements along the path of the construct that is named.
                at_fault = violation.cause and workflow.acknowledges(violation.cause, rule)
                return workflow.origin_of(violation.cause if at_fault else violation.state)
        return Origin(plain.acknowledging(rule, violation, template), "")
