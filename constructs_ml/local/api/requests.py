"""Conversion of a task's parameters into SageMaker's request, and the checks that SageMaker makes."""

from __future__ import annotations

import uuid
from typing import Any

from constructs_ml.errors import Severity
from constructs_ml.sagemaker.model import input_shape
from constructs_ml.sagemaker.request import check_request

_ONCE = "ClientRequestToken"


def completed(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return a request with the idempotency tokens that the SDK adds."""
    shape = input_shape(operation)
    if _ONCE in shape.required and not request.get(_ONCE):
        return {**request, _ONCE: uuid.uuid4().hex}
    return request


def whole_numbers(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a request with floats such as 1.0, which JSONata yields, as integers, and without null members."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: whole_numbers(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [whole_numbers(item) for item in value]
    return value


def problems(operation: str, request: dict[str, Any]) -> str | None:
    """The faults of a request as one string, or None.

    Args:
        operation: As ``CreateProcessingJob``.
        request: The request, numbers as SageMaker wants them.
    """
    found = [finding for finding in check_request(operation, request) if finding.severity is Severity.ERROR]
    if not found:
        return None
    detected = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    return f"{detected} detected: {'; '.join(map(str, found))}"
