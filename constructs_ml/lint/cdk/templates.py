"""The templates of an assembly, including those of nested stacks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.suppressions import acknowledged_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from constructs import IConstruct

    from constructs_ml.errors import Violation


@dataclass(frozen=True, slots=True)
class Template:
    """A template.

    Attributes:
        path: Its file.
        body: Its content, including definitions that it keeps in files of their own.
        written: The size of the file in bytes.
    """

    path: str
    body: Mapping[str, Any]
    written: int


def templates(paths: Iterable[str], marks: Iterable[str]) -> Iterator[Template]:
    """Read templates and those of their nested stacks, which aws-cdk-lib does not pass to plugins.

    Args:
        paths: Their files.
        marks: Strings; a template that contains none of them is skipped.
    """
    # Rules are imported at synthesis: they would take most of the package's import time.
    from constructs_ml.cfn.assemblies import nested_in
    from constructs_ml.cfn.template import with_definitions
    from constructs_ml.documents.files import read_text
    from constructs_ml.documents.json_text import parse_json

    given = [Path(path) for path in paths]
    nested = {file for path in given for file in nested_in(path)}
    for path in [*given, *sorted(nested - set(given))]:
        text = read_text(path)
        if any(mark in text for mark in marks):
            yield Template(str(path), with_definitions(parse_json(text), path), len(text.encode()))


# The states of plain state machines that acknowledge a rule.
#
# aws-cdk-lib looks for an acknowledgement along the path of the construct that a violation names. A plain state machine does not
# reveal its states, so that a violation names the machine; one that is acknowledged on a state names the state.


@dataclass
class PlainStates:
    """The states of an app. The construct tree is not searched until a state has a violation.

    Attributes:
        app: The app.
    """

    app: IConstruct

    def acknowledging(self, rule: str, violation: Violation, template: Template) -> str:
        """Return the path of the violation's state if it acknowledges the rule; empty if it does not.

        A state is found by its name, which must be unique in the stack and its definitions.

        Args:
            rule: The rule's id, with the plugin's name.
            violation: The violation.
            template: The template that contains it.
        """
        return self._acknowledging(rule, violation.state, template) or self._acknowledging(
            rule, violation.cause, template
        )

    def _acknowledging(self, rule: str, state: str, template: Template) -> str:
        # One state of this library can become several in the definition: "Deploy: look" belongs to Deploy.
        names = (state, state.partition(": ")[0]) if state else ()
        named = next((self._states[name] for name in names if name in self._states), ())
        own = [state for state in named if Stack.of(state).template_file == Path(template.path).name]
        if len(own) != 1 or rule not in acknowledged_on(own[0]) or _machines_with(state, template) != 1:
            return ""
        return own[0].node.path

    @cached_property
    def _states(self) -> dict[str, list[sfn.State]]:
        """All states, by their names in definitions."""
        found: dict[str, list[sfn.State]] = defaultdict(list)
        for construct in self.app.node.find_all():
            if isinstance(construct, sfn.State):
                found[construct.state_id].append(construct)
        return dict(found)


def _machines_with(state: str, template: Template) -> int:
    """Return the number of state machines in a template that have a state of this name."""
    from constructs_ml.cfn.template import machines_of

    return sum(any(each.name == state for each in machine.states) for machine in machines_of(template.body))
