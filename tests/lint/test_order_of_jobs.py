"""Jobs that read what another job of the execution writes: in which order, beside each other, waited for or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.lint import Severity, check_definition, check_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from constructs_ml.lint import Violation

IMAGE = ml.ContainerImage.sklearn("1.2-1")


def write(stack: Stack, **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, "Write", image=IMAGE, outputs=["train"], **props)


def read(stack: Stack, job: ml.ProcessingJob) -> ml.TrainingJob:
    return ml.TrainingJob(stack, "Read", image=IMAGE, channels={"train": job.output("train")})


def in_a_row(stack: Stack) -> Any:
    job = write(stack)
    return job.next(read(stack, job))


def in_the_wrong_order(stack: Stack) -> Any:
    job = write(stack)
    return read(stack, job).next(job)


def beside(stack: Stack) -> Any:
    job = write(stack)
    return sfn.Parallel(stack, "Both").branch(job).branch(read(stack, job))


def in_another_branch(stack: Stack) -> Any:
    job = write(stack)
    other = read(stack, job)
    enough = sfn.Choice(stack, "Enough?").when(sfn.Condition.is_present("$.a"), job).otherwise(other)
    return sfn.Pass(stack, "Start").next(enough)


def not_waited_for(stack: Stack) -> Any:
    job = write(stack, wait_for_completion=False)
    return job.next(read(stack, job))


def waited_for_by_time(stack: Stack) -> Any:
    job = write(stack, wait_for_completion=False)
    waits = sfn.Wait(stack, "Wait", time=sfn.WaitTime.seconds_path("$.seconds"))
    return job.next(waits).next(read(stack, job))


def into_a_parallel(stack: Stack) -> Any:
    job = write(stack)
    return job.next(sfn.Parallel(stack, "Both").branch(read(stack, job)).branch(sfn.Pass(stack, "Pass")))


def out_of_a_parallel(stack: Stack) -> Any:
    job = write(stack)
    both = sfn.Parallel(stack, "Both", result_path="$.both").branch(job).branch(sfn.Pass(stack, "Pass"))
    return both.next(read(stack, job))


def of_an_iteration(stack: Stack) -> Any:
    each = ml.Map(stack, "Each", items_path="$.items")
    job = ml.ProcessingJob(each, "Write", image=IMAGE, outputs=["train"])
    return each.item_processor(job.next(ml.TrainingJob(each, "Read", image=IMAGE, channels={"a": job.output("train")})))


def found(stack: Stack, synth: Callable[..., Any], make: Callable[[Stack], Any], language: Any) -> list[Violation]:
    ml.acknowledge(stack, "CML117", "looked for below")
    ml.Workflow(stack, "Workflow", definition=make(stack), query_language=language)
    return [item for item in check_template(synth(stack)) if item.rule == "CML117"]


@pytest.mark.parametrize(
    ("make", "language"),
    [
        (in_the_wrong_order, None),
        (in_the_wrong_order, sfn.QueryLanguage.JSONATA),
        (beside, None),
        (beside, sfn.QueryLanguage.JSONATA),
        (in_another_branch, None),
    ],
)
def test_what_is_read_before_it_is_written(stack: Stack, synth: Callable[..., Any], make: Any, language: Any) -> None:
    """It is not there in any execution."""
    (one,) = found(stack, synth, make, language)

    assert (one.state, one.severity) == ("Read", Severity.ERROR)
    assert "which Write writes, but Write does not run before it; add a path from Write to it" in one.message


def test_what_is_read_while_it_is_written(stack: Stack, synth: Callable[..., Any]) -> None:
    """It may be there in part."""
    (one,) = found(stack, synth, not_waited_for, None)

    assert (one.state, one.severity) == ("Read", Severity.WARNING)
    assert "nothing waits for Write to end" in one.message


@pytest.mark.parametrize("make", [in_a_row, waited_for_by_time, into_a_parallel, out_of_a_parallel, of_an_iteration])
def test_what_is_written_before(stack: Stack, synth: Callable[..., Any], make: Any) -> None:
    """Silence."""
    assert found(stack, synth, make, None) == []


def test_places_that_are_not_the_executions() -> None:
    """Another execution may have written them."""
    request = {"ProcessingInputs": [{"S3Input": {"S3Uri": "s3://churn/train/"}}]}
    output = {"ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": "s3://churn/train/"}}]}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync"}
    states = {
        "Read": {**task, "Parameters": request, "Next": "Write"},
        "Write": {**task, "Parameters": output, "End": True},
    }

    assert [item for item in check_definition({"StartAt": "Read", "States": states}) if item.rule == "CML117"] == []


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ({"Type": "Pass"}, True),
        ({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}, False),
        ({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:copyObject"}, False),
        ({"Type": "Pass", "Next": "Raed"}, False),
    ],
)
def test_a_task_before_may_have_written_it_too(first: dict[str, Any], told: bool) -> None:
    """What it does there is known by nobody; and where a state leads nowhere, that is said first."""
    place = {"S3Uri.$": "States.Format('s3://churn/{}/', $$.Execution.Name)"}
    request = {"ProcessingInputs": [{"S3Input": place}]}
    output = {"ProcessingOutputConfig": {"Outputs": [{"S3Output": place}]}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync"}
    states = {
        "First": {"Next": "Read", **first},
        "Read": {**task, "Parameters": request, "Next": "Write"},
        "Write": {**task, "Parameters": output, "End": True},
    }
    found = [item for item in check_definition({"StartAt": "First", "States": states}) if item.rule == "CML117"]

    assert [item.state for item in found] == (["Read"] if told else [])
