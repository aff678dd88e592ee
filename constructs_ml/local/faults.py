"""Why a job fails for the user's or the role's sake, and not for a fault of this library."""

from __future__ import annotations

from typing import Any


class JobError(Exception):
    """Ends a job with ``ClientError: <message>`` as its FailureReason."""


def denied(client_error: Any) -> str | None:  # noqa: ANN401 - botocore ships no types
    """The text of a refusal by IAM, or None if it is another error.

    Args:
        client_error: A ``botocore.exceptions.ClientError``.
    """
    error = client_error.response.get("Error", {})
    if error.get("Code") in {"AccessDenied", "AccessDeniedException", "403"}:
        return f"AccessDenied: {error.get('Message', '')}"
    return None
