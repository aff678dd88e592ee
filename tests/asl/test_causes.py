"""A task whose failures are told apart, as states; tests/core/test_by_cause.py has it within jobs."""

from __future__ import annotations

from typing import Any

import jsonata
import pytest

from constructs_ml.asl.polling import classify_failures
from constructs_ml.asl.retry import CAUSES

JSONPATH = {
    "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
    "Parameters": {"TrainingJobName": "x"},
    "ResultSelector": {"Arn.$": "$.TrainingJobArn"},
    "ResultPath": "$.train",
    "Retry": [{"ErrorEquals": ["A"]}],
    "TimeoutSeconds": 60,
}
OUTSIDE = {"Comment": "why", "Catch": [{"ErrorEquals": ["B"], "Next": "Other"}], "Next": "After", "Assign": {"a": 1}}


def inside(name: str, task: dict[str, Any]) -> dict[str, Any]:
    """The states of the one branch."""
    (branch,) = classify_failures(name, task)["Branches"]
    states: dict[str, Any] = branch["States"]
    return states


def test_a_task_becomes_the_one_branch_of_a_parallel() -> None:
    """What it does stands inside, what follows it outside; the branch's output is the state's."""
    around = classify_failures("Train", {**JSONPATH, **OUTSIDE})
    (branch,) = around.pop("Branches")

    assert around == {"Type": "Parallel", "OutputPath": "$[0]"}
    assert branch["StartAt"] == "Train: start"
    assert list(branch["States"]) == ["Train: start", "Train: failed"]
    assert branch["States"]["Train: start"] == {
        "Type": "Task",
        **JSONPATH,
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Train: failed"}],
        "End": True,
    }


def test_a_task_in_jsonata_stays_in_jsonata() -> None:
    """Its output is that of the branch, which is the first item of the Parallel's result."""
    task = {"Resource": "arn", "Arguments": {"TrainingJobName": "x"}, "Output": "{% $states.result %}"}
    around = classify_failures("Train", {**task, **OUTSIDE})
    (branch,) = around.pop("Branches")

    assert around == {"Type": "Parallel", "Output": "{% $states.result[0] %}"}
    assert branch["States"]["Train: start"] == {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        **task,
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Train: failed"}],
        "End": True,
    }


@pytest.mark.parametrize("field", ["TimeoutSeconds", "TimeoutSecondsPath"])
def test_the_timeout_is_the_tasks(field: str) -> None:
    """A Parallel has none."""
    assert inside("Train", {"Parameters": {}, field: "$.t"})["Train: start"][field] == "$.t"


def test_the_failure_is_a_state_in_jsonata_whatever_the_tasks_language() -> None:
    """Only JSONata can take the kind out of a text."""
    failed = inside("Train", JSONPATH)["Train: failed"]

    assert failed.keys() == {"Type", "QueryLanguage", "Error", "Cause"}
    assert (failed["Type"], failed["QueryLanguage"]) == ("Fail", "JSONata")


@pytest.mark.parametrize(
    ("cause", "error"),
    [
        *((f'{{"FailureReason":"{kind}: no", "Status":"Failed"}}', kind) for kind in CAUSES),
        ('{"FailureReason" : "AlgorithmError: no"}', "AlgorithmError"),
        ('{"FailureReason": "AlgorithmErrors: no"}', "Odd"),
        ("AlgorithmError: no", "Odd"),
        (None, "Odd"),
    ],
)
def test_the_kind_is_what_the_reason_begins_with(cause: str | None, error: str) -> None:
    """Any other failure keeps its name, and its cause if it has one."""
    failed = inside("Train", JSONPATH)["Train: failed"]
    states = {"input": {"Error": "Odd"} if cause is None else {"Error": "Odd", "Cause": cause}}
    said = {key: jsonata.Jsonata(failed[key][2:-2]).evaluate(None, {"states": states}) for key in ("Error", "Cause")}

    assert said == {"Error": error, "Cause": cause or ""}
