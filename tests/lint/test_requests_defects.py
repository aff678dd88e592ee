"""Mistakes in the requests of a workflow that is right, each as a user might make it, are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.defects import violations

from constructs_ml.lint import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    Defect = Callable[[dict[str, Any]], object]

STATES = {"prepare": "Preprocess", "train": "Train", "tune": "Tune", "model": "Model", "score": "Score"}
RAW = "ProcessingInputs"
SECOND = {
    "S3Uri": "s3://census/more/",
    "S3DataType": "S3Prefix",
    "S3InputMode": "File",
    "LocalPath": "/opt/ml/processing/input/more",
}


def request(states: dict[str, Any], state: str) -> dict[str, Any]:
    """What a state sends, in either query language."""
    body = states[STATES[state]]
    found: dict[str, Any] = body["Arguments" if "Arguments" in body else "Parameters"]
    return found


def put(state: str, path: str, value: Any) -> Defect:
    """Puts a value at a place in a state's request."""

    def defect(states: dict[str, Any]) -> None:
        at: Any = request(states, state)
        *names, last = path.split(".")
        for name in names:
            at = at[int(name)] if isinstance(at, list) else at[name]
        at[last] = value

    return defect


def rename(state: str, path: str, name: str) -> Defect:
    """Gives a member of a state's request another name."""

    def defect(states: dict[str, Any]) -> None:
        at: Any = request(states, state)
        *names, last = path.split(".")
        for step in names:
            at = at[step]
        at[name] = at.pop(last)

    return defect


def drop(state: str, *path: str) -> Defect:
    """Takes a member out of a state's request."""

    def defect(states: dict[str, Any]) -> None:
        at: Any = request(states, state)
        for name in path[:-1]:
            at = at[int(name)] if isinstance(at, list) else at[name]
        assert at.pop(path[-1], at.pop(f"{path[-1]}.$", None)) is not None

    return defect


def both(*defects: Defect) -> Defect:
    """All of these, as one mistake."""

    def defect(states: dict[str, Any]) -> None:
        for each in defects:
            each(states)

    return defect


def second_input(**changes: str) -> Defect:
    """Adds an input beside ``raw``."""
    source = {**SECOND, **{name: value for name, value in changes.items() if name != "InputName"}}
    added = {"InputName": changes.get("InputName", "more"), "S3Input": source}
    return lambda states: request(states, "prepare")[RAW].append(added)


def same_channel(states: dict[str, Any]) -> None:
    """Gives the training job its channel twice."""
    channels = request(states, "train")["InputDataConfig"]
    channels.append(channels[0])


DEFECTS: dict[str, tuple[Defect, str, str, str]] = {
    "a member in the wrong case": (
        rename("train", "StoppingCondition.MaxRuntimeInSeconds", "MaxRuntimeInseconds"),
        "CML201",
        "Train",
        "StoppingCondition.MaxRuntimeInseconds",
    ),
    "a member of another API": (
        put("prepare", "HyperParameters", {"depth": "3"}),
        "CML201",
        "Preprocess",
        "HyperParameters",
    ),
    "instances outside their cluster": (
        rename("prepare", "ProcessingResources.ClusterConfig", "Cluster"),
        "CML201",
        "Preprocess",
        "ProcessingResources.Cluster",
    ),
    "no role": (drop("train", "RoleArn"), "CML202", "Train", "RoleArn"),
    "no output location": (drop("train", "OutputDataConfig", "S3OutputPath"), "CML202", "Train", "S3OutputPath"),
    "no instance count": (drop("score", "TransformResources", "InstanceCount"), "CML202", "Score", "InstanceCount"),
    "an epoch count that is a number": (put("train", "HyperParameters", {"epochs": 10}), "CML203", "Train", "epochs"),
    "an instance count that is a text": (
        put("train", "ResourceConfig.InstanceCount", "1"),
        "CML203",
        "Train",
        "ResourceConfig.InstanceCount",
    ),
    "a list of one that is no list": (
        put("prepare", "AppSpecification.ContainerEntrypoint", "python3"),
        "CML203",
        "Preprocess",
        "ContainerEntrypoint",
    ),
    "an input mode in small letters": (
        put("train", "AlgorithmSpecification.TrainingInputMode", "file"),
        "CML204",
        "Train",
        "TrainingInputMode",
    ),
    "an instance type of EC2": (
        put("prepare", "ProcessingResources.ClusterConfig.InstanceType", "m5.xlarge"),
        "CML204",
        "Preprocess",
        "ClusterConfig.InstanceType",
    ),
    "a strategy that there is not": (
        put("tune", "HyperParameterTuningJobConfig.Strategy", "Baysian"),
        "CML204",
        "Tune",
        "Strategy",
    ),
    "a channel name with a slash": (
        put("train", "InputDataConfig.0.ChannelName", "train/features"),
        "CML205",
        "Train",
        "InputDataConfig[0].ChannelName",
    ),
    "a place in S3 without its scheme": (
        put("score", "TransformInput.DataSource.S3DataSource.S3Uri", "census/parts/"),
        "CML205",
        "Score",
        "S3Uri",
    ),
    "a role's name for its ARN": (put("prepare", "RoleArn", "JobRole"), "CML205", "Preprocess", "RoleArn"),
    "a volume without size": (
        put("prepare", "ProcessingResources.ClusterConfig.VolumeSizeInGB", 0),
        "CML206",
        "Preprocess",
        "VolumeSizeInGB",
    ),
    "a run time of two years": (
        put("prepare", "StoppingCondition", {"MaxRuntimeInSeconds": 63_072_000}),
        "CML206",
        "Preprocess",
        "MaxRuntimeInSeconds",
    ),
    "a password in the environment": (
        put("prepare", "Environment", {"DB_PASSWORD": "hunter2"}),
        "CML208",
        "Preprocess",
        "Environment.DB_PASSWORD",
    ),
    "an access key among hyperparameters": (
        put("train", "HyperParameters", {"key": "AKIAIOSFODNN7EXAMPLE"}),
        "CML208",
        "Train",
        "HyperParameters.key",
    ),
    "a secret key in the environment": (
        put(
            "model",
            "PrimaryContainer.Environment",
            {"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        ),
        "CML208",
        "Model",
        "AWS_SECRET_ACCESS_KEY",
    ),
    "an input elsewhere in the container": (
        put("prepare", f"{RAW}.0.S3Input.LocalPath", "/opt/ml/input/raw"),
        "CML209",
        "Preprocess",
        "LocalPath",
    ),
    "an output elsewhere in the container": (
        put("prepare", "ProcessingOutputConfig.Outputs.1.S3Output.LocalPath", "/tmp/test"),  # noqa: S108
        "CML209",
        "Preprocess",
        "Outputs[1].S3Output.LocalPath",
    ),
    "two outputs of one name": (
        put("prepare", "ProcessingOutputConfig.Outputs.1.OutputName", "train"),
        "CML210",
        "Preprocess",
        "Outputs[1].OutputName",
    ),
    "an input with an output's name": (second_input(InputName="train"), "CML210", "Preprocess", "OutputName"),
    "two inputs at one place": (
        second_input(LocalPath="/opt/ml/processing/input/raw/"),
        "CML211",
        "Preprocess",
        "ProcessingInputs[1].S3Input.LocalPath",
    ),
    "spot without a time to wait": (put("train", "EnableManagedSpotTraining", True), "CML212", "Train", "MaxWaitTime"),
    "spot that waits for less than it runs": (
        both(
            put("train", "EnableManagedSpotTraining", True),
            put("train", "StoppingCondition.MaxWaitTimeInSeconds", 3600),
        ),
        "CML212",
        "Train",
        "MaxWaitTimeInSeconds",
    ),
    "a time to wait without spot": (
        put("tune", "TrainingJobDefinition.StoppingCondition.MaxWaitTimeInSeconds", 90_000),
        "CML212",
        "Tune",
        "TrainingJobDefinition.StoppingCondition.MaxWaitTimeInSeconds",
    ),
    "a key for local storage": (
        both(
            put("train", "ResourceConfig.InstanceType", "ml.g5.xlarge"),
            put("train", "ResourceConfig.VolumeKmsKeyId", "alias/jobs"),
        ),
        "CML213",
        "Train",
        "ResourceConfig.VolumeKmsKeyId",
    ),
    "files that are to be unpacked": (
        put("prepare", f"{RAW}.0.S3Input.S3CompressionType", "Gzip"),
        "CML214",
        "Preprocess",
        "S3CompressionType",
    ),
    "an algorithm beside an image": (
        put("tune", "TrainingJobDefinition.AlgorithmSpecification.AlgorithmName", "mine"),
        "CML216",
        "Tune",
        "AlgorithmSpecification",
    ),
    "payloads that are too great together": (
        both(put("score", "MaxPayloadInMB", 60), put("score", "MaxConcurrentTransforms", 2)),
        "CML217",
        "Score",
        "MaxPayloadInMB",
    ),
    "an image of Docker Hub": (
        put("train", "AlgorithmSpecification.TrainingImage", "python:3.11"),
        "CML237",
        "Train",
        "AlgorithmSpecification.TrainingImage",
    ),
    "code that is fetched without a network": (
        both(
            put("train", "EnableNetworkIsolation", True),
            put("train", "HyperParameters", {"sagemaker_submit_directory": '"s3://churn/code.tar.gz"'}),
        ),
        "CML238",
        "Train",
        "HyperParameters.sagemaker_submit_directory",
    ),
    "a channel twice": (same_channel, "CML220", "Train", "InputDataConfig[1].ChannelName"),
    "an input without a place": (
        drop("prepare", RAW, "0", "S3Input", "LocalPath"),
        "CML221",
        "Preprocess",
        "LocalPath",
    ),
    "a tag twice": (
        put("train", "Tags", [{"Key": "team", "Value": "risk"}, {"Key": "team", "Value": "fraud"}]),
        "CML222",
        "Train",
        "Tags[1].Key",
    ),
}


@pytest.mark.parametrize("jsonata", [False, True], ids=["JSONPath", "JSONata"])
@pytest.mark.parametrize(("defect", "rule", "state", "member"), DEFECTS.values(), ids=DEFECTS)
def test_a_wrong_request_is_refused(defect: Defect, rule: str, state: str, member: str, *, jsonata: bool) -> None:
    """One violation, of this rule, that names the state and the member."""
    (found,) = violations(defect, jsonata=jsonata)
    assert (found.rule, found.severity, found.state) == (rule, Severity.ERROR, state)
    assert member in found.member


def test_an_instance_type_that_may_be_new_is_a_warning() -> None:
    """The model that botocore has may be older than the service."""
    (found,) = violations(put("train", "ResourceConfig.InstanceType", "ml.m9.xlarge"))
    assert (found.rule, found.severity) == ("CML204", Severity.WARNING)


def test_a_message_does_not_repeat_a_secret() -> None:
    """It would be in the logs of the synthesis then."""
    (found,) = violations(put("prepare", "Environment", {"DB_PASSWORD": "hunter2"}))
    assert "hunter2" not in str(found)
