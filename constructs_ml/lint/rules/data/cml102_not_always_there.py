"""CML102."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.jsonpath import Root
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import catch_fix, shown
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.shape import Object, Presence
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Read

_DESCRIBE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:sagemaker:describeProcessingJob",
    "Parameters": {"ProcessingJobName.$": "$.job"},
    "ResultPath": "$.Prepare",
}
_TELL = {"Type": "Pass", "Parameters": {"message.$": "$.Prepare.ExitMessage"}, "End": True}


@rule(
    "CML102",
    title="A value that a state reads exists on every path to it, or is tested first",
    reason="A JSONPath that leads to nothing ends the execution with States.Runtime, which no Catch catches, and a "
    "JSONata field that yields nothing ends it with States.QueryEvaluationError, although the preceding job has "
    "completed: a service may omit optional members, and a value made on one path does not exist on the others. "
    'Source: botocore\'s model of SageMaker for the optional members; "Handling errors in Step Functions workflows".',
    bad={"StartAt": "Describe", "States": {"Describe": {**_DESCRIBE, "Next": "Tell"}, "Tell": _TELL}},
    good={
        "StartAt": "Describe",
        "States": {
            "Describe": {**_DESCRIBE, "Next": "Said?"},
            "Said?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.Prepare.ExitMessage", "IsPresent": True, "Next": "Tell"}],
                "Default": "Silent",
            },
            "Tell": _TELL,
            "Silent": {"Type": "Succeed"},
        },
    },
)
def not_always_there(machine: Machine) -> Iterator[Violation]:
    """Paths that lead to nothing on some branches, or if a service omits a member; one violation a branch."""
    seen: set[tuple[object, ...]] = set()
    for read in flow_of(machine).reads:
        if read.found.outcome is Outcome.MAYBE and read.needed:
            way = read.found.lack
            cause = (way,) if way else (read.state, read.text)
            if cause not in seen:
                seen.add(cause)
                yield _violation(read, machine)


def _violation(read: Read, machine: Machine) -> Violation:
    found = read.found
    what = shown(read, read.steps[: found.at + 1])
    inner = what != read.text
    if not found.lack:
        source = found.around.source if isinstance(found.around, Object) else ""
        subject = f"{what} is" if inner else "it is"
        problem = f"is {read.text}, which does not always exist: {subject} optional in {source or 'the response'}"
        severity = Severity.WARNING if found.presence is Presence.USUALLY else None
        return Violation(read.state.name, read.member, problem, _tested(read), severity)
    problem = f"is {read.text}, which does not exist{f': {what} is missing' if inner else ''} after {found.lack}"
    lost = catch_fix(found.lack, machine.definition) if found.at == 0 and read.root is Root.INPUT else ""
    return Violation(read.state.name, read.member, problem, lost or _tested(read))


def _tested(read: Read) -> str:
    if read.state.language is Language.JSONATA:
        return f"write $exists({read.text}) ? {read.text} : …"
    if read.root is Root.RESULT:
        return "remove it here, and test it with IsPresent in a Choice where it is needed"
    return "test it with IsPresent in a preceding Choice"
