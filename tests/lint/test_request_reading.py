"""How requests are read from states."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import Machine, check_definition
from constructs_ml.lint.examples import TRAINING, call, processing, training
from constructs_ml.sagemaker.task_requests import LATER, get, requests_of


def operations(*tasks: dict[str, Any], **fields: Any) -> list[str]:
    states = {f"S{at}": {"Type": "Task", "End": True, **task} for at, task in enumerate(tasks)}
    return [request.operation for request in requests_of(Machine({"StartAt": "S0", "States": states, **fields}))]


def test_requests_of_both_integrations_are_read() -> None:
    """The optimized one, and the SDK's."""
    tasks = [
        {"Resource": f"arn:aws-cn:states:::{name}", "Parameters": {}}
        for name in (
            "sagemaker:createModel",
            "aws-sdk:sagemaker:describeAutoMLJobV2",
            "sagemaker:createTrainingJob.sync",
        )
    ]
    assert operations(*tasks) == ["CreateModel", "DescribeAutoMLJobV2", "CreateTrainingJob"]


def test_what_cannot_be_read_is_left_out() -> None:
    """Other services, operations that are not there, payloads that are known only at run time."""
    tasks = [
        {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}},
        {"Resource": "arn:aws:states:::sagemaker:createTraningJob", "Parameters": {}},
        {"Resource": "arn:aws:states:::sagemaker:createModel"},
        {
            "Resource": "arn:aws:states:::sagemaker:createModel",
            "Arguments": "{% $states.input %}",
            "QueryLanguage": "JSONata",
        },
    ]
    assert operations(*tasks) == []


def test_a_request_in_jsonata_is_its_arguments() -> None:
    """``Parameters`` are another rule's then."""
    task = {"Resource": "arn:aws:states:::sagemaker:createModel", "Arguments": {}}
    assert operations(task, QueryLanguage="JSONata") == ["CreateModel"]
    assert operations(task) == []


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ({"A": {"B": 1}}, 1),
        ({"A": {"B": None}}, None),
        ({"A": {}}, None),
        ({}, None),
        ({"A.$": "$.a"}, LATER),
        ({"A": {"B.$": "$.b"}}, LATER),
        ({"A": "{% $a %}"}, LATER),
        ({"A": {"B": "{% $b %}"}}, LATER),
        ({"A": {"B": "${Token[B]}"}}, LATER),
        ({"A": {"B": "$.b"}}, LATER),
        ({"A": 3}, LATER),
        ({"A": {"B": "$5"}}, "$5"),
    ],
)
def test_a_member_is_known_later_or_not_there(body: dict[str, Any], value: Any) -> None:
    """Those are two things."""
    assert get(body, "A", "B") == value


@pytest.mark.parametrize("role", ["$.role", "$$.Execution.Input.role", "${Role}", "{% $role %}"])
def test_what_stands_for_another_value_is_not_judged(role: str) -> None:
    """A path without its ``.$`` is told by the rules about data flow."""
    assert [found for found in check_definition(training(RoleArn=role)) if found.rule.startswith("CML2")] == []


def test_a_misspelt_member_is_not_missing_too() -> None:
    """One mistake makes one violation."""
    found = check_definition(training(RoleArn=None, RolArn=TRAINING["RoleArn"]))
    assert [item.rule for item in found] == ["CML201"]


def test_booleans_are_written_as_json() -> None:
    """The fix is for a definition, not for Python."""
    found = check_definition(processing(NetworkConfig={"EnableNetworkIsolation": "True"}))
    assert [(item.rule, item.fix) for item in found] == [("CML203", "pass true")]


def test_a_key_of_a_map_is_told_in_words() -> None:
    """There is no path to it."""
    (found,) = check_definition(processing(Environment={"1ST": "x"}))
    assert found.member == "Parameters"
    assert found.problem.startswith("the key '1ST' of Environment must match")


@pytest.mark.parametrize(
    ("instance_type", "local"),
    [
        *((f"ml.{name}", True) for name in ("m5d.xlarge", "g4dn.xlarge", "p5en.48xlarge", "trn1.2xlarge")),
        *((f"ml.{name}", False) for name in ("m5.xlarge", "p3.2xlarge", "c5n.xlarge", "dedicated")),
    ],
)
def test_families_with_local_storage_take_no_volume_key(instance_type: str, local: bool) -> None:
    """They have no volume that it could encrypt."""
    cluster = {"InstanceCount": 1, "VolumeSizeInGB": 30, "InstanceType": instance_type, "VolumeKmsKeyId": "alias/jobs"}
    rules = [found.rule for found in check_definition(training(ResourceConfig=cluster))]
    assert ("CML213" in rules) is local


def test_every_definition_of_a_tuning_job_is_looked_at() -> None:
    """As a training job is."""
    spot = {name: value for name, value in TRAINING.items() if not name.startswith("TrainingJobName")}
    trials = [{**spot, "DefinitionName": "a"}, {**spot, "DefinitionName": "b", "EnableManagedSpotTraining": True}]
    request = {"HyperParameterTuningJobName.$": "$$.Execution.Name", "TrainingJobDefinitions": trials}
    found = check_definition(call("sagemaker:createHyperParameterTuningJob", request))
    assert "TrainingJobDefinitions[1].StoppingCondition.MaxWaitTimeInSeconds" in [
        item.member.removeprefix("Parameters.") for item in found if item.rule == "CML212"
    ]
