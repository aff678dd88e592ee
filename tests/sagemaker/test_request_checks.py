"""What check_request accepts, what it lets through unchecked, and how it says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_ml.asl import expressions
from constructs_ml.sagemaker.model import ModelError
from constructs_ml.sagemaker.request import Finding, FindingKind, Severity, check_request

REQUESTS = sorted((Path(__file__).parent / "requests").glob("*.json"))


def processing(**changes: Any) -> dict[str, Any]:
    """A processing request whose top-level members can be changed."""
    request: dict[str, Any] = {
        "ProcessingJobName": "job",
        "RoleArn": "arn:aws:iam::111122223333:role/Job",
        "AppSpecification": {"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/image:1"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
        },
    }
    return {**request, **changes}


def cluster(**changes: Any) -> dict[str, Any]:
    """A processing request whose cluster can be changed."""
    base = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    return processing(ProcessingResources={"ClusterConfig": {**base, **changes}})


def messages(request: Any) -> list[str]:
    return [str(finding) for finding in check_request("CreateProcessingJob", request)]


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_requests_of_the_data_science_sdk_pass(path: Path) -> None:
    content = json.loads(path.read_text())

    assert check_request(content["operation"], content["request"]) == []


def test_values_known_at_run_time_pass() -> None:
    path = expressions.Path("$.name")
    request = cluster(VolumeSizeInGB=path, InstanceType="{% $states.input.type %}", InstanceCount=None)
    request["ProcessingJobName"] = expressions.join("job-", path)
    request["AppSpecification"] = {"ImageUri": path, "ContainerArguments": ["--x", path]}
    request["Environment"] = {"STAGE": path, "RUN.$": "$.run"}
    request["Tags"] = path
    request["StoppingCondition.$"] = "$.stop"

    assert messages(request) == []


def test_a_runtime_member_counts_as_the_member() -> None:
    request = processing()
    del request["RoleArn"]

    assert messages({**request, "RoleArn.$": "$.role"}) == []
    assert messages({**processing(), "RolArn.$": "$.role"}) == [
        "RolArn is not a member of CreateProcessingJobRequest; did you mean RoleArn?",
    ]
    assert messages({**processing(), "RoleArn.$": "$.role"}) == [
        "RoleArn is given twice, as RoleArn and RoleArn.$; leave one out",
    ]
    assert messages({**request, "RoleArn.$": "a role"}) == [
        (
            "RoleArn must be a path or an intrinsic function under RoleArn.$, got 'a role'; "
            "write '$.member' or 'States.Format(...)', or drop the .$"
        ),
    ]


def test_a_none_is_left_out() -> None:
    assert messages(processing(Tags=None, Environment={"A": None})) == []
    assert messages(processing(RoleArn=None)) == ["RoleArn is required"]


def test_an_entry_that_is_none_does_not_count() -> None:
    """Neither does it fill a map that must have entries, nor one that is full."""
    entries = {f"K{at}": "v" for at in range(100)}
    assert messages(processing(Environment={**entries, "Last": None})) == []
    transformations = {"Aggregation": {"sales": None}}
    series = {"AutoMLProblemTypeConfig": {"TimeSeriesForecastingJobConfig": {"Transformations": transformations}}}
    (finding,) = check_request("CreateAutoMLJobV2", series, partial=True)
    assert str(finding).endswith("Transformations.Aggregation must have 1-50 entries, got 0; leave it out")


def test_a_partial_request_may_lack_members() -> None:
    assert check_request("CreateProcessingJob", {"ProcessingResources": {"ClusterConfig": {}}}, partial=True) == []
    assert (
        len(
            check_request(
                "CreateProcessingJob", {"ProcessingResources": {"ClusterConfig": {"Volume": 1}}}, partial=True
            )
        )
        == 1
    )


@pytest.mark.parametrize(
    ("instance_type", "severity", "message"),
    [
        (
            "m5.xlarge",
            Severity.ERROR,
            "must be an instance type ml.FAMILY.SIZE, got 'm5.xlarge'; did you mean 'ml.m5.xlarge'?",
        ),
        ("big", Severity.ERROR, "must be an instance type ml.FAMILY.SIZE, got 'big'; write it as 'ml.m5.xlarge'"),
        (
            "ml.m5.xlarg",
            Severity.WARNING,
            (
                "is not an instance type of this member in botocore's model, got 'ml.m5.xlarg'; "
                "update botocore if it is new, or did you mean 'ml.m5.xlarge'?"
            ),
        ),
    ],
)
def test_an_unknown_instance_type(instance_type: str, severity: Severity, message: str) -> None:
    findings = check_request("CreateProcessingJob", cluster(InstanceType=instance_type))

    member = "ProcessingResources.ClusterConfig.InstanceType"
    assert [str(finding) for finding in findings] == [f"{member} {message}"]
    assert findings[0].severity is severity


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"VolumeSizeInGB": 0}, "VolumeSizeInGB must be 1-16384, got 0; pass 1"),
        ({"VolumeSizeInGB": "30"}, "VolumeSizeInGB must be an integer, got str '30'; pass 30"),
        ({"VolumeSizeInGB": "x"}, "VolumeSizeInGB must be an integer, got str 'x'"),
        ({"VolumeSizeInGB": 30.0}, "VolumeSizeInGB must be an integer, got float 30.0; pass 30"),
        ({"VolumeSizeInGB": True}, "VolumeSizeInGB must be an integer, got bool True"),
        ({"VolumeSizeGB": 5}, "VolumeSizeGB is not a member of ProcessingClusterConfig; did you mean VolumeSizeInGB?"),
        ({"InstancePreferences": "x"}, "InstancePreferences must be a list, got str 'x'; pass ['x']"),
    ],
)
def test_messages_about_a_cluster(changes: dict[str, Any], message: str) -> None:
    assert messages(cluster(**changes)) == [f"ProcessingResources.ClusterConfig.{message}"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Tags": [{"Key": "a", "Value": 3}]}, "Tags[0].Value must be a string, got int 3; pass '3'"),
        ({"Tags": [{"Key": "a", "Value": True}]}, "Tags[0].Value must be a string, got bool True; pass 'true'"),
        ({"Tags": [{"Value": "b"}]}, "Tags[0].Key is required"),
        ({"ProcessingJobName": "a_b"}, ("ProcessingJobName must match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}, got 'a_b'; "
         "use letters, digits and single hyphens between them")),
        ({"ProcessingJobName": "a" * 64}, "ProcessingJobName must have 1-63 characters, got 64"),
        ({"ExperimentConfig": {"RunName": ""}}, "ExperimentConfig.RunName must have 1-120 characters, got 0; leave it out"),
        ({"NetworkConfig": {"EnableNetworkIsolation": "true"}},
         "NetworkConfig.EnableNetworkIsolation must be a boolean, got str 'true'; pass True"),
        ({"Environment": {"a b": "c"}}, "the key 'a b' of Environment must match [a-zA-Z_][a-zA-Z0-9_]*, got 'a b'"),
        ({"StoppingCondition": {}}, "StoppingCondition.MaxRuntimeInSeconds is required"),
        ({"AppSpecification": {"ImageUri": "x", "ContainerEntrypoint": []}},
         "AppSpecification.ContainerEntrypoint must have 1-100 items, got 0; leave it out"),
    ],
)  # fmt: skip
def test_messages(changes: dict[str, Any], message: str) -> None:
    assert messages(processing(**changes)) == [message]


def test_an_enum_names_its_values_and_the_near_one() -> None:
    source = {"S3Uri": "s3://b", "S3DataType": "S3Prefix", "S3InputMode": "pipe", "LocalPath": "/opt/ml/processing/a"}
    inputs = [{"InputName": "a", "S3Input": source}]

    assert messages(processing(ProcessingInputs=inputs)) == [
        "ProcessingInputs[0].S3Input.S3InputMode must be one of File, Pipe, got 'pipe'; did you mean 'Pipe'?",
    ]


def test_a_union_has_exactly_one_member() -> None:
    config = {
        "CustomFileSystemConfigs": [
            {"EFSFileSystemConfig": {"FileSystemId": "fs-12345678"}, "FSxLustreFileSystemConfig": None}
        ]
    }
    both = {"EFSFileSystem": {"FileSystemId": "fs-12345678"}, "FSxLustreFileSystem": {"FileSystemId": "fs-12345678"}}
    request = {"DomainId": "d-1", "SpaceName": "s", "SpaceSettings": {"CustomFileSystems": [both]}}

    assert check_request("CreateUserProfile", {"DomainId": "d-1", "UserProfileName": "u", "UserSettings": config}) == []
    assert [finding.rule for finding in check_request("CreateSpace", request)] == [FindingKind.UNION]
    request["SpaceSettings"] = {"CustomFileSystems": [{}]}
    assert [finding.rule for finding in check_request("CreateSpace", request)] == [FindingKind.UNION]
    assert check_request("CreateSpace", request, partial=True) == []


def test_all_faults_are_found_at_once() -> None:
    assert len(messages(cluster(VolumeSizeInGB=0, InstanceCount=101, InstanceType="x"))) == 3


def test_a_request_that_is_no_mapping() -> None:
    assert messages([]) == ["the request must be a mapping, got list []"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_is_finite(value: float) -> None:
    request = {"HyperParameterTuningJobConfig": {"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": value}}}

    (finding,) = check_request("CreateHyperParameterTuningJob", request, partial=True)

    assert finding.problem == f"must be a finite number, got {value!r}"


def test_an_unknown_operation_is_an_error() -> None:
    with pytest.raises(ModelError, match="no CreateProcesingJob; did you mean CreateProcessingJob"):
        check_request("CreateProcesingJob", {})


def test_a_finding_without_a_fix() -> None:
    assert str(Finding("A.B", "is required", "", FindingKind.REQUIRED)) == "A.B is required"
