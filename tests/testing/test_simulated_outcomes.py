"""What each outcome does to a job that is waited for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from simulated_machines import call, catcher, given, machine, processing, retrier

from constructs_ml.errors import SimulationError
from constructs_ml.testing import (
    Outcome,
    aborts,
    capacity,
    fails,
    internal_error,
    quota_exceeded,
    raises,
    refused,
    returns,
    simulate,
    stopped,
    throttled,
    times_out,
)

EXECUTION = "arn:aws:sagemaker:us-east-1:111122223333:pipeline/p/execution/x"
JOB = machine(Job=processing(TimeoutSeconds=3600))


def test_without_a_script_a_job_completes() -> None:
    """The state gives what DescribeProcessingJob answers: the request's members, an ARN, times and the status."""
    execution = simulate(JOB)
    (request,) = execution.requests("Job")
    name = request["ProcessingJobName"]
    moment = 1767225600000  # the beginning of 2026
    assert (execution.status, execution.path, execution.attempts("Job")) == ("SUCCEEDED", ("Job",), 1)
    assert execution.output == {
        **request,
        "ProcessingJobArn": f"arn:aws:sagemaker:us-east-1:111122223333:processing-job/{name}",
        "ProcessingJobStatus": "Completed",
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
        **dict.fromkeys(("CreationTime", "LastModifiedTime", "ProcessingStartTime", "ProcessingEndTime"), moment),
    }


@pytest.mark.parametrize(
    ("outcome", "error", "cause"),
    [
        (throttled(), "SageMaker.AmazonSageMakerException", "Error Code: ThrottlingException"),
        (quota_exceeded(), "SageMaker.ResourceLimitExceededException", "service limit"),
        (refused("AccessDeniedException"), "SageMaker.AmazonSageMakerException", "Error Code: AccessDeniedException"),
        (refused("ValidationException", "bad name"), "SageMaker.AmazonSageMakerException", "bad name"),
        (refused("ResourceInUse"), "SageMaker.ResourceInUseException", "Error Code: ResourceInUse"),
        (raises("My.Error", "because"), "My.Error", "because"),
        (times_out(), "States.Timeout", ""),
    ],
)
def test_a_call_fails_with_the_error_of_its_integration(outcome: Outcome, error: str, cause: str) -> None:
    """The state fails with the name that Step Functions gives the error."""
    execution = simulate(JOB, {"Job": outcome})
    assert (execution.status, execution.error, execution.output) == ("FAILED", error, None)
    assert execution.cause is not None
    assert cause in execution.cause
    assert bool(cause) is bool(execution.cause)


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        (capacity(), "Failed", "CapacityError: "),
        (internal_error(), "Failed", "InternalServerError: "),
        (fails("AlgorithmError: bad data"), "Failed", "AlgorithmError: bad data"),
        (stopped(), "Stopped", ""),
    ],
)
def test_a_job_that_does_not_complete_fails_the_task(outcome: Outcome, status: str, reason: str) -> None:
    """The cause is the job's description, as on AWS."""
    execution = simulate(JOB, {"Job": outcome})
    assert (execution.status, execution.error) == ("FAILED", "States.TaskFailed")
    description = json.loads(execution.cause or "")
    assert description["ProcessingJobStatus"] == status
    assert description.get("FailureReason", "").startswith(reason)
    assert description["ProcessingJobName"] == execution.requests("Job")[0]["ProcessingJobName"]


def test_an_execution_that_is_stopped_is_aborted() -> None:
    """Step Functions stops the job that was running."""
    execution = simulate(JOB, {"Job": aborts(after=60)})
    assert (execution.status, execution.error, execution.waited, execution.stopped) == ("ABORTED", None, 60, ("Job",))


def test_what_is_returned_replaces_members_of_the_description() -> None:
    """The others are as usual."""
    told = {"ExitMessage": "20 rows", "AppSpecification": {"ContainerArguments": ["--x"]}}
    output = simulate(JOB, {"Job": returns(told)}).output
    assert output["ExitMessage"] == "20 rows"
    assert output["AppSpecification"]["ContainerArguments"] == ["--x"]
    assert output["AppSpecification"]["ImageUri"]
    assert output["ProcessingJobStatus"] == "Completed"


def test_a_name_can_be_used_once() -> None:
    """A retry with a fixed name finds it in use, as on AWS."""
    job = processing(Retry=[retrier("States.TaskFailed", MaxAttempts=2)])
    job["Parameters"] |= {"ProcessingJobName": "fixed"}
    del job["Parameters"]["ProcessingJobName.$"]
    execution = simulate(machine(Job=job), {"Job": [capacity(1)]})
    assert execution.error == "SageMaker.ResourceInUseException"
    assert execution.attempts("Job") == 3


def test_a_wrong_request_is_refused() -> None:
    """It is checked against the API's model, as SageMaker checks it."""
    job = processing()
    job["Parameters"]["ProcessingJobName.$"] = "States.Format('{}_x', States.UUID())"
    execution = simulate(machine(Job=job))
    assert execution.error == "SageMaker.AmazonSageMakerException"
    assert "ProcessingJobName" in (execution.cause or "")
    assert "Error Code: ValidationException" in (execution.cause or "")


LOOP = machine(
    Create=call(
        "aws-sdk:sagemaker:createEndpoint",
        Parameters={"EndpointName": "churn", "EndpointConfigName": "new"},
        ResultPath=None,
    ),
    Wait={"Type": "Wait", "Seconds": 60},
    Look=call("aws-sdk:sagemaker:describeEndpoint", Parameters={"EndpointName": "churn"}),
    Ended={
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.EndpointStatus", "StringEquals": "Creating", "Next": "Wait"},
            {"Variable": "$.EndpointStatus", "StringEquals": "InService", "Next": "Done"},
        ],
        "Default": "Failed",
    },
    Done={"Type": "Succeed"},
    Failed={"Type": "Fail", "ErrorPath": "$.EndpointStatus", "CausePath": "$.FailureReason"},
)


def test_what_one_state_makes_another_describes() -> None:
    """A loop of one's own sees what was asked for, and how what was started ends."""
    execution = simulate(LOOP)
    assert execution.output["EndpointConfigName"] == "new"
    assert execution.output["EndpointArn"] == "arn:aws:sagemaker:us-east-1:111122223333:endpoint/churn"
    assert execution.attempts("Look") == 1
    slow = simulate(LOOP, {"Create": fails("no memory", after=150)})
    assert (slow.error, slow.cause, slow.attempts("Look"), slow.waited) == ("Failed", "no memory", 3, 180)


def test_a_description_can_be_scripted_look_by_look() -> None:
    """What a Describe call answers is what it is told to answer."""
    looks = [returns({"EndpointStatus": "Creating"}), returns({"EndpointStatus": "InService"})]
    execution = simulate(LOOP, {"Look": looks})
    assert execution.path == ("Create", "Wait", "Look", "Ended", "Wait", "Look", "Ended", "Done")
    assert simulate(LOOP, {"Look": fails("gone")}).cause == "gone"


def test_times_are_text_through_the_sdk() -> None:
    """The optimized integration gives epoch milliseconds, the SDK's gives text."""
    assert simulate(LOOP).output["CreationTime"] == "2026-01-01T00:01:00.000Z"


def test_errors_of_the_sdk_have_names_of_their_own() -> None:
    """What the optimized integration calls AmazonSageMakerException, the SDK calls SageMakerException."""
    assert simulate(LOOP, {"Create": throttled()}).error == "SageMaker.SageMakerException"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("createModel", {"ModelName": "m", "PrimaryContainer": {"ModelPackageName": "p"}}),
        ("deleteEndpoint", {"EndpointName": "e"}),
        ("stopTrainingJob", {"TrainingJobName": "t"}),
        ("listTrainingJobs", {}),
        ("describeMlflowTrackingServer", {"TrackingServerName": "t"}),
        ("describePipelineExecution", {"PipelineExecutionArn": EXECUTION}),
    ],
)
def test_every_call_of_sagemaker_has_a_usual_answer(operation: str, members: dict[str, Any]) -> None:
    """Whatever operation it is."""
    execution = simulate(machine(Call=call(f"aws-sdk:sagemaker:{operation}", Parameters=members)))
    assert execution.status == "SUCCEEDED", execution.cause
    assert all("Status" not in name or value != "Failed" for name, value in execution.output.items())


def test_outcomes_are_used_in_their_order() -> None:
    """Several attempts may end in one way; what follows the script goes well."""
    definition = machine(
        Job=processing(Retry=[retrier("States.ALL", MaxAttempts=9)], Catch=[catcher("Sorry", "States.ALL")], End=True),
        Sorry=given("sorry"),
    )
    outcomes = [throttled(2), capacity(1), fails("InternalServerError: x"), returns({"ExitMessage": "at last"})]
    execution = simulate(definition, {"Job": outcomes})
    assert execution.attempts("Job") == 5
    assert execution.output["ExitMessage"] == "at last"


def test_alone_an_outcome_is_that_of_every_attempt() -> None:
    """Unless it says how often."""
    definition = machine(Job=processing(Retry=[retrier("States.ALL", MaxAttempts=4)]))
    assert simulate(definition, {"Job": throttled()}).attempts("Job") == 5
    assert simulate(definition, {"Job": throttled(2)}).attempts("Job") == 3
    assert simulate(definition, {"Job": [throttled()]}).attempts("Job") == 2


def test_a_function_chooses_by_the_request_and_the_attempt() -> None:
    """It may leave an attempt to go well."""
    definition = machine(Job=processing(Retry=[retrier("States.ALL")]))
    seen: list[tuple[str, int]] = []

    def choose(request: dict[str, Any], attempt: int) -> Outcome | None:
        seen.append((request["ProcessingJobName"], attempt))
        return capacity() if attempt < 3 else None

    execution = simulate(definition, {"Job": choose})
    assert execution.status == "SUCCEEDED"
    assert [attempt for _, attempt in seen] == [1, 2, 3]
    assert [name for name, _ in seen] == [request["ProcessingJobName"] for request in execution.requests("Job")]


def test_none_leaves_an_optional_member_out() -> None:
    """SageMaker never answers null, neither in the response nor deep in it."""
    told = {"ExitMessage": None, "AppSpecification": {"ImageUri": "mine", "ContainerArguments": None}}
    output = simulate(JOB, {"Job": returns(told)}).output
    assert "ExitMessage" not in output
    assert output["AppSpecification"] == {"ImageUri": "mine"}
    told = {"ProcessingInputs": [{"InputName": "a", "S3Input": None}]}
    assert simulate(JOB, {"Job": returns(told)}).output["ProcessingInputs"] == [{"InputName": "a"}]


def test_none_cannot_leave_out_what_is_in_every_response() -> None:
    with pytest.raises(SimulationError, match="DescribeProcessingJob always has ProcessingJobArn, got None"):
        simulate(JOB, {"Job": returns({"ProcessingJobArn": None})})


@pytest.mark.parametrize("wrong", [lambda: throttled(0), lambda: returns(after=-1)])
def test_an_outcome_that_cannot_be_is_refused(wrong: Any) -> None:
    """It has to happen at least once, and not before."""
    with pytest.raises(ValueError, match="must be at least"):
        wrong()
