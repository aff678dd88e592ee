"""Jobs whose failures are told apart by what their cause begins with.

A job that fails is ``States.TaskFailed`` to Step Functions, whatever the reason: the kind of failure stands only in the
FailureReason of the description that is the error's cause (``"FailureReason":"CapacityError: …"``). Here the job is the
one branch of a Parallel, and its failure is failed again under that kind as its name, which Retry and Catch can tell.

Source: the FailureReason of the Describe calls; "Create and manage Amazon SageMaker AI jobs" of the Step Functions guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.polling import inner_name
from constructs_ml.asl.retry import CAUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

OF_STEP = ("Resource", "Parameters", "Arguments", "ResultSelector", "ResultPath", "Output", "Retry", "TimeoutSeconds")
"""The fields of a task that it keeps inside; the rest is the Parallel's."""
_KIND = f'/"FailureReason" ?: ?"({"|".join(CAUSES)}):/'


def told_apart(name: str, task: Mapping[str, Any]) -> dict[str, Any]:
    """A task as a Parallel that fails by the kind of the job's failure.

    Args:
        name: The name of the state.
        task: Its fields as a task.
    """
    jsonata = "Arguments" in task
    inside = {key: value for key, value in task.items() if key in OF_STEP or key.startswith("TimeoutSeconds")}
    start, failed = inner_name(name, "start"), inner_name(name, "failed")
    states = {
        start: {
            "Type": "Task",
            **({"QueryLanguage": "JSONata"} if jsonata else {}),
            **inside,
            "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": failed}],
            "End": True,
        },
        failed: {
            "Type": "Fail",
            "QueryLanguage": "JSONata",
            "Error": f"{{% ($kind := $match($states.input.Cause, {_KIND}); "
            "$exists($kind) ? $kind[0].groups[0] : $states.input.Error) %}",
            "Cause": "{% $exists($states.input.Cause) ? $states.input.Cause : '' %}",
        },
    }
    out = {"Output": "{% $states.result[0] %}"} if jsonata else {"OutputPath": "$[0]"}
    return {"Type": "Parallel", "Branches": [{"StartAt": start, "States": states}], **out}
