"""CML014."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Violation
from constructs_ml.lint.examples import TRANSFORM, definition
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.structure.resources import fault_of, storage_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_SCORE = {"Type": "Task", "Parameters": dict(TRANSFORM), "End": True}


@rule(
    "CML014",
    title="A Task calls an existing resource and waits for it in a supported way; so do a Map's reader and writer",
    reason="Step Functions refuses a resource that is not the ARN of an integration, a Lambda function or an "
    "activity, an action that the integration lacks, and .sync or .waitForTaskToken if the integration does not "
    'support it. An unknown name that resembles no known one is a warning, as it may be new. Source: "Integrating '
    "services with Step Functions\"; for services and actions of the SDK, botocore's models.",
    bad=definition(Score={**_SCORE, "Resource": "arn:aws:states:::sagemaker:createTransfromJob.sync"}),
    good=definition(Score={**_SCORE, "Resource": "arn:aws:states:::sagemaker:createTransformJob.sync"}),
)
def resource(machine: Machine) -> Iterator[Violation]:
    """Resources of Tasks and Maps that cannot be called, or not in that way."""
    for state in machine.states:
        fault = fault_of(state) if state.type == "Task" else None
        if fault:
            yield Violation(state.name, "Resource", *fault)
        for field, found in storage_faults(state) if state.type == "Map" else ():
            yield Violation(state.name, f"{field}.Resource", *found)
