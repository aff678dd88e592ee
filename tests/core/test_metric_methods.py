"""States of SageMaker's have no metrics of their own: an error says why, and what to use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.core.native_task import WithoutMetrics

if TYPE_CHECKING:
    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
DATA = ml.S3Data.from_uri("s3://bucket/data/")
PACKAGE = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/a/1"
METRICS = sorted(name for name in dir(sfn.TaskStateBase) if name.startswith("metric"))


def processing(stack: Stack) -> Any:
    return ml.ProcessingJob(stack, "Prepare", image=IMAGE)


def refused(state: Any, metric: str = "metric_failed") -> str:
    with pytest.raises(ml.InvalidPropsError) as error:
        getattr(state, metric)()
    assert "jsii" not in str(error.value).lower()
    return str(error.value)


def test_there_are_as_many_as_aws_cdk_lib_has() -> None:
    assert sorted(name for name in vars(WithoutMetrics) if name.startswith("metric")) == METRICS


@pytest.mark.parametrize("metric", METRICS)
def test_each_says_what_to_use(stack: Stack, metric: str) -> None:
    text = refused(processing(stack), metric)
    assert text.startswith(f"Census/Prepare: {metric} is not there: ")
    for part in ("new at every attempt", "ml.JobStateChangeRule(", "workflow.metric_failed()"):
        assert part in text


def test_a_dashboard_searches_for_the_start_of_the_name(stack: Stack) -> None:
    job = processing(stack)
    words = job.job_name_prefix.replace("-", " ").strip()
    search = (
        f"""SEARCH('{{"/aws/sagemaker/ProcessingJobs",Host}} MetricName="CPUUtilization" {words}', 'Average', 300)"""
    )
    assert search in refused(job)


def test_arguments_do_not_matter(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match="metric is not there"):
        processing(stack).metric("Failed", statistic="Sum")


@pytest.mark.parametrize(
    ("made", "namespace"),
    [
        (lambda stack: ml.TrainingJob(stack, "Job", image=IMAGE), "/aws/sagemaker/TrainingJobs"),
        (lambda stack: ml.TransformJob(stack, "Job", model="mine", data=DATA), "/aws/sagemaker/TransformJobs"),
        (
            lambda stack: ml.TrainingJob(stack, "Job", image=IMAGE, job_name=ml.execution_input("name")),
            "<words of the job's name>",
        ),
        (lambda stack: ml.ModelMonitorJob(stack, "Job", dataset=DATA), "/aws/sagemaker/ProcessingJobs"),
    ],
)
def test_the_namespace_of_each_kind(stack: Stack, made: Any, namespace: str) -> None:
    assert namespace in refused(made(stack))


@pytest.mark.parametrize(
    "made",
    [
        lambda stack: ml.CreateModel(stack, "State", image=IMAGE),
        lambda stack: ml.CreateEndpoint(stack, "State", endpoint_config="config"),
        lambda stack: ml.DeployEndpoint(stack, "State", endpoint_config="config"),
        lambda stack: ml.UpdateModelApproval(stack, "State", package=PACKAGE),
    ],
)
def test_other_calls_name_the_state_machine(stack: Stack, made: Any) -> None:
    text = refused(made(stack))
    assert text == (
        "Census/State: metric_failed is not there: calls of SageMaker publish no metrics; "
        "for executions those of the state machine, such as workflow.metric_failed()"
    )
