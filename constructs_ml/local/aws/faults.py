"""Faults of a job that are the user's or the role's, not this library's."""

from __future__ import annotations

from typing import Any


class JobError(Exception):
    """Ends a job with ``ClientError: <message>`` as its FailureReason."""

    cause = "ClientError"


class AlgorithmError(JobError):
    """Ends a job with ``AlgorithmError: <message>``, as its container's failure does on AWS."""

    cause = "AlgorithmError"


def denied(client_error: Any) -> str | None:  # noqa: ANN401 - botocore ships no types
    """The text of a refusal by IAM, or None if it is another error.

    Args:
        client_error: A ``botocore.exceptions.ClientError``.
    """
    error = client_error.response.get("Error", {})
    if error.get("Code") in {"AccessDenied", "AccessDeniedException", "403"}:
        return f"AccessDenied: {error.get('Message', '')}"
    return None
