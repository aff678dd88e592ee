"""Errors that come back at each attempt."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.asl.integration import SDK, integration_of
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.definition import State

_ANYWHERE = {
    "States.DataLimitExceeded": "what is too large stays too large",
    "States.Runtime": "Step Functions never retries it",
}
_OF_TASKS = {
    "States.ParameterPathFailure": "the input stays the same",
    "States.Permissions": "the role lacks a permission",
    "States.ResultPathMatchFailure": "the input stays the same",
}
_OF_JOBS = {
    "SageMaker.AccessDeniedException": "the role lacks a permission",
    "SageMaker.ResourceInUse": "the name is taken for ever",
    "SageMaker.ResourceInUseException": "the name is taken for ever",
    "SageMaker.ValidationException": "the request stays the same",
}
JOBS = {kind.integration for kind in JobKind}
"""The actions that start a job."""


def lasting(state: State) -> Mapping[str, str]:
    """The errors that trying a state again does not cure, and why."""
    if state.type != "Task":
        return MappingProxyType(_ANYWHERE)
    call = integration_of(state)
    starts = call is not None and call.service.removeprefix(SDK) == "sagemaker" and call.action in JOBS
    return MappingProxyType({**_ANYWHERE, **_OF_TASKS, **(_OF_JOBS if starts else {})})
