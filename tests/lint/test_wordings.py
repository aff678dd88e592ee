"""What findings say and advise is true of the definition that they are about."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import Severity, Violation, check_definition
from constructs_ml.lint.examples import call, training


def passing(**fields: Any) -> dict[str, Any]:
    """A definition of one Pass."""
    return {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", **fields, "End": True}}}


def told(found: list[Violation]) -> list[tuple[str, Severity | None, str]]:
    return [(item.rule, item.severity, item.message) for item in found]


@pytest.mark.parametrize(
    "result", [{"job.$": 5}, {"job.$": "churn"}, {"job.$": None}, [{"at": {"job.$": ["$.a"]}}], {".$": {}}]
)
def test_a_key_of_jsonpath_in_a_result_is_legal(result: Any) -> None:
    """A Result is a literal, whatever its keys end in."""
    assert told(check_definition(passing(Result=result))) == []


@pytest.mark.parametrize("text", ["$.job", "$$.Execution.Name", "States.UUID()"])
def test_one_that_is_likely_meant_as_a_path_is_a_warning(text: str) -> None:
    """The workflow runs, and later states are handed the text."""
    ((rule, severity, message),) = told(check_definition(passing(Result={"job.$": text})))
    assert (rule, severity) == ("CML106", Severity.WARNING)
    assert message.endswith("because a Result is a literal; write Parameters if it is meant as a path")


@pytest.mark.parametrize("member", ["RoleArn", "OutputDataConfig"])
def test_a_required_member_that_is_null_is_told_as_null(member: str) -> None:
    """Not as one that is missing: it is there."""
    body = training()
    body["States"]["Train"]["Parameters"][member] = None
    ((rule, severity, message),) = told(check_definition(body))
    assert (rule, severity) == ("CML202", Severity.ERROR)
    assert f"Train: Parameters.{member} is null, but required" in message


def test_so_is_one_inside_another() -> None:
    body = training(OutputDataConfig={"S3OutputPath": None})
    ((rule, _, message),) = told(check_definition(body))
    assert (rule, message) == ("CML202", "Train: Parameters.OutputDataConfig.S3OutputPath is null, but required")


def test_one_inside_a_list_is_told_with_its_place() -> None:
    body = training(InputDataConfig=[{"ChannelName": "a", "DataSource": None}])
    ((rule, _, message),) = told(check_definition(body))
    assert rule == "CML202"
    assert "InputDataConfig[0].DataSource is null, but required" in message


def test_one_that_is_lacking_is_told_as_before() -> None:
    ((_, _, message),) = told(check_definition(training(RoleArn=None)))
    assert message == "Train: Parameters.RoleArn is required"


def test_batch_does_not_wait_for_a_token() -> None:
    """Source: "Run AWS Batch workloads with Step Functions": it waits for the job, or not at all."""
    request = {"JobName": "a", "JobQueue": "q", "JobDefinition": "d", "Parameters": {"token.$": "$$.Task.Token"}}
    ((rule, severity, message),) = told(check_definition(call("batch:submitJob.waitForTaskToken", request)))
    assert (rule, severity) == ("CML014", Severity.ERROR)
    assert message.endswith("but batch:submitJob does not support that; write .sync to wait for the job")


@pytest.mark.parametrize("pattern", ["", ".sync"])
def test_batch_waits_for_the_job_or_not_at_all(pattern: str) -> None:
    request = {"JobName": "a", "JobQueue": "q", "JobDefinition": "d"}
    assert told(check_definition(call(f"batch:submitJob{pattern}", request))) == []
