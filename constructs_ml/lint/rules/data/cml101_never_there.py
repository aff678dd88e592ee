"""CML101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Root
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import catch_fix, why_never
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.shape import Object
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Read

_COUNT = "arn:aws:states:::lambda:invoke"


@rule(
    "CML101",
    title="A path leads to a value that an earlier state outputs",
    reason="A JSONPath that leads to nothing ends the execution with States.Runtime, which no Catch catches; in "
    "JSONata it yields nothing, and comparing it is false. Usually a member is misspelt, a ResultSelector has dropped "
    'it, or a Catch without ResultPath has replaced the input. Source: "Handling errors in Step Functions workflows".',
    bad={
        "StartAt": "Count",
        "States": {
            "Count": {
                "Type": "Task",
                "Resource": _COUNT,
                "Parameters": {"FunctionName": "count"},
                "ResultSelector": {"rows.$": "$.Payload.rows"},
                "ResultPath": "$.Count",
                "Next": "Keep",
            },
            "Keep": {"Type": "Pass", "Parameters": {"rows.$": "$.Count.Payload.rows"}, "End": True},
        },
    },
    good={
        "StartAt": "Count",
        "States": {
            "Count": {
                "Type": "Task",
                "Resource": _COUNT,
                "Parameters": {"FunctionName": "count"},
                "ResultSelector": {"rows.$": "$.Payload.rows"},
                "ResultPath": "$.Count",
                "Next": "Keep",
            },
            "Keep": {"Type": "Pass", "Parameters": {"rows.$": "$.Count.rows"}, "End": True},
        },
    },
)
def never_there(machine: Machine) -> Iterator[Violation]:
    """Paths into the outputs of earlier states that never lead to a value; one violation for each cause."""
    seen: set[tuple[object, ...]] = set()
    for read in flow_of(machine).reads:
        if _is_never_there(read):
            source = read.found.around.source if isinstance(read.found.around, Object) else ""
            lost = catch_fix(source, machine.definition)
            cause = (source,) if lost else (read.state, read.text)
            if cause not in seen:
                seen.add(cause)
                reason, fix = why_never(read)
                yield Violation(read.state.name, read.member, f"is {read.text}, but {reason}", lost or fix)


def _is_never_there(read: Read) -> bool:
    of_variable = read.root is Root.VARIABLE and read.found.at == 0
    elsewhere = read.root in {Root.CONTEXT, Root.STATES} or of_variable
    return read.found.outcome is Outcome.NEVER and not elsewhere
