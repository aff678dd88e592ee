"""The origin of a state: its construct, and the line of the user's code."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.app_context import app_context
from constructs_ml.core.rendering import all_states
from constructs_ml.core.service_task import ServiceTask
from constructs_ml.core.suppressions import acknowledged_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct


@dataclass(frozen=True, slots=True)
class Origin:
    """The construct and the line that a state comes from.

    Attributes:
        path: The path of its construct.
        line: The line that defined it: ``app.py:12``; empty if it is not known.
    """

    path: str
    line: str


@dataclass
class Traced:
    """A workflow whose states can be traced back. The construct tree is not searched until there is a violation.

    Attributes:
        workflow: The state machine.
        first: The first state of its definition.
        line: The line that defined it.
    """

    workflow: sfn.StateMachine
    first: sfn.State
    line: str
    _states: dict[str, Origin] | None = field(default=None, init=False)

    def is_in(self, template: str, logical_id: str) -> bool:
        """Return whether it is the state machine of a template with this logical id."""
        return (Path(template).name, logical_id) == self._resource

    @cached_property
    def _resource(self) -> tuple[str, str]:
        """The file of its template and its logical id, both resolved when the templates are written."""
        stack = Stack.of(self.workflow)
        resource = cast("sfn.CfnStateMachine", self.workflow.node.default_child)
        return stack.template_file, stack.resolve(resource.logical_id)

    def origin_of(self, state: str) -> Origin:
        """Return the origin of a state; that of the workflow if the state is not a construct of the user's."""
        if self._states is None:
            # aws-cdk-lib's own states do not record where they were made; the line of the workflow stands in.
            self._states = {
                found.state_id: Origin(found.node.path, found.made_at if isinstance(found, ServiceTask) else self.line)
                for found in all_states(self.first)
            }
        # One state of this library can become several in the definition: "Deploy: look" belongs to Deploy.
        found = self._states.get(state) or self._states.get(state.partition(": ")[0])
        return found or Origin(self.workflow.node.path, self.line)

    def acknowledges(self, state: str, rule: str) -> bool:
        """Return whether a state of the workflow acknowledges a rule."""
        return any(found.state_id == state and rule in acknowledged_on(found) for found in all_states(self.first))


def traced_in(app: IConstruct) -> Sequence[Traced]:
    """Return the registered workflows of an app."""
    traced: list[Traced] = app_context([app]).traced
    return traced
