"""AutoML jobs, pipelines and labeling jobs: recorded, and over after a moment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import call, complete, events, open_machine, task, until

if TYPE_CHECKING:
    from local_bench import Bench

pytestmark = pytest.mark.local


def _polled(action: str, request: dict[str, Any], status: str, going: str) -> dict[str, dict[str, Any]]:
    waits = {"Variable": f"$.Asked.{status}", "StringEquals": going, "Next": "Pause"}
    return {
        "Pause": {"Type": "Wait", "Seconds": 30},
        "Asked": call(action, request),
        "Over": {"Type": "Choice", "Choices": [waits], "Default": "Go"},
        "Go": {"Type": "Pass", "End": True},
    }


def _automl(name: str) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/"}}
    return {
        "AutoMLJobName": name,
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": source}],
        "OutputDataConfig": {"S3OutputPath": "s3://${Bucket}/out/"},
        "AutoMLProblemTypeConfig": {"TabularJobConfig": {"TargetAttributeName": "y"}},
        "RoleArn": "${JobRole}",
    }


def _labeling(name: str) -> dict[str, Any]:
    function = "arn:aws:lambda:us-east-1:111122223333:function:f"
    return {
        "LabelingJobName": name,
        "LabelAttributeName": "label",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://${Bucket}/in/manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://${Bucket}/out/"},
        "RoleArn": "${JobRole}",
        "HumanTaskConfig": {
            "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/team",
            "UiConfig": {"UiTemplateS3Uri": "s3://${Bucket}/in/ui"},
            "PreHumanTaskLambdaArn": function,
            "TaskTitle": "t",
            "TaskDescription": "d",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 60,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": function},
        },
    }


@pytest.mark.parametrize(("name", "status"), [("auto", "Completed"), ("ends-failed", "Failed")])
def test_an_automl_job_ends(bench: Bench, name: str, status: str) -> None:
    polled = _polled("describeAutoMLJobV2", {"AutoMLJobName": name}, "AutoMLJobStatus", "InProgress")
    _, execution = bench.run(open_machine(Start=call("createAutoMLJobV2", _automl(name)), **polled))
    assert execution.status == "SUCCEEDED", execution.cause
    assert complete("DescribeAutoMLJobV2", execution.output["Asked"])["AutoMLJobStatus"] == status
    assert ("BestCandidate" in execution.output["Asked"]) == (status == "Completed")
    assert execution.simulated == [f"AutoML job {name} trains nothing"]
    (job,) = execution.jobs
    assert (job.kind, job.status) == ("AutoML", status)


@pytest.mark.parametrize(("name", "status"), [("line", "Succeeded"), ("ends-failed", "Failed")])
def test_a_pipeline_ends_and_says_so_in_an_event(bench: Bench, name: str, status: str) -> None:
    request = {"PipelineExecutionArn.$": "$.Start.PipelineExecutionArn"}
    polled = _polled("describePipelineExecution", request, "PipelineExecutionStatus", "Executing")
    states = {"Start": call("startPipelineExecution", {"PipelineName": name}), **polled}
    deployment, execution = bench.run(open_machine(**states))
    assert execution.status == "SUCCEEDED", execution.cause
    assert complete("DescribePipelineExecution", execution.output["Asked"])["PipelineExecutionStatus"] == status
    kind = "SageMaker Model Building Pipeline Execution Status Change"
    found = events(
        bench,
        deployment,
        lambda found: any(e["detail"].get("currentPipelineExecutionStatus") == status for e in found),
    )
    assert kind in {event["detail-type"] for event in found}


@pytest.mark.parametrize(
    ("start", "stop", "status"),
    [
        (call("createAutoMLJobV2", _automl("stops")), call("stopAutoMLJob", {"AutoMLJobName": "stops"}), "Stopped"),
        (
            call("startPipelineExecution", {"PipelineName": "stops"}),
            call("stopPipelineExecution", {"PipelineExecutionArn.$": "$.Start.PipelineExecutionArn"}),
            "Stopped",
        ),
    ],
)
def test_they_can_be_stopped(bench: Bench, start: dict[str, Any], stop: dict[str, Any], status: str) -> None:
    if "AutoML" in stop["Resource"]:
        asked = call("describeAutoMLJobV2", {"AutoMLJobName": "stops"})
    else:
        asked = call("describePipelineExecution", {"PipelineExecutionArn.$": "$.Start.PipelineExecutionArn"})
    _, execution = bench.run(open_machine(Start=start, Stop=stop, Asked=asked))
    assert execution.status == "SUCCEEDED", execution.cause
    assert status in {value for key, value in execution.output["Asked"].items() if key.endswith("Status")}


def test_a_labeling_job_ends(bench: Bench) -> None:
    describe = call("describeLabelingJob", {"LabelingJobName": "t-label"})
    workflow = open_machine(Label=task("Labeling", _labeling("t-label")), Asked=describe)
    _, execution = bench.run(workflow)
    assert execution.status == "SUCCEEDED", execution.cause
    assert complete("DescribeLabelingJob", execution.output["Label"])["LabelingJobStatus"] == "Completed"
    assert execution.output["Asked"]["LabelingJobOutput"]["OutputDatasetS3Uri"].endswith("output.manifest")
    assert execution.simulated == ["labeling job t-label: nobody labels anything"]


def test_a_labeling_job_that_the_run_was_told_to_fail(bench: Bench) -> None:
    _, execution = bench.run(open_machine(Label=task("Labeling", _labeling("ends-failed"))))
    assert execution.error == "States.TaskFailed"
    assert json.loads(execution.cause or "")["LabelingJobStatus"] == "Failed"


def test_jobs_are_described_and_stopped_through_the_sdk(bench: Bench) -> None:
    """Without .sync, the state machine asks for the job itself."""
    states = {
        "Start": task("Labeling", _labeling("t-long"), sync=False),
        "Stop": call("stopLabelingJob", {"LabelingJobName": "t-long"}),
        "Asked": call("describeLabelingJob", {"LabelingJobName": "t-long"}),
    }
    _, execution = bench.run(open_machine(**states))
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["Asked"]["LabelingJobStatus"] in {"Stopping", "Stopped"}
    assert until(lambda: execution.jobs[0].status == "Stopped")
