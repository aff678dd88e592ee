"""CML016."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine


def _template(text: str) -> dict[str, Any]:
    properties = {"RoleArn": "arn:aws:iam::111122223333:role/Workflow", "DefinitionString": text}
    return {"Resources": {"Workflow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}


@rule(
    "CML016",
    title="The definition can be parsed",
    reason="Step Functions refuses a definition that is not a JSON object, or is empty: the deployment fails.",
    bad=_template('{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"},}}'),
    good=_template('{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'),
)
def readable(machine: Machine) -> Iterator[Violation]:
    """Definitions that are not JSON, or empty."""
    if machine.unreadable:
        yield Violation("", "the definition", machine.unreadable)
    elif not machine.body:
        yield Violation("", "the definition", "is empty", "write StartAt and States")
