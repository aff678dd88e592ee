"""Faults of a job that are the user's or the role's, not this library's."""

from __future__ import annotations

from typing import Any


class JobError(Exception):
    """An error that ends a job with ``ClientError: <message>`` as its FailureReason."""

    cause = "ClientError"


class AlgorithmError(JobError):
    """An error that ends a job with ``AlgorithmError: <message>``, as a failure of its container does on AWS."""

    cause = "AlgorithmError"


def denied(client_error: Any) -> str | None:  # noqa: ANN401 - botocore ships no types
    """Return the message of a refusal by IAM; None for another error.

    Args:
        client_error: A ``botocore.exceptions.ClientError``.
    """
    error = client_error.response.get("Error", {})
    if error.get("Code") in {"AccessDenied", "AccessDeniedException", "403"}:
        return f"AccessDenied: {error.get('Message', '')}"
    return None
