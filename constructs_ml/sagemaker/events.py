"""The events of SageMaker and Step Functions on EventBridge: their types, and the details of some.

Source: "Amazon SageMaker AI events" and "AWS Step Functions events" of the EventBridge events reference, as of 2026-11; "Events
that Amazon SageMaker AI sends to Amazon EventBridge" and "Monitor Labeling Job Status" of the SageMaker developer guide;
"Automating Step Functions event delivery with EventBridge".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.sagemaker.model import ModelError, output_shape, shape

if TYPE_CHECKING:
    from collections.abc import Mapping

DATED = "2026-11"
SAGEMAKER, STATES = "aws.sagemaker", "aws.states"
_WORKFLOW = "Step Functions Execution Status Change"
_CLOUDTRAIL = (
    "AWS API Call via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Insight via CloudTrail",
    "AWS Service Event via CloudTrail",
)
_STATE_CHANGES = (
    "Algorithm",
    "Endpoint",
    "Endpoint Config",
    "Endpoint Deployment",
    "Feature Group",
    "Ground Truth Labeling Job",
    "HyperParameter Tuning Job",
    "HyperPod Cluster",
    "Image",
    "Image Version",
    "Model",
    "Model Card",
    "Model Card Export Job",
    "Model Package",
    "Monitoring Schedule",
    "Notebook Instance",
    "Notebook Lifecycle Config",
    "Processing Job",
    "Training Job",
    "Transform Job",
)
_STATUS_CHANGES = (
    "A2I HumanLoop",
    "Evaluation Job",
    "Ground Truth Labeling Job Task",
    "Model Building Pipeline Execution",
    "Model Building Pipeline Execution Step",
)
_HUMANS = (
    "Loop Finished",
    "Loop Step Execution Finished",
    "Task Accepted",
    "Task Created",
    "Task Declined",
    "Task Expired",
    "Task Returned",
    "Task Submitted",
)
_TRACKING_SERVERS = (
    *(f"{verb}{end}" for verb in ("Creat", "Updat", "Delet") for end in ("ing", "ed", "e Failed")),
    *(f"{verb}{end}" for verb, end in (("Start", "ing"), ("Start", "ed"), ("Start", " Failed"))),
    *("Stopping", "Stopped", "Stop Failed"),
    *(f"Maintenance {end}" for end in ("In Progress", "Complete", "Failed")),
)
_MLFLOW = (
    "Creating ModelVersion",
    "Creating RegisteredModel",
    "Creating Run",
    "Setting Registered Model Alias",
    "Transitioning ModelVersion Stage",
)

DETAIL_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SAGEMAKER: (
            *(f"SageMaker {name} State Change" for name in _STATE_CHANGES),
            *(f"SageMaker {name} Status Change" for name in _STATUS_CHANGES),
            "SageMaker HyperPod Cluster Event",
            "SageMaker HyperPod Cluster Node Health Event",
            *(f"SageMaker Human {name}" for name in _HUMANS),
            *(f"SageMaker Tracking Server {name}" for name in _TRACKING_SERVERS),
            *(f"SageMaker MLFlow Tracking Server {name}" for name in _MLFLOW),
            *_CLOUDTRAIL,
        ),
        STATES: (_WORKFLOW, *_CLOUDTRAIL),
    }
)
"""The detail-types of each source."""


@dataclass(frozen=True, slots=True)
class Detail:
    """The detail of a type of event.

    Attributes:
        members: Its members; others may have been added since.
        statuses: The values of each member that is a status.
    """

    members: tuple[str, ...]
    statuses: Mapping[str, tuple[str, ...]]


_DESCRIBED = {
    "Endpoint": ("DescribeEndpoint", {"EndpointStatus": "EndpointStatus"}),
    "Feature Group": ("DescribeFeatureGroup", {"FeatureGroupStatus": "FeatureGroupStatus"}),
    "Ground Truth Labeling Job": ("", {"LabelingJobStatus": "LabelingJobStatus"}),
    "HyperParameter Tuning Job": (
        "DescribeHyperParameterTuningJob",
        {"HyperParameterTuningJobStatus": "HyperParameterTuningJobStatus"},
    ),
    "Model Package": (
        "DescribeModelPackage",
        {"ModelPackageStatus": "ModelPackageStatus", "ModelApprovalStatus": "ModelApprovalStatus"},
    ),
    "Processing Job": ("DescribeProcessingJob", {"ProcessingJobStatus": "ProcessingJobStatus"}),
    "Training Job": ("DescribeTrainingJob", {"TrainingJobStatus": "TrainingJobStatus"}),
    "Transform Job": ("DescribeTransformJob", {"TransformJobStatus": "TransformJobStatus"}),
}
_UPPER = {"Endpoint"}
"""Sources whose events write IN_SERVICE; the API's InService has been seen too."""
_PIPELINE = ("currentPipelineExecutionStatus", "previousPipelineExecutionStatus")
_STEP = ("currentStepStatus", "previousStepStatus")
_EXECUTION = """cause error executionArn input inputDetails mapRunArn name output outputDetails redriveCount redriveDate redriveStatus
redriveStatusReason startDate stateMachineAliasArn stateMachineArn stateMachineVersionArn status stopDate traceHeader"""
_EXECUTION_STATUSES = ("ABORTED", "FAILED", "PENDING_REDRIVE", "RUNNING", "SUCCEEDED", "TIMED_OUT")


@cache
def detail_of(detail_type: str) -> Detail | None:
    """Return the detail of a type of event; None if it is unknown."""
    if detail_type == _WORKFLOW:
        return Detail(tuple(_EXECUTION.split()), {"status": _EXECUTION_STATUSES})
    known = re.fullmatch(r"SageMaker (.*) State Change", detail_type)
    if known and known[1] in _DESCRIBED:
        return _described(known[1])
    for end, members, of in (
        ("Execution", _PIPELINE, "PipelineExecutionStatus"),
        ("Execution Step", _STEP, "StepStatus"),
    ):
        if detail_type == f"SageMaker Model Building Pipeline {end} Status Change":
            return Detail((), dict.fromkeys(members, _enum(of)))
    return None


def _described(name: str) -> Detail:
    operation, statuses = _DESCRIBED[name]
    try:
        members = (*output_shape(operation).members, "Tags") if operation else ()
    except ModelError:
        members = ()
    found = {member: _enum(of) for member, of in statuses.items()}
    if name in _UPPER:
        found = {member: (*values, *map(_upper, values)) for member, values in found.items()}
    return Detail(members, found)


def _enum(name: str) -> tuple[str, ...]:
    try:
        return shape(name).enum
    except ModelError:
        return ()


def _upper(status: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", status).upper()
