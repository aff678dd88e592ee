"""Small definitions, written by hand: nothing here depends on the library's constructs."""

from __future__ import annotations

from typing import Any

ROLE = "arn:aws:iam::111122223333:role/jobs"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/job:1"


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """A definition of states that follow each other, but for those that say where they go."""
    return {"StartAt": next(iter(states)), "States": chained(states)}


def chained(states: dict[str, dict[str, Any]]) -> dict[str, Any]:
    names = list(states)
    out: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], None], strict=True):
        state = dict(states[name])
        leads = state["Type"] in {"Choice", "Succeed", "Fail"} or "Next" in state or "End" in state
        goes_on = {} if leads else {"Next": following} if following else {"End": True}
        out[name] = state | goes_on
    return out


def processing(prefix: str = "p", **fields: Any) -> dict[str, Any]:
    """A processing job that is waited for."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {
            "ProcessingJobName.$": f"States.Format('{prefix}-{{}}', States.UUID())",
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": IMAGE},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
            },
        },
        **fields,
    }


def call(action: str, **fields: Any) -> dict[str, Any]:
    """A Task that calls a service, without a request of its own."""
    return {"Type": "Task", "Resource": f"arn:aws:states:::{action}", **fields}


def given(result: Any, **fields: Any) -> dict[str, Any]:
    """A Pass that gives something."""
    return {"Type": "Pass", "Result": result, **fields}


def retrier(*errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), **fields}


def catcher(following: str, *errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), "Next": following, **fields}


FAIL = {"Type": "Fail", "Error": "Sorry", "Cause": "it failed"}
END = {"Type": "Succeed"}
