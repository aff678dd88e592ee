"""Which construct a state was made by, and in which line of the user's code."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.app_context import app_context
from constructs_ml.core.rendering import all_states
from constructs_ml.core.suppressions import acknowledged_on
from constructs_ml.core.task import SageMakerTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a state comes from.

    Attributes:
        path: The path of its construct.
        line: The line that it was defined in: ``app.py:12``; empty if that is not known.
    """

    path: str
    line: str


@dataclass
class Traced:
    """A workflow whose states can be traced back. Nothing is asked of the construct tree before something is wrong.

    Attributes:
        workflow: The state machine.
        first: The first state of its definition.
        line: The line that it was defined in.
    """

    workflow: sfn.StateMachine
    first: sfn.State
    line: str
    _states: dict[str, Origin] | None = field(default=None, init=False)

    def is_in(self, template: str, logical_id: str) -> bool:
        """Whether it is the state machine of a template with this logical id."""
        return (Path(template).name, logical_id) == self._resource

    @cached_property
    def _resource(self) -> tuple[str, str]:
        """Its template's file and its logical id, which are asked for when the templates are written."""
        stack = Stack.of(self.workflow)
        resource = cast("sfn.CfnStateMachine", self.workflow.node.default_child)
        return stack.template_file, stack.resolve(resource.logical_id)

    def origin_of(self, state: str) -> Origin:
        """Where a state comes from; the workflow itself if the state is no construct of the user's."""
        if self._states is None:
            # aws-cdk-lib's own states do not know where they were made: then it is where the workflow was.
            self._states = {
                found.state_id: Origin(
                    found.node.path, found.made_at if isinstance(found, SageMakerTask) else self.line
                )
                for found in all_states(self.first)
            }
        # A state of this library may be several in the definition: "Deploy: look" is a part of Deploy.
        found = self._states.get(state) or self._states.get(state.partition(": ")[0])
        return found or Origin(self.workflow.node.path, self.line)

    def acknowledges(self, state: str, rule: str) -> bool:
        """Whether a state of the workflow acknowledges a rule."""
        return any(found.state_id == state and rule in acknowledged_on(found) for found in all_states(self.first))


def traced_in(app: IConstruct) -> Sequence[Traced]:
    """Return the workflows of an app that were noted."""
    traced: list[Traced] = app_context([app]).traced
    return traced
