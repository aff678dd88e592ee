"""Members that a request takes as they are given, and those of them that permissions are derived from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.core.members import Members

_GRANTED = re.compile(r"VpcConfig|\w*KmsKeyId|\w*S3(?:Uri|OutputPath|OutputLocation)|ModelDataUrl|ImageUri|\w*Image")
"""The members for which a role needs permissions: networks, keys, places in S3 and images."""


def override_faults(
    overrides: Mapping[str, Any], derived_from: Mapping[str, str], members: Members | None
) -> Iterator[Fault]:
    """The members from which permissions are derived: the permissions would be for something else.

    Args:
        overrides: What is overridden.
        derived_from: The props by which the role and the name are said, by their members.
        members: The props, by their members, if the role is made by the library, so that it would lack the permissions.
    """
    for member in overrides:
        prop = derived_from.get(member)
        if prop is not None:
            problem = f"cannot be in request_overrides, as permissions are derived from {prop}"
            yield Fault(member, problem, f"pass {prop}=")
    for member in () if members is None else _granted(overrides, ""):
        prop = "vpc" if "VpcConfig" in member else cast("Members", members).prop_of(member)
        fix = "pass role=, one that is allowed what it needs"
        if prop != member:
            prop = re.split(r"[.\[]", prop)[0]
            fix = f"pass {prop}=, or role=, one that is allowed what it needs"
        problem = "cannot be in request_overrides, as the role that is made for it would lack the permissions"
        yield Fault(member, problem, fix)


def _granted(request: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    """The members of a request for which a role needs permissions."""
    items = request.items() if isinstance(request, dict) else enumerate(request) if isinstance(request, list) else ()
    for name, item in items:
        here = f"{path}[{name}]" if isinstance(request, list) else f"{path}.{name}" if path else str(name)
        if item is not None and _GRANTED.fullmatch(str(name)):
            yield here
        else:
            yield from _granted(item, here)
