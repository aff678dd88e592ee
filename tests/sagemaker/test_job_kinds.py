"""What each kind of job is called, against the API's model and what AWS documents."""

from __future__ import annotations

import pytest

from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.model import input_shape, output_shape

# Kind: ARN, EventBridge rule, detail-type, log group.
DOCUMENTED = {
    JobKind.PROCESSING: (
        "processing-job",
        "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
        "SageMaker Processing Job State Change",
        "/aws/sagemaker/ProcessingJobs",
    ),
    JobKind.TRAINING: (
        "training-job",
        "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
        "SageMaker Training Job State Change",
        "/aws/sagemaker/TrainingJobs",
    ),
    JobKind.TRANSFORM: (
        "transform-job",
        "StepFunctionsGetEventsForSageMakerTransformJobsRule",
        "SageMaker Transform Job State Change",
        "/aws/sagemaker/TransformJobs",
    ),
    JobKind.TUNING: (
        "hyper-parameter-tuning-job",
        "StepFunctionsGetEventsForSageMakerTuningJobsRule",
        "SageMaker HyperParameter Tuning Job State Change",
        "/aws/sagemaker/TrainingJobs",
    ),
    JobKind.LABELING: (
        "labeling-job",
        "StepFunctionsGetEventsForSageMaker*",
        "SageMaker Ground Truth Labeling Job State Change",
        "/aws/sagemaker/LabelingJobs",
    ),
}


@pytest.mark.parametrize("kind", JobKind.ALL)
def test_names_outside_the_api_are_those_that_aws_documents(kind: JobKind) -> None:
    """ARNs, rules, events and logs each have a spelling of their own."""
    assert (kind.arn_type, kind.managed_rule, kind.event_type, kind.log_group) == DOCUMENTED[kind]


@pytest.mark.parametrize("kind", JobKind.ALL)
def test_members_are_those_of_the_api(kind: JobKind) -> None:
    """A job is created by its name, and described by name, ARN and status."""
    created, described = input_shape(kind.operation), output_shape(kind.describe_operation)

    assert kind.operation == f"Create{kind.value}Job"
    assert kind.describe_operation == f"Describe{kind.value}Job"
    assert kind.name_member in created.required
    assert {kind.name_member, kind.arn_member, kind.status_member} <= set(described.required)
    assert list(output_shape(kind.operation).members) == [kind.arn_member]
    assert kind.name_length == created.members[kind.name_member].max


def test_step_functions_writes_operations_in_camel_case() -> None:
    """And acts on a job in three ways when it waits for it."""
    assert JobKind.TUNING.integration == "createHyperParameterTuningJob"
    assert JobKind.TUNING.job_actions == (
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:DescribeHyperParameterTuningJob",
        "sagemaker:StopHyperParameterTuningJob",
    )


def test_only_processing_jobs_have_their_network_checked() -> None:
    """As the guide has it of CreateProcessingJob alone."""
    assert [kind for kind in JobKind.ALL if kind.checks_network] == [JobKind.PROCESSING]
