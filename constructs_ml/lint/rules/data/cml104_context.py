"""CML104."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Root
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import why_never
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.shape import Object
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Read

_ELSEWHERE = {
    "Map": "only the states in a Map have an item",
    "Task": "only a Task with .waitForTaskToken or .sync has a token",
}


@rule(
    "CML104",
    title="A path into the context object leads to a member that exists there",
    reason="A path that leads to nothing ends the execution with States.Runtime, or with States.QueryEvaluationError "
    "in JSONata. Only a Map's ItemSelector and the states in it have an item; only a task that waits has a token. "
    'Source: "Accessing execution data from the Context object".',
    bad={
        "StartAt": "Name",
        "States": {"Name": {"Type": "Pass", "Parameters": {"run.$": "$$.Execution.Nmae"}, "End": True}},
    },
    good={
        "StartAt": "Name",
        "States": {"Name": {"Type": "Pass", "Parameters": {"run.$": "$$.Execution.Name"}, "End": True}},
    },
)
def context(machine: Machine) -> Iterator[Violation]:
    """Paths into the context object that lead to nothing."""
    seen: set[tuple[object, str]] = set()
    for read in flow_of(machine).reads:
        wrong = read.root is Root.CONTEXT and read.found.outcome is Outcome.NEVER
        if wrong and (read.state, read.text) not in seen:
            seen.add((read.state, read.text))
            yield _violation(read)


def _violation(read: Read) -> Violation:
    if read.found.at == 0 and read.steps[0] in _ELSEWHERE:
        problem = f"is {read.text}, but {_ELSEWHERE[str(read.steps[0])]}"
        return Violation(read.state.name, read.member, problem)
    reason, fix = why_never(read)
    # AWS adds members to the context object from time to time.
    known = bool(fix) or not isinstance(read.found.around, Object)
    severity = None if known else Severity.WARNING
    return Violation(read.state.name, read.member, f"is {read.text}, but {reason}", fix, severity)
