"""Paths into a job's result are checked against the shape that the result has."""

from __future__ import annotations

import pytest

from constructs_ml.sagemaker.model import output_shape, shape
from constructs_ml.sagemaker.result import (
    SYNC_RESULT,
    UnknownMemberError,
    always_present_members,
    check_value,
    enum_of,
    find_member,
    result_shape,
)

PROCESSING = result_shape("createProcessingJob", sync=True)
TRAINING = result_shape("createTrainingJob", sync=True)


@pytest.mark.parametrize(("api", "describe"), SYNC_RESULT.items())
def test_a_job_that_is_waited_for_gives_its_description(api: str, describe: str) -> None:
    assert result_shape(api, sync=True) == output_shape(describe)
    assert result_shape(api[0].upper() + api[1:], sync=True) == output_shape(describe)


def test_a_job_that_is_not_waited_for_gives_its_arn() -> None:
    assert list(result_shape("createProcessingJob", sync=False).members) == ["ProcessingJobArn"]


def test_what_cannot_be_waited_for() -> None:
    with pytest.raises(UnknownMemberError) as caught:
        result_shape("CreateModel", sync=True)

    exists = (
        "createProcessingJob, createTrainingJob, createHyperParameterTuningJob, createTransformJob, createLabelingJob"
    )
    assert str(caught.value) == f"Step Functions cannot wait for createModel; .sync exists for {exists}"


def test_a_status() -> None:
    member = find_member(PROCESSING, "ProcessingJobStatus")

    assert member.path == ("ProcessingJobStatus",)
    assert member.type == "string"
    assert member.always_present
    assert "Completed" in member.enum


@pytest.mark.parametrize(
    ("path", "steps", "type_", "always"),
    [
        ("ProcessingOutputConfig.Outputs[0].S3Output.S3Uri", ("ProcessingOutputConfig", "Outputs", 0, "S3Output", "S3Uri"), "string", False),
        ("$.ProcessingOutputConfig.Outputs[*]", ("ProcessingOutputConfig", "Outputs", "*"), "structure", False),
        ("$['ProcessingJobName']", ("ProcessingJobName",), "string", True),
        ('$["ProcessingJobName"]', ("ProcessingJobName",), "string", True),
        ("ProcessingResources.ClusterConfig.VolumeSizeInGB", ("ProcessingResources", "ClusterConfig", "VolumeSizeInGB"), "integer", True),
        ("ProcessingResources.ClusterConfig.InstanceCount", ("ProcessingResources", "ClusterConfig", "InstanceCount"), "integer", False),
        ("Environment.STAGE", ("Environment", "STAGE"), "string", False),
        ("Environment['A B']", ("Environment", "A B"), "string", False),
        ("ExitMessage", ("ExitMessage",), "string", False),
        ("$", (), "structure", True),
    ],
)  # fmt: skip
def test_a_path(path: str, steps: tuple[str | int, ...], type_: str, *, always: bool) -> None:
    member = find_member(PROCESSING, path)

    assert (member.path, member.type, member.always_present) == (steps, type_, always)


def test_a_member_is_present_only_if_what_holds_it_is() -> None:
    assert find_member(TRAINING, "ModelArtifacts.S3ModelArtifacts").always_present
    # S3OutputPath is required, but a training job need not have an output configuration in its description.
    assert not find_member(TRAINING, "OutputDataConfig.S3OutputPath").always_present


def test_an_item_and_an_entry_are_never_sure_to_be_there() -> None:
    """Even of a list or a map that is."""
    configs = output_shape("DescribeOptimizationJob")
    tuned = shape("HyperParameterTrainingJobSummary")

    assert find_member(configs, "OptimizationConfigs").always_present
    assert not find_member(configs, "OptimizationConfigs[0]").always_present
    assert find_member(tuned, "TunedHyperParameters").always_present
    assert not find_member(tuned, "TunedHyperParameters.depth").always_present


def test_a_result_is_called_by_its_operation() -> None:
    """Whatever the model calls its shape."""
    with pytest.raises(
        UnknownMemberError, match=r"^DescribeModel\.PrimaryContainer has no Imag; did you mean Image\?$"
    ):
        find_member(output_shape("DescribeModel"), "PrimaryContainer.Imag")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("ProcessingJobStat", "DescribeProcessingJob has no ProcessingJobStat; did you mean ProcessingJobStatus?"),
        ("AppSpecification.Image", "DescribeProcessingJob.AppSpecification has no Image; did you mean ImageUri?"),
        ("ProcessingInputs.InputName", "DescribeProcessingJob.ProcessingInputs is a list: it has no InputName"),
        ("ProcessingInputs[0].Name2", "DescribeProcessingJob.ProcessingInputs[0] has no Name2"),
        ("RoleArn[0]", "DescribeProcessingJob.RoleArn is a string, not a list: it has no [0]"),
        ("RoleArn.Name", "DescribeProcessingJob.RoleArn is a string: it has no Name"),
        ("RoleArn[*]", "DescribeProcessingJob.RoleArn is a string: it has no *"),
        ("$..RoleArn", "DescribeProcessingJob: '$..RoleArn' is not a path; write it as Member.List[0].Member"),
        ("ProcessingInputs[0]InputName", ("DescribeProcessingJob: 'ProcessingInputs[0]InputName' is not a path; "
         "write it as Member.List[0].Member")),
    ],
)  # fmt: skip
def test_a_path_that_leads_to_nothing(path: str, message: str) -> None:
    with pytest.raises(UnknownMemberError) as caught:
        find_member(PROCESSING, path)

    assert str(caught.value) == message


def test_always_present_members() -> None:
    assert set(always_present_members(PROCESSING)) >= {"ProcessingJobName", "ProcessingJobArn", "ProcessingJobStatus"}
    assert "ExitMessage" not in always_present_members(PROCESSING)
    assert "FailureReason" not in always_present_members(TRAINING)


def test_a_value_that_a_status_never_has() -> None:
    assert enum_of(PROCESSING, "ProcessingJobName") == ()
    check_value(PROCESSING, "ProcessingJobStatus", "Completed")
    check_value(PROCESSING, "ProcessingJobName", "anything")
    with pytest.raises(ValueError, match="never") as caught:
        check_value(PROCESSING, "ProcessingJobStatus", "Complete")

    values = "Completed, Failed, InProgress, Stopped, Stopping"
    assert (
        str(caught.value) == f"ProcessingJobStatus is never 'Complete'; it is one of {values}; did you mean Completed?"
    )
