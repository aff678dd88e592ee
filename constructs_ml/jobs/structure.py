"""Small steps from props to the structures of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.jobs.other_accounts import arn_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_kms as kms


def structure(members: Mapping[str, Any]) -> dict[str, Any] | None:
    """A structure without the members that are not set; None if none is."""
    return {name: value for name, value in members.items() if value is not None} or None


def items(values: Sequence[Any]) -> list[Any] | None:
    """A list; None if there is nothing in it."""
    return list(values) or None


def seconds(duration: Duration | str | None) -> Any:  # noqa: ANN401 - a number or a runtime value
    """A duration in seconds, or the runtime value that is passed for it."""
    return duration if duration is None or isinstance(duration, str) else duration.to_seconds(integral=False)


def key_arn(key: kms.IKey | None) -> str | None:
    """The ARN of a KMS key; asked once, since it is a call to jsii and most jobs of a stack share their keys."""
    if key is None:
        return None
    return arn_of(key, "key_arn")
