"""Plugins of aws-cdk-lib's ``Validations`` that check the state machines and the security of an app's templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import PLUGIN, SECURITY_PLUGIN
from constructs_ml.lint.cdk.base import TemplateChecks, plugin
from constructs_ml.lint.security.control import cited
from constructs_ml.lint.security.pack import check_security, security_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_ml.errors import Violation
    from constructs_ml.lint.cdk.templates import Template
    from constructs_ml.lint.rule import RuleInfo
    from constructs_ml.lint.security.rule import SecurityRule


@plugin
class WorkflowChecks(TemplateChecks):
    """Checks every state machine of an app at synthesis: definition, data flow, requests and permissions.

    An app that has a :class:`~constructs_ml.Workflow` has them already. An app of plain state machines adds them::

        from aws_cdk import App

        app = App()
        ml.checks.WorkflowChecks.of(app)

    An error fails the synthesis and names its rule; a warning does not fail it. docs/checks.md explains each rule.
    Acknowledge an intended finding on the state, the stack or the app, with a reason::

        ml.acknowledge(train, "CML307", "runs once, when the stack is deployed")

    A state of a plain state machine is found by its name, which must be unique in its stack.
    """

    _name = PLUGIN
    _marks = ("AWS::StepFunctions::StateMachine", "AWS::Events::Rule")

    # Rules are imported at synthesis: they would take most of the package's import time.

    def _rules(self) -> Sequence[RuleInfo]:
        from constructs_ml.lint.registry import all_rules

        return all_rules()

    def _check(self, template: Template) -> Sequence[Violation]:
        from constructs_ml.lint.checking import check_template

        return check_template(template.body, written=template.written)


@plugin
class SageMakerSecurityChecks(TemplateChecks):
    """Checks SageMaker workflows for security at synthesis, including the definitions, which cdk-nag cannot read.

    It checks the requests of states (keys, networks, images), and the resources around them in the template: state
    machines, logs, rules, buckets, roles. It is opt-in, and complements cdk-nag's packs::

        ml.checks.SageMakerSecurityChecks.of(app)

    An error fails the synthesis; a warning does not. Each rule cites the controls of NIST 800-53 and of AWS that it
    serves; docs/security.md lists the rules, and says which of them a plain workflow passes. Acknowledge an intended
    finding on the state, the stack or the app, with a reason::

        ml.acknowledge(train, "CMS011", "downloads a public model")
    """

    _name = SECURITY_PLUGIN
    _marks = ("AWS::",)

    def _rules(self) -> Sequence[SecurityRule]:
        return security_rules()

    def _check(self, template: Template) -> Sequence[Violation]:
        return check_security(template.body)

    def _metadata(self, violation: Violation) -> dict[str, str]:
        (served,) = (rule.controls for rule in security_rules() if rule.id == violation.rule)
        return {"controls": cited(served)}
