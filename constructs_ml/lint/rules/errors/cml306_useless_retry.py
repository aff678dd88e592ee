"""CML306."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import ALL, TASK_FAILED, retriers
from constructs_ml.asl.integration import integration_of
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.error_names import JOBS, lasting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.handlers import Handler
    from constructs_ml.asl.machine import Machine

_TRAIN = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:Train", "End": True}


@rule(
    "CML306",
    title="A retried error is one that a retry can cure",
    reason="Errors of permissions, requests or input recur at each attempt: the execution waits, then fails all the "
    "same. States.ALL and States.TaskFailed also retry the errors of a job: each attempt of a failing script is paid "
    'for. Source: "Handling errors in Step Functions workflows".',
    bad={
        "StartAt": "Train",
        "States": {"Train": {**_TRAIN, "Retry": [{"ErrorEquals": ["States.Permissions"], "MaxAttempts": 3}]}},
    },
    good={
        "StartAt": "Train",
        "States": {
            "Train": {**_TRAIN, "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 3}]}
        },
    },
)
def useless_retry(machine: Machine) -> Iterator[Violation]:
    """Retriers of errors that recur."""
    for state in machine.states:
        cureless = lasting(state)
        for retrier in retriers(state):
            if retrier.retries:
                for name in dict.fromkeys(retrier.errors):
                    if name in cureless:
                        problem = f"retries {name}, which a retry does not cure: {cureless[name]}"
                        yield Violation(state.name, retrier.path(name), problem, "remove it")
                    elif name in {ALL, TASK_FAILED} and _waits_for_a_job(state):
                        yield _of_a_job(state, retrier, name)


def _waits_for_a_job(state: State) -> bool:
    call = integration_of(state)
    return call is not None and call.service == "sagemaker" and call.action in JOBS and call.waits


def _of_a_job(state: State, retrier: Handler, name: str) -> Violation:
    problem = f"retries {name}: a job with a faulty script or request is run and paid for again"
    fix = "name transient errors only: throttling, quotas"
    return Violation(state.name, retrier.path(name), problem, fix, Severity.WARNING)
