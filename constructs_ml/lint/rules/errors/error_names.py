"""The names of errors.

Source: "Handling errors in Step Functions workflows" of the Step Functions developer guide; for SageMaker, the names that
execution histories show (:mod:`constructs_ml.asl.retry`).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.retry import QUOTA, THROTTLED, THROTTLED_SDK
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.definition import State


RESERVED = "States."
"""The prefix of Step Functions' own errors, and of no others."""

STATES = (
    "States.ALL",
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
)
_HTTP_STATUS = re.compile(r"States\.Http\.StatusCode\.\d{3}")

RAISED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "States.BranchFailed": ("Parallel",),
        "States.ExceedToleratedFailureThreshold": ("Map",),
        "States.ItemReaderFailed": ("Map",),
        "States.NoChoiceMatched": ("Choice",),
        "States.ResultWriterFailed": ("Map",),
    }
)
"""The types of states in which an error occurs."""

SAGEMAKER = (
    QUOTA,
    "SageMaker.ResourceInUseException",
    "SageMaker.ResourceNotFoundException",
    "SageMaker.ConflictException",
)
"""The names that both integrations of SageMaker have for the errors of the API's model."""
THROTTLED_BY_SDK: Mapping[bool, str] = MappingProxyType({False: THROTTLED, True: THROTTLED_SDK})
"""The name of all other errors of a call, including throttling, by whether the AWS SDK integration is used."""


def is_states_error(name: str) -> bool:
    """Return whether Step Functions has an error of its own of this name."""
    return name in STATES or _HTTP_STATUS.fullmatch(name) is not None


_ANYWHERE = {
    "States.DataLimitExceeded": "the data stays too large",
    "States.Runtime": "Step Functions never retries it",
}
_OF_TASKS = {
    "States.ParameterPathFailure": "the input stays the same",
    "States.Permissions": "the role lacks a permission",
    "States.ResultPathMatchFailure": "the input stays the same",
}
_OF_JOBS = {
    "SageMaker.AccessDeniedException": "the role lacks a permission",
    "SageMaker.ResourceInUse": "the name stays taken",
    "SageMaker.ResourceInUseException": "the name stays taken",
    "SageMaker.ValidationException": "the request stays the same",
}
JOBS = {kind.integration for kind in JobKind.ALL}
"""The actions that start a job."""


def lasting(state: State) -> Mapping[str, str]:
    """Return the errors that a retry of a state does not cure, with the reasons."""
    if state.type != "Task":
        return MappingProxyType(_ANYWHERE)
    call = integration_of(state)
    starts = call is not None and call.is_sagemaker and call.action in JOBS
    return MappingProxyType({**_ANYWHERE, **_OF_TASKS, **(_OF_JOBS if starts else {})})
