"""Small steps from props to the structures of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from aws_cdk import Duration, IResolvable, Size, SizeRoundingBehavior

from constructs_ml.asl.dynamic import is_dynamic, is_whole
from constructs_ml.core.other_accounts import arn_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_ml.core.cdk_types import AnyKey
    from constructs_ml.errors import Faults


Whole: TypeAlias = IResolvable | str
"""``JsonPath.object_at("$.x")``, ``execution_input("x")`` or ``"{% $states.input.x %}"`` for a whole mapping or list."""


def structure(members: Mapping[str, Any]) -> dict[str, Any] | None:
    """A structure without the members that are not set; None if none is."""
    return {name: value for name, value in members.items() if value is not None} or None


def items(values: Sequence[Any]) -> list[Any] | None:
    """A list; None if there is nothing in it."""
    return list(values) or None


def items_or_whole(values: Sequence[Any] | Whole) -> Any:  # noqa: ANN401 - a list, or what stands for one
    """Return the items of a list, or what stands for all of the list at run time."""
    return values if is_whole(values) else items(cast("Sequence[Any]", values))


def seconds(duration: Duration | str | None) -> Any:  # noqa: ANN401 - a number or a runtime value
    """A duration in seconds, or the runtime value that is passed for it."""
    return duration.to_seconds(integral=False) if isinstance(duration, Duration) else duration


def known_seconds(duration: Duration | str, member: str, faults: Faults, *, instead: float) -> float:
    """A duration in seconds that waits are worked out from; if it is known only later, that is noted.

    Args:
        duration: The duration.
        member: The prop that it is passed for.
        faults: Collects its faults.
        instead: The value to use where it is not known.
    """
    found: Any = seconds(duration)
    if not is_dynamic(found) and not isinstance(found, str):
        return float(found)
    problem = (
        "must be known before the workflow runs, as the waits are worked out from it, "
        "got a value that is known only later"
    )
    faults.add(member, problem, "pass Duration.hours(1)")
    return instead


def gibibytes(size: Size | str | None) -> Any:  # noqa: ANN401 - a number or a runtime value
    """A size in GiB, or the runtime value that is passed for it."""
    return size.to_gibibytes(rounding=SizeRoundingBehavior.NONE) if isinstance(size, Size) else size


def mebibytes(size: Size | str | None) -> Any:  # noqa: ANN401 - a number or a runtime value
    """A size in MiB, or the runtime value that is passed for it."""
    return size.to_mebibytes(rounding=SizeRoundingBehavior.NONE) if isinstance(size, Size) else size


def key_arn(key: AnyKey | None) -> str | None:
    """The ARN of a KMS key; asked once, since it is a call to jsii and most jobs of a stack share their keys."""
    if key is None:
        return None
    return arn_of(_behind_alias(key), "key_arn")


def _behind_alias(key: Any) -> Any:  # noqa: ANN401 - kms.IKey
    """The key that an alias of the app's own stands for: policies allow keys."""
    from aws_cdk import aws_kms as kms

    return key.alias_target_key if isinstance(key, kms.Alias) else key


def with_overrides(request: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A request with members replaced, structure by structure."""
    out = dict(request)
    for key, value in overrides.items():
        own = out.get(key)
        out[key] = with_overrides(own, value) if isinstance(own, Mapping) and isinstance(value, Mapping) else value
    return out
