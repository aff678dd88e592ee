"""A plugin of aws-cdk-lib's ``Validations`` that checks all state machines of an app's templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

import jsii
from aws_cdk import IPolicyValidationPlugin, Stage, Validations

from constructs_ml.checks import PLUGIN
from constructs_ml.jobs.defaults import reference
from constructs_ml.validation.base import TemplateChecks
from constructs_ml.validation.origin import trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from constructs_ml.checks.rule import Rule
    from constructs_ml.checks.violation import Violation
    from constructs_ml.validation.origin import Traced
    from constructs_ml.validation.templates import Template


@jsii.implements(IPolicyValidationPlugin)
class WorkflowChecks(TemplateChecks):
    """Checks every state machine of an app when it is synthesized: definitions, data flow, requests, permissions.

    An app that has a :class:`~constructs_ml.Workflow` has them already. An app of plain state machines asks for them::

        from aws_cdk import App

        app = App()
        ml.WorkflowChecks.of(app)

    What they find fails the synthesis, warnings apart, and names the rule; docs/checks.md explains each. What is meant so
    is acknowledged on the state, the stack or the app, with a reason::

        Validations.of(train).acknowledge(
            Acknowledgment(id="constructs-ml::CML307", reason="runs once, when the stack is deployed")
        )

    A state of a plain state machine is known by its name: it counts there if no other state of its stack has it.
    """

    _name = PLUGIN
    _mark = "AWS::StepFunctions::StateMachine"
    _by_app: ClassVar[dict[str, WorkflowChecks]] = {}

    def __init__(self) -> None:
        self._app = ""

    @classmethod
    def of(cls, scope: Construct) -> WorkflowChecks:
        """The checks of the app that a construct is part of; they are added if it has none yet.

        Args:
            scope: The app, or anything in it. Outside of an app nothing is checked: aws-cdk-lib has no validation there.
        """
        app = scope.node.root
        ref = reference(app)
        found = cls._by_app.get(ref)
        if found is None:
            found = cls._by_app[ref] = cls()
            found._app = ref
            if Stage.is_stage(app):
                Validations.of(app).add_plugins(cast("Any", found))
        return found

    def trace(self, workflow: Traced) -> None:
        """Lets violations of a workflow name its states' constructs, and the lines that they were written in."""
        trace(self._app, workflow)

    # The rules are imported when an app is synthesized: most of an import would be theirs.

    def _rules(self) -> Sequence[Rule]:
        from constructs_ml.checks.rule import all_rules

        return all_rules()

    def _check(self, template: Template) -> Sequence[Violation]:
        from constructs_ml.checks.checking import check_template

        return check_template(template.body, written=template.written)
