"""A plugin of aws-cdk-lib's ``Validations`` that checks all state machines of an app's templates."""

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
    """Checks every state machine of an app when it is synthesized: definitions, data flow, requests, permissions.

    An app that has a :class:`~constructs_ml.Workflow` has them already. An app of plain state machines asks for them::

        from aws_cdk import App

        app = App()
        ml.checks.WorkflowChecks.of(app)

    What they find fails the synthesis, warnings apart, and names the rule; docs/checks.md explains each. What is meant so
    is acknowledged on the state, the stack or the app, with a reason::

        ml.acknowledge(train, "CML307", "runs once, when the stack is deployed")

    A state of a plain state machine is known by its name: it counts there if no other state of its stack has it.
    """

    _name = PLUGIN
    _marks = ("AWS::StepFunctions::StateMachine", "AWS::Events::Rule")

    # The rules are imported when an app is synthesized: most of an import would be theirs.

    def _rules(self) -> Sequence[RuleInfo]:
        from constructs_ml.lint.registry import all_rules

        return all_rules()

    def _check(self, template: Template) -> Sequence[Violation]:
        from constructs_ml.lint.checking import check_template

        return check_template(template.body, written=template.written)


@plugin
class SageMakerSecurityChecks(TemplateChecks):
    """Checks SageMaker workflows for security when an app is synthesized: what cdk-nag cannot see inside definitions.

    It looks at the requests of states (keys, networks, images), and at what is around them in the template: state
    machines, logs, rules, buckets, roles. It is opt-in, and stands beside cdk-nag's packs::

        ml.checks.SageMakerSecurityChecks.of(app)

    What it finds fails the synthesis, warnings apart. Each rule cites the controls of NIST 800-53 and of AWS that it
    serves; docs/security.md lists them, and says which of them a plain workflow passes. What is meant so is acknowledged
    on the state, the stack or the app, with a reason::

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
