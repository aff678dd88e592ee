"""CML018."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import is_distributed, processor_config
from constructs_ml.asl.integration import integration_of
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine


def _template(kind: str) -> dict[str, Any]:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "clean"},
        "End": True,
    }
    properties = {
        "RoleArn": "arn:aws:iam::111122223333:role/Workflow",
        "StateMachineType": kind,
        "Definition": {"StartAt": "Clean", "States": {"Clean": start}},
    }
    return {"Resources": {"Workflow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}


@rule(
    "CML018",
    title="Express workflows have no .sync, no task tokens and no Distributed Map",
    reason="Express workflows, and the child workflows of a Distributed Map of ExecutionType EXPRESS, support no "
    ".sync, no .waitForTaskToken, no activities and no Distributed Map: Step Functions refuses them. Source: "
    '"Choosing workflow type in Step Functions".',
    bad=_template("EXPRESS"),
    good=_template("STANDARD"),
)
def express(machine: Machine) -> Iterator[Violation]:
    """States that an Express workflow cannot have."""
    for state in machine.states:
        why = _why_express(machine, state)
        if not why:
            continue
        call = integration_of(state)
        if call and call.pattern:
            yield Violation(state.name, "Resource", f"ends in {'.' + call.pattern!r}, but {why}", _STANDARD)
        elif state.type == "Task" and ":activity:" in str(state.body.get("Resource")):
            yield Violation(state.name, "Resource", f"is an activity, but {why}", _STANDARD)
        elif is_distributed(state):
            yield Violation(state.name, "ItemProcessor.ProcessorConfig.Mode", f"is DISTRIBUTED, but {why}", _STANDARD)


_STANDARD = "make it a Standard workflow"


def _why_express(machine: Machine, state: State) -> str:
    for outer in reversed(state.around):
        if is_distributed(outer):
            kind = processor_config(outer).get("ExecutionType")
            return f"{outer.name} runs Express workflows" if kind == "EXPRESS" else ""
    return "the workflow is Express" if machine.express else ""
