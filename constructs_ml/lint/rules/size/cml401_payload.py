"""CML401."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.examples import TRAINING, definition
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.size.payload import LIMIT, handed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.rules.size.payload import Handed


def _training(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    request = {**TRAINING, "HyperParameters.$": "$$.Execution.Input.hyperparameters"}
    resource = "arn:aws:states:::sagemaker:createTrainingJob.sync"
    return definition(Train={"Type": "Task", "Resource": resource, "Parameters": request, **fields, "End": True})


@rule(
    "CML401",
    title="The results that states keep fit into a state's output",
    reason="A state whose output exceeds 262,144 bytes fails with States.DataLimitExceeded, which States.ALL does not "
    "catch, after the job has run. A job's whole description can exceed that: up to 1.3 times for processing, 13 "
    "times for training. Known parts of the request count as written, the rest counts with the API's maximum. Source: "
    "'Step Functions service quotas' of the Step Functions developer guide; botocore's model of the SageMaker API.",
    bad=_training(),
    good=_training(ResultSelector={"TrainingJobStatus.$": "$.TrainingJobStatus"}),
    severity=Severity.WARNING,
)
def too_much(machine: Machine) -> Iterator[Violation]:
    """States that keep too much of their own results, or too much together with those of preceding states."""
    for passed in handed(machine):
        jsonata = passed.state.language is Language.JSONATA
        if passed.of and passed.result > LIMIT:
            member = "Output" if jsonata else "ResultSelector"
            there = member in passed.state.body
            fix = "select the members that later states read" + ("" if there else f" in {_article(member)} {member}")
            yield Violation(passed.state.name, member if there else "", _whole(passed), fix)
        elif passed.after > LIMIT >= passed.before:
            member = next((name for name in ("Output", "ResultPath") if name in passed.state.body), "")
            problem = f"keeps up to {passed.after:,} bytes together with preceding states, more than {LIMIT:,}"
            yield Violation(passed.state.name, member, problem, "keep only the members that later states read")


def _article(member: str) -> str:
    return "an" if member == "Output" else "a"


def _whole(passed: Handed) -> str:
    times = passed.result / LIMIT
    return (
        f"keeps up to {passed.result:,} bytes of {passed.of}, {times:.1f} times the {LIMIT:,} that a state may output"
    )
